"""Every code block of the guides does what the page says it does.

A block ```console holds `$ command` lines, each with the output it gives on stdout and stderr
together. `…` stands for the rest of a line, a line `…` for any number of lines, and `# exit 10`
after a command for its exit code, 0 if nothing is said. A block with a title is a file. The
blocks of a page run in their order in one folder of its own.
"""

import contextlib
import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from docs.pages import Block, blocks, guides, name
from shipcall.contract.contract import Contract
from shipcall.main import run
from shipcall.world.truth import World

PAGES = guides()
RUNNABLE = [page for page in PAGES if any(block.language == "console" for block in blocks(page))]


class Step(NamedTuple):
    """One command of a page and what has to come of it."""

    command: str
    code: int
    expected: str


class Outcome(NamedTuple):
    """What came of a command."""

    code: int
    text: str


def steps(block: Block) -> Iterator[Step]:
    for part in re.split(r"(?m)^\$ ", block.text)[1:]:
        line, _, expected = part.partition("\n")
        said = re.search(r"\s+# exit (\d+)$", line)
        yield Step(line[: said.start()] if said else line, int(said[1]) if said else 0, expected)


def pattern(expected: str) -> str:
    """The expected output as a regular expression: `…` is the rest of a line, or lines."""
    lines = expected.rstrip("\n").split("\n") if expected.strip() else []
    parts = [
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", r".*") + r"\n"
        for line in (line.rstrip() for line in lines)
    ]
    return "".join(parts)


PREPARING = {
    *("bank", "begin", "cards", "diagnostic", "form", "frameworks", "grader", "interviews"),
    *("lesson", "loop", "negotiation", "plan", "portfolio", "prepare", "question", "rubrics"),
    *("simulation", "stories", "today", "tracker", "words"),
}
"""Commands of practice in which no game goes on."""


def process(arguments: list[str]) -> Outcome:
    """A process of its own, for scripts and for a game that lasts as long as its process."""
    made = subprocess.run(
        [sys.executable, "-X", "utf8", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return Outcome(made.returncode, made.stdout)


def outcome(command: str) -> Outcome:
    program, *arguments = shlex.split(command)
    if program == "python":
        return process(arguments)
    assert program == "shipcall", f"a page may call shipcall and python, not {program!r}"
    if arguments[0] == "practice" and arguments[1:2] and arguments[1] not in PREPARING:
        return process(["-m", "shipcall", *arguments])
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        code = run(arguments)
    stream.seek(0)
    return Outcome(code, stream.read())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "page"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "key"))
    monkeypatch.setenv("SHIPCALL_BY", "mara")
    monkeypatch.setenv("NO_COLOR", "1")
    return place


def play(page: Path, folder: Path) -> int:
    """Write the files and run the commands of a page; say how many commands there were."""
    count = 0
    for block in blocks(page):
        if block.title:
            target = folder / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        if block.language != "console":
            continue
        for step in steps(block):
            came = outcome(step.command)
            text = "".join(f"{line.rstrip()}\n" for line in came.text.splitlines())
            shown = f"{name(page)}: $ {step.command}\n{text}"
            if came.code != step.code:
                pytest.fail(f"exit {came.code}, not {step.code}: {shown}", pytrace=False)
            if not re.fullmatch(pattern(step.expected) + r"\n*", text):
                pytest.fail(f"{shown}\nthe page shows:\n{step.expected}", pytrace=False)
            count += 1
    return count


@pytest.mark.parametrize("page", RUNNABLE, ids=name)
def test_every_command_of_a_page_prints_what_the_page_shows(page: Path, folder: Path) -> None:
    assert play(page, folder) > 0


def test_the_guides_that_promise_a_walk_have_commands() -> None:
    walked = {page.name for page in RUNNABLE}
    promised = {"README.md", "first-gate.md", "evidence.md", "slices.md", "ledger.md"}
    assert promised | {"practice.md", "diff.md", "ci.md"} <= walked


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_toml_block_is_toml_and_uses_sections_of_its_kind(page: Path) -> None:
    for block in blocks(page):
        if block.language == "toml":
            said = set(tomllib.loads(block.text))
            kind = World if "shipcall_world" in said else Contract
            assert said <= set(kind.model_fields), f"{name(page)}: {block.text}"


@pytest.mark.parametrize(
    ("expected", "text", "fits"),
    [
        ("a …\n", "a b c\n", True),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("a.b\n", "axb\n", False),
        ("a\n", "a\nb\n", False),
        ("", "a\n", False),
    ],
)
def test_an_ellipsis_stands_for_what_it_says(expected: str, text: str, *, fits: bool) -> None:
    assert bool(re.fullmatch(pattern(expected) + r"\n*", text)) is fits
