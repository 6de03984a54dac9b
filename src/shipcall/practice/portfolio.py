"""Portfolio: one play as a page of Markdown that a person may show to others.

It tells the call, what it was worth on the evidence, and what was so; never a rating, and nothing
of a play that was not revealed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shipcall.core import UsageError
from shipcall.practice.finished import Finished
from shipcall.practice.retelling.part import percent, points

Told = Mapping[str, Any]


def portfolio_markdown(finished: Finished, told: Told) -> str:
    """Write one revealed play as Markdown.

    Args:
        finished: The play as it is kept.
        told: What `debrief` made of it.

    Returns:
        Markdown; what the person wrote stands as quotation, with nothing in it that would be
        read as markup.

    Raises:
        UsageError: If the play was not revealed yet: its truth belongs to nobody before.
    """
    if not (finished.at and finished.so):
        raise UsageError(
            f"play {finished.id} was not revealed. Lock and reveal it first; before that, nothing "
            "of it can be shown to anybody."
        )
    parts = {one["key"]: one for one in told["parts"]}
    blocks = [
        f"# {escaped(told['case']['title'])}",
        _head(finished, told),
        *_section("The call", _call(finished, parts["ladder"])),
        *_section("How it was found out", _looked(parts["account"], parts["evidence"])),
        *_section("Why, in my words", quoted(parts["text"]["yours"])),
        *_section("Chances I gave", _chances(parts["causes"])),
        *_section("What was so", [escaped(parts["trap"]["says"][0])]),
        *_section("The rule I carry", quoted(finished.rule)),
        *_section("The clause for a contract", _clause(parts["work"]["clause"])),
        "Everything here is invented by a simulator with a known truth. " + str(told["note"]),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(finished: Finished, told: Told) -> str:
    clock = f"{finished.seconds / 60:.0f} minutes on the clock"
    if finished.extra_time != 1.0:
        clock += " (with extra time)"
    rated = "first look, unaided" if finished.rated else "not a first unaided look"
    return f"Practice case {told['case']['id']}, {finished.at[:10]}; {clock}; {rated}."


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(lines)] if lines else []


def _call(finished: Finished, ladder: Told) -> list[str]:
    mine = next(row for row in ladder["rows"] if row["you"])
    best = next(row for row in ladder["options"] if row["best"])
    stake = f"{percent(ladder['loss_share'])} of the stake of {points(ladder['stake'])}"
    lines = [
        f"**{escaped(mine['call'] or 'No call')}**: {escaped(mine['title'])}.",
        (
            f"On all the evidence of the case it lost {stake}; worth most was "
            f"“{escaped(best['title'])}”."
        ),
    ]
    if finished.sheet.get("estimate"):
        said = finished.sheet["estimate"]
        lines.append(
            f"Before the reveal I gave {percent(said['probability'])} to losing less than "
            f"{percent(said['loss_below'])}."
        )
    others = [row for row in ladder["rows"] if not row["you"]]
    table = _table(
        ("who", "call", "loss"),
        [(row["who"], row["call"], percent(row["loss_share"])) for row in [mine, *others]],
    )
    return [*lines, "", *table]


def _looked(account: Told, evidence: Told) -> list[str]:
    opened = sorted(
        (row for row in evidence["rows"] if row["opened"]), key=lambda row: int(row["opened"])
    )
    if not opened:
        return ["No panel was opened."]
    return [
        f"{account['minutes']:g} of {account['looking']:g} evidence-minutes, in this order:",
        "",
        *_table(
            ("panel", "minutes", "trap : twin"),
            [(row["title"], f"{row['minutes']:g}", row["ratio"]) for row in opened],
        ),
    ]


def _chances(causes: Told) -> list[str]:
    rows = [row for row in causes["rows"] if row["stated"] is not None]
    if not rows:
        return []
    return _table(
        ("cause", "mine", "what the panels allowed"),
        [(row["title"], percent(row["stated"]), percent(row["posterior"])) for row in rows],
    )


def _clause(clause: str) -> list[str]:
    return ["```toml", clause.rstrip("\n"), "```"] if clause else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str | None]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(escaped(cell or '') for cell in line)} |" for line in lines]


def quoted(text: str) -> list[str]:
    """Write what a person wrote as a quotation, with nothing in it that is read as markup."""
    return [f"> {escaped(line)}" for line in text.splitlines() if line.strip()]


def escaped(text: str) -> str:
    """Give a text in which no character is markup, and none obeyed by a terminal."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    safe = shown.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{char}" if char in r"\`*_[]|#" else char for char in safe).strip()
