"""Whatever a user can meet stands in the docs, and what stands in the docs is there."""

import ast
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import click
import pytest

from docs.pages import DOCS, ROOT, every_page, guides, name, prose
from shipcall.cli.main import shipcall
from shipcall.contract.faults import TITLES
from shipcall.contract.meanings import MEANINGS
from shipcall.contract.sanity import FACTS
from shipcall.core import Reason, Rule
from shipcall.data.faults import Trouble
from shipcall.formats import FORMATS
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS
from shipcall.report.certificate import certificate_page

PAGES = every_page()
SRC = "src/shipcall"
LINTS = sorted(set(re.findall(r"W\d{3}", (ROOT / "src/shipcall/contract/lint.py").read_text())))

PROSE: Mapping[str, str] = {
    "old": "shipcall diff takes an old and a new file; examples tell of old models",
    "new": "the command shipcall new, and the everyday word",
    "policy": "off-policy metrics are called so by everybody",
    "test": "the project's tests, and statistical tests as their papers name them",
    "score": "the format scores, a classifier's score, score intervals, the score in practice",
    "threshold": "an option of metrics, and what classifiers have",
    "confidence": "what a classifier states of its own output",
    "sample": "a small sample, in statistics",
    "record": "decision records",
    "result": "a file of results, as others write it",
    "none": "the English word",
    "missing": "rows that are not there; the contract's max_missing",
    "status": "a column of scores",
    "decision": "decision records, step-down decisions, decisions a model takes",
}
"""Words the glossary leaves to others, and why they are right where our prose has them."""

IDENTIFIERS: Mapping[str, str] = {
    "old": "the argument of shipcall diff, and the earlier of two contracts",
    "new": "the same, and the command shipcall new",
    "spec": "a section as the contract writes it, before plan makes a check of it",
    "score": "the format scores, score intervals, and the score in practice",
    "threshold": "key of the contract",
    "limit": "a count that is not exceeded, and the ends of a range; no bar of a check",
    "alpha": "key of the contract",
    "confidence": "what a classifier states of its own output",
    "sample": "the small table from which inference starts, as design/0001 names it",
    "record": "the verb of the pipeline: plan, examine, decide, record",
    "result": "what a loop has gathered",
    "missing": "key of the contract, and what a verdict says is missing",
    "status": "column of the format scores",
    "decision": "key of the contract, step-down decisions, and decisions in practice",
    "peek": "a parser looks at the next character",
    "significant": "significant digits of a number",
}
"""The same for names in the code."""


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for title, command in group.commands.items():
        yield " ".join(("shipcall", *path, title)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, title))


COMMANDS = dict(commands(shipcall))


def test_the_reference_pages_are_as_the_code_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert load(ROOT / "scripts" / "docs.py").main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_in_the_reference(command: str) -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert f"`{command}`\n" in text
    section = text.split(f"`{command}`\n", 1)[1].split("\n#", 1)[0]
    for parameter in COMMANDS[command].params:
        if isinstance(parameter, click.Option):
            assert all(option in section for option in parameter.opts)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown_in_a_guide(command: str) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in guides())
    assert command in text


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("metrics.md", [*METRICS, *KINDS]),
        ("words.md", [*FORMATS, *(c.name for form in FORMATS.values() for c in form.columns)]),
        ("words.md", [reason.code for reason in Reason]),
        ("words.md", [rule.name for rule in Rule]),
        ("faults.md", [*TITLES, *(trouble.value[0] for trouble in Trouble), *LINTS]),
        ("guides/evidence.md", [fact.name for fact in FACTS]),
    ],
    ids=["metrics", "formats", "reasons", "rules", "codes", "sanity"],
)
def test_every_word_of_a_table_is_on_its_page(page: str, words: list[str]) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert words
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_lint_has_its_title_its_why_and_its_fix() -> None:
    text = (DOCS / "faults.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `W")]
    assert len(rows) == len(LINTS)
    assert all(len(row) == 4 and all(cell.strip(" |…") for cell in row) for row in rows)


@pytest.mark.parametrize("section", sorted(MEANINGS["Contract"].keys() - {"shipcall"}))
def test_every_section_of_a_contract_is_in_the_guide(section: str) -> None:
    text = (DOCS / "guides" / "contract.md").read_text(encoding="utf-8")
    assert f"[{section}]" in text


def test_every_wish_is_on_the_mission_page() -> None:
    text = (DOCS / "mission.md").read_text(encoding="utf-8")
    wishes = [f"W{n}" for n in range(1, 96)] + [f"P{n}" for n in range(1, 116)]
    assert [wish for wish in wishes if not re.search(rf"^\| {wish} \|", text, re.MULTILINE)] == []


