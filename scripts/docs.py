"""Write the reference pages from the code, or say with --check which of them are stale."""

import json
import sys
import tomllib
from pathlib import Path

import click

from shipcall.cli.main import shipcall
from shipcall.contract.schema import json_schema
from shipcall.core import Reason, Rule
from shipcall.formats import FORMATS
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by scripts/docs from the code. Change the code, not this page. -->\n"
WISHES = {"W": 95, "P": 115}


def cli_page() -> str:
    """Help of every command, as it prints."""
    parts = [NOTE, "# Command line\n"]
    parts += [_help(shipcall, "shipcall")]
    for name, command in sorted(shipcall.commands.items()):
        parts.append(_help(command, f"shipcall {name}"))
        if isinstance(command, click.Group):
            parts += [
                _help(sub, f"shipcall {name} {sub_name}")
                for sub_name, sub in sorted(command.commands.items())
            ]
    return "\n".join(parts)


def _help(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=name, max_content_width=96, terminal_width=96)
    level = "##" if name.count(" ") < 2 else "###"
    return f"{level} `{name}`\n\n```text\n{command.get_help(context)}\n```\n"


def metrics_page() -> str:
    """Every kind of metric: what can be measured, and what can only be written down so far."""
    lines = [NOTE, "# Metrics\n"]
    lines.append("Kinds that this version measures at the gate.\n")
    for kind, metric in METRICS.items():
        bounds = (
            "unbounded" if metric.range is None else f"{metric.range[0]:g} to {metric.range[1]:g}"
        )
        lines += [
            f"## {metric.title} (`{kind}`)\n",
            metric.doc + "\n",
            f"- Reads: {', '.join(f'`{name}`' for name in metric.formats)}",
            f"- Better: {metric.better}, unless the contract says otherwise",
            f"- A row lies: {bounds}{' (' + metric.unit + ')' if metric.unit else ''}",
            f"- Options: {', '.join(f'`{name}`' for name in metric.options) or 'none'}"
            + (
                f"; required: {', '.join(f'`{n}`' for n in metric.required)}"
                if metric.required
                else ""
            ),
            f"- Statistic: {metric.statistic.value}, one line per {metric.granularity.value}\n",
        ]
    lines.append("## Kinds that can be promised and not measured yet\n")
    lines.append('A check on one of these is "no data" until a version can measure it.\n')
    lines += [f"- `{name}`: {kind.meaning}" for name, kind in KINDS.items() if name not in METRICS]
    return "\n".join(lines) + "\n"


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


def mission_page() -> str:
    """Where every wish of the mission lives, or that it is open."""
    places = tomllib.loads((DOCS / "mission.toml").read_text(encoding="utf-8"))
    known = {f"{letter}{n}" for letter, count in WISHES.items() for n in range(1, count + 1)}
    unknown = sorted(set(places) - known)
    if unknown:
        raise SystemExit(f"docs/mission.toml names wishes that do not exist: {unknown}")
    lines = [NOTE, "# Mission\n"]
    lines.append(
        f"{len(places)} of {len(known)} wishes have a place so far; the others are open.\n"
    )
    lines += ["| wish | lives in |", "|---|---|"]
    for letter, count in WISHES.items():
        lines += [
            f"| {letter}{n} | {places.get(f'{letter}{n}', 'open')} |" for n in range(1, count + 1)
        ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Name of each generated file and what belongs into it."""
    schema = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    return {
        "cli.md": cli_page(),
        "metrics.md": metrics_page(),
        "words.md": words_page(),
        "mission.md": mission_page(),
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
