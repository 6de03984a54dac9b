"""Write the reference pages from the code, or say with --check which of them are stale."""

import ast
import inspect
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from shipcall.contract import lint as lint_module
from shipcall.contract.contract import Contract
from shipcall.contract.faults import TITLES
from shipcall.contract.lint import lint
from shipcall.contract.parse import parse_contract
from shipcall.contract.rollout import ONLINE
from shipcall.contract.schema import json_schema
from shipcall.core import Reason, Rule
from shipcall.data.faults import Trouble
from shipcall.formats import FORMATS
from shipcall.main import shipcall
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS
from shipcall.preparation.lesson import lesson_slugs, load_lesson
from shipcall.preparation.question import questions
from shipcall.stages._online import MEASURABLE
from shipcall.world import truth
from shipcall.world.faults.catalogue import FAULTS, MEASURES
from shipcall.world.faults.traps import TRAPS
from shipcall.world.read import TITLES as WORLD_TITLES
from shipcall.world.truth import World

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by scripts/docs from the code. Change the code, not this page. -->\n"
WISHES = {"W": 95, "P": 115}
_STAGE_OF = {
    "predictions": "gate",
    "scores": "gate",
    "rankings": "gate",
    "preferences": "gate",
    "shadow_pairs": "shadow",
    "outcomes": "rollout",
    "activity": "cohort",
}
"""Format -> the stage that reads metrics in it."""


def cli_page() -> str:
    """Help of every command, as it prints."""
    return "\n".join((NOTE, "# Command line\n", *_helps(shipcall, "shipcall")))


def _helps(command: click.Command, name: str) -> Iterator[str]:
    """Help of a command, and of all below it."""
    yield _help(command, name)
    if isinstance(command, click.Group):
        for below, sub in sorted(command.commands.items()):
            yield from _helps(sub, f"{name} {below}")


def _help(command: click.Command, name: str) -> str:
    context = click.Context(
        command,
        info_name=name,
        max_content_width=96,
        terminal_width=96,
        help_option_names=["-h", "--help"],
    )
    level = "##" if name.count(" ") < 2 else "###"
    return f"{level} `{name}`\n\n```text\n{command.get_help(context)}\n```\n"


def metrics_page() -> str:
    """Every kind of metric: what can be measured, and what can only be written down so far."""
    lines = [NOTE, "# Metrics\n"]
    lines.append("Kinds that this version measures, each at the stages that are named with it.\n")
    for kind, metric in METRICS.items():
        bounds = (
            "unbounded" if metric.range is None else f"{metric.range[0]:g} to {metric.range[1]:g}"
        )
        lines += [
            f"## {metric.title} (`{kind}`)\n",
            metric.doc + "\n",
            f"- Measured at: {', '.join(_stages(kind))}",
            f"- Reads: {', '.join(f'`{name}`' for name in _tables(kind))}",
            f"- Better: {_direction(kind)}",
            f"- A row lies: {bounds}{' (' + metric.unit + ')' if metric.unit else ''}",
            f"- Options: {', '.join(f'`{name}`' for name in metric.options) or 'none'}"
            + (
                f"; required: {', '.join(f'`{n}`' for n in metric.required)}"
                if metric.required
                else ""
            ),
            f"- Statistic: {metric.statistic.value}, one line per {metric.granularity.value}\n",
        ]
    return "\n".join(lines)


def _tables(kind: str) -> list[str]:
    """Formats in which a kind is found, that of the rollout last."""
    return [*METRICS[kind].formats, *(ONLINE if kind in MEASURABLE else ())]


def _stages(kind: str) -> list[str]:
    """Stages at which a kind can be measured."""
    return list(dict.fromkeys(_STAGE_OF[name] for name in _tables(kind)))


def _direction(kind: str) -> str:
    """Which way is better, or which value is right, or that the contract has to say."""
    better, target = KINDS[kind].better, KINDS[kind].target
    if target is not None:
        return f"neither; {target:g} is right"
    return better or 'as the contract says; `better = "higher"` or `"lower"` is required'