def test_every_module_and_test_that_the_mission_page_names_is_there() -> None:
    text = (DOCS / "mission.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+(?:/[a-z_-]+)+(?:\.py)?)`", text)
    assert len(named) > 20
    assert [n for n in named if not any((ROOT / top / n).exists() for top in ("", SRC))] == []


def test_every_decision_record_is_in_the_index() -> None:
    text = (ROOT / "design" / "README.md").read_text(encoding="utf-8")
    records = {path for path in (ROOT / "design").glob("*.md") if path.name != "README.md"}
    assert records
    for path in records:
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        number, _, said = title.partition(" ")
        assert f"[{number}]({path.name}) {said}" in text


def test_every_page_is_in_the_index() -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.glob("**/*.md")]
    assert [page for page in pages if f"({page})" not in text] == ["index.md"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{name(page)} links to {target}"
        assert not anchor or anchor in anchors(there), f"{name(page)} links to {target}"


def anchors(page: Path) -> set[str]:
    """Headings as links write them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_names_a_place_on_one_machine(page: Path) -> None:
    script = load(ROOT / "scripts" / "no_machine_paths.py")
    text = page.read_text(encoding="utf-8")
    assert not script.PATHS.search(text)
    assert not script.SERVERS.search(text)
    assert not re.search(r"(?<![\w.])/(?:tmp|Users|private|var)/", text)


@pytest.mark.parametrize("page", guides(), ids=name)
def test_prose_has_one_sentence_per_line_and_no_word_that_belittles(page: Path) -> None:
    text = prose(page)
    assert re.findall(r"(?i)\b(?:simply|just|obviously)\b", text) == []
    for line in text.splitlines():
        plain = line.strip()
        if plain.startswith(("|", "#", "*", "!", "[", "<")) or re.match(r"\d+\. ", plain):
            continue
        inner = re.sub(r"\([^)]*\)|\[[^]]*\]", "", plain)
        assert not re.search(r"[a-z\]]{3}[.?!] [A-Z]", inner), f"two sentences: {plain}"


def test_the_certificate_and_its_json_are_one() -> None:
    form = json.loads((DOCS / "certificate.json").read_text(encoding="utf-8"))
    assert certificate_page(form) == (DOCS / "certificate.md").read_text(encoding="utf-8")


def test_the_picture_of_the_readme_is_small() -> None:
    picture = DOCS / "img" / "report.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 150_000


def forbidden() -> dict[str, str]:
    """Word that the glossary leaves to others -> the word we use."""
    found: dict[str, str] = {}
    for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] not in ("word", "---"):
            found |= {word.strip(): cells[0] for word in cells[2].split(",") if word.strip()}
    return found


GLOSSARY = forbidden()


def words_of(page: Path) -> Iterator[tuple[str, str]]:
    """Words on a page that the glossary leaves to others, with those we use."""
    text = re.sub(r"\]\([^)]*\)", "]", prose(page))
    for word, ours in GLOSSARY.items():
        if re.search(rf"(?i)\b{re.escape(word)}s?\b", text):
            yield word.lower(), ours


def words_in(path: Path) -> Iterator[tuple[str, str]]:
    """Words in the names of a module that the glossary leaves to others, with the name."""
    words = {word.lower().replace(" ", "_") for word in GLOSSARY}
    for identifier in identifiers(path):
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", identifier).lower()
        parts = {part.removesuffix("s") for part in snake.split("_")} | {snake}
        for word in sorted(parts & words):
            yield word, identifier


def identifiers(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


SPOKEN = [page for page in PAGES if page.name != "glossary.md"]
MODULES = sorted((ROOT / "src").glob("**/*.py"))


def test_the_glossary_leaves_words_to_others() -> None:
    assert {"control", "treatment", "segment", "status", "significant"} <= GLOSSARY.keys()


@pytest.mark.parametrize("page", SPOKEN, ids=name)
def test_prose_uses_the_words_of_the_glossary(page: Path) -> None:
    assert [(word, ours) for word, ours in words_of(page) if word not in PROSE] == []


def test_identifiers_use_the_words_of_the_glossary() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {identifier}"
        for path in MODULES
        for word, identifier in words_in(path)
        if word not in IDENTIFIERS
    }
    assert sorted(found) == []


def test_no_exception_stands_longer_than_it_is_needed() -> None:
    spoken = {word for page in SPOKEN for word, _ in words_of(page)}
    named = {word for path in MODULES for word, _ in words_in(path)}
    assert sorted(PROSE.keys() - spoken) == []
    assert sorted(IDENTIFIERS.keys() - named) == []