def words_page() -> str:
    """Formats, rules of the fold and reasons for no data."""
    lines = [NOTE, "# Formats, rules and reasons\n"]
    for name, form in FORMATS.items():
        lines += [
            f"## Format `{name}`\n",
            f"One row is {form.row}.\n",
            "| column | | meaning |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{c.name}` | {c.kind.value}{', required' if c.required else ''} | {c.doc} |"
            for c in form.columns
        ]
        lines.append("")
    lines += ["## Rules of the fold\n", "The first rule that fires makes the call.\n"]
    lines += [f"{rule.number}. `{rule.name}`: {rule.sentence}" for rule in Rule]
    lines += [
        "",
        "## Reasons for no data\n",
        "| code | what it means | what to do |",
        "|---|---|---|",
    ]
    lines += [f"| `{r.code}` | {r.sentence} | {r.next_step} |" for r in Reason]
    return "\n".join(lines) + "\n"


BARE = """
shipcall = 1
[release]
id = "bare"
kind = "classifier"
owner = "nobody"
baseline = "a"
candidate = "b"
change = "weights"
[unit]
id = "unit"
"""
"""A contract that promises nothing: it draws the questions which are asked of every contract."""


def faults_page() -> str:
    """Every code with which a contract or evidence is refused, and every question of `check`."""
    lines = [NOTE, "# Faults and lints\n"]
    lines.append("A fault stops; a lint asks, stops nothing, and is recorded with the seal.")
    lines.append("Every message says where, what was seen, what was expected, and the fix.")
    lines.append("Codes never change their meaning.\n")
    lines += ["## Faults of a contract (exit 2)\n", "| code | fault |", "|---|---|"]
    lines += [f"| `{code}` | {title} |" for code, title in sorted(TITLES.items())]
    lines += ["", "## Faults of a world (exit 2)\n", "| code | fault |", "|---|---|"]
    lines += [f"| `{code}` | {title} |" for code, title in sorted(WORLD_TITLES.items())]
    lines += ["", "## Faults of the evidence (exit 3)\n", "| code | fault |", "|---|---|"]
    lines += [f"| `{trouble.value[0]}` | {trouble.value[1]} |" for trouble in Trouble]
    lines += ["", "## Lints\n", "| code | question | why it is asked | what to do |"]
    lines.append("|---|---|---|---|")
    lines += [f"| `{code}` | {' | '.join(texts)} |" for code, texts in sorted(_lints().items())]
    return "\n".join(lines) + "\n"


def _lints() -> dict[str, tuple[str, str, str]]:
    """Code -> title, why and fix; what depends on the contract is written as an ellipsis."""
    found = {one.code: (one.title, one.why, one.fix) for one in lint(_bare())}
    source = Path(lint_module.__file__).read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "Lint":
            words = {one.arg: _text(one.value) for one in call.keywords if one.arg}
            if words["code"].startswith("W"):
                found[words["code"]] = (words["title"], words["why"], words["fix"])
    return found


def _bare() -> Contract:
    return parse_contract(BARE, file="bare.toml")


def _text(value: ast.expr) -> str:
    """A string of the source, with an ellipsis for every part that is filled in."""
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join(_text(part) for part in value.values)
    if isinstance(value, ast.IfExp):
        return f"{_text(value.body)}, or {_text(value.orelse)}"
    return "…"


def mission_page() -> str:
    """Where every wish of the mission lives, or that it is open."""
    places = tomllib.loads((DOCS / "mission.toml").read_text(encoding="utf-8"))
    known = _wishes()
    unknown = sorted(set(places) - set(known))
    if unknown:
        raise SystemExit(f"docs/mission.toml names wishes that do not exist: {unknown}")
    lines = [NOTE, "# Mission\n"]
    rows = {wish: "; ".join(_told(wish, places)) or "open" for wish in _wishes()}
    served = [text for text in rows.values() if text != "open" and not text.startswith("not yet")]
    parts = sum(text.startswith("in part") for text in served)
    lines.append(
        f"{len(served)} of {len(known)} wishes have a place so far, {parts} of them in part; the "
        "others are open.\n"
    )
    lines += ["| wish | lives in |", "|---|---|"]
    lines += [f"| {wish} | {text} |" for wish, text in rows.items()]
    return "\n".join(lines) + "\n"


def _wishes() -> list[str]:
    return [f"{letter}{n}" for letter, count in WISHES.items() for n in range(1, count + 1)]


def _told(wish: str, places: dict[str, str]) -> Iterator[str]:
    """What somebody wrote of a wish, then the questions and lessons that say they serve it.

    A wish about the work (W) does not live in a question, so there they are not counted.
    """
    if wish in places:
        yield places[wish]
    if wish.startswith("W"):
        return
    asked = [one.id for one in questions() if wish in one.covers]
    if asked:
        yield f"questions {', '.join(f'`{name}`' for name in asked)}"
    taught = [load_lesson(slug) for slug in lesson_slugs()]
    read = [str(one.number) for one in taught if wish in one.covers]
    if read:
        yield f"lessons {', '.join(read)}"


def worlds_page() -> str:
    """Every parameter of a world, every fault and every trap."""
    lines = [NOTE, "# Parameters of a world\n"]
    lines.append("What is not written has its default; with all defaults nothing is wrong.\n")
    keys = {
        _section(field.annotation): key
        for key, field in World.model_fields.items()
        if _section(field.annotation)
    }
    for name, key in {"World": "", **keys}.items():
        (node,) = ast.parse(inspect.getsource(getattr(truth, name))).body
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - for mypy
        title = f"`{_header(key)}`" if key else "Top of the file"
        lines += [f"## {title}\n", f"{ast.get_docstring(node)}\n", "| key | default | meaning |"]
        lines += ["|---|---|---|", *_parameters(node, key), ""]
    lines += _fault_lines()
    return "\n".join(lines) + "\n"


def _header(key: str) -> str:
    """A section as the file opens it."""
    default = World.model_fields[key].default
    if isinstance(default, dict):
        return f"[{key}.baseline]` and `[{key}.candidate]"
    return f"[[{key}]]" if isinstance(default, list) else f"[{key}]"


def _section(annotation: object) -> str:
    """Name of the section that a field of the world holds, or nothing."""
    known = [name for name, kind in vars(truth).items() if kind is annotation]
    parts = [_section(part) for part in get_args(annotation)]
    named = [name for name in known if hasattr(annotation, "model_fields")]
    return next((name for name in [*named, *parts] if name), "")


def _parameters(node: ast.ClassDef, key: str) -> list[str]:
    """One line of a table for each field of a section, with the text that stands below it."""
    kind = getattr(truth, node.name)
    lines = []
    for at, field in enumerate(node.body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        name, after = field.target.id, node.body[at + 1 : at + 2]
        said = [
            " ".join(str(one.value.value).split())
            for one in after
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        ]
        info = kind.model_fields[name]
        if not key and _section(info.annotation):
            continue
        default = "required" if info.is_required() else f"`{info.default}`"
        lines.append(f"| `{name}` | {default} | {''.join(said)} |")
    return lines


def _fault_lines() -> list[str]:
    """Tables of the kinds of fault, of what they move, and of the traps."""
    lines = ["## Kinds of fault\n", "`severity = 1` is what the table says; less is less.\n"]
    lines += ["| kind | what | change | what to do | what is tempting |", "|---|---|---|---|---|"]
    lines += [
        f"| `{kind}` | {f.title} | {f.change} | {f.act} | {f.tempting} |"
        for kind, f in FAULTS.items()
    ]
    lines += ["", "## What a fault of a stream moves\n", "| kind | moves | leaves quiet |"]
    lines += ["|---|---|---|"]
    lines += [
        f"| `{kind}` | {_named(f.moves)} | {_named(f.quiet)} |"
        for kind, f in FAULTS.items()
        if f.moves or f.quiet
    ]
    lines += ["", "| measure | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in MEASURES.items()]
    lines += ["", "## Traps\n", "Worlds in which a release looks other than it is.\n"]
    lines += ["| trap | title | what is so | its twin | what it lacks |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {t.title} | {t.truth} | {t.twin_truth or 'none'} | {'; '.join(t.lacks)} |"
        for name, t in TRAPS.items()
    ]
    return lines


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def pages() -> dict[str, str]:
    """Name of each generated file and what belongs into it."""
    schema = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    return {
        "cli.md": cli_page(),
        "metrics.md": metrics_page(),
        "words.md": words_page(),
        "faults.md": faults_page(),
        "mission.md": mission_page(),
        "world-parameters.md": worlds_page(),
        "contract-schema.json": schema,
    }


def main(arguments: list[str]) -> int:
    """Write or check."""
    stale = []
    for name, text in pages().items():
        path = DOCS / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"stale: {', '.join(stale)}. Run scripts/docs.")
        return 1
    print(f"docs: {'wrote ' + ', '.join(stale) if stale else 'up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
