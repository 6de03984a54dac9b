"""Debrief in the terminal: twelve parts on six screens, drawn from the view of `practice.debrief`.

Nothing is told by colour: bars, scales and words carry everything.
"""

from collections.abc import Callable, Mapping, Sequence

from shipcall.cli.practise_paper import (
    View,
    bar,
    head,
    labelled,
    number,
    paper,
    scale,
    sentences,
    shortly,
    table,
)
from shipcall.report.screen import Screen
from shipcall.report.table import Column

SCREENS: Sequence[Sequence[str]] = (
    ("account", "estimate", "ladder"),
    ("evidence", "causes"),
    ("forecast", "trigger"),
    ("trap",),
    ("text",),
    ("carry", "work", "next"),
)
"""Keys of the parts that stand on one screen together."""
_CURVE_ROWS = 9


def debrief_screens(view: View, *, width: int, unicode: bool | None = None) -> list[str]:
    """Write the debrief as six texts, one for each screen.

    Args:
        view: What `practice.debrief.debrief` made, with its strings made harmless.
        width: Columns to fill, at least 60.
        unicode: May bars be drawn in blocks? None asks the terminal.
    """
    on = paper(width, unicode=unicode)
    parts = {one["key"]: one for one in view["parts"]}
    texts = []
    for keys in SCREENS:
        lines: list[str] = []
        for key in keys:
            one = parts[key]
            lines += [*head(on, f"{one['number']:>2}  {one['title']}"), *_part(on, one), ""]
        texts.append("\n".join(lines).rstrip())
    texts[-1] += "\n\n" + "\n".join(sentences(on, [view["note"]]))
    return texts


def _part(on: Screen, one: View) -> list[str]:
    drawn = _DRAWN[one["key"]](on, one)
    return [*sentences(on, one["says"]), *([""] if drawn else []), *drawn]


def _nothing(on: Screen, one: View) -> list[str]:
    del on, one
    return []


def _account(on: Screen, one: View) -> list[str]:
    rows = [
        (step["at"], step["text"], f"{step['minutes']:g} min" if step["minutes"] else "")
        for step in one["steps"]
    ]
    return table(on, [Column("", right=True), Column("", least=20), Column("")], rows)[1:]


def _ladder(on: Screen, one: View) -> list[str]:
    share = "lost of the stake"
    rows = [
        (
            f"{'>' if row['you'] else ' '} {row['who']}",
            row["call"] or "-",
            bar(on, row["loss_share"]),
            number(row["loss"]),
        )
        for row in one["rows"]
    ]
    options = [
        (
            f"{'>' if row['yours'] else ' '} {row['title']}",
            row["call"],
            f"{row['expected']:.1f}",
            f"{row['as_it_was']:.1f}",
        )
        for row in one["options"]
    ]
    columns = [Column(""), Column("call"), Column(share), Column("points", right=True)]
    worth = [Column("option", least=20), Column("call")]
    worth += [Column("worth", right=True), Column("as it was", right=True)]
    return [*table(on, columns, rows), "", *table(on, worth, options)]


def _evidence(on: Screen, one: View) -> list[str]:
    rows = [
        (
            "" if row["opened"] is None else str(row["opened"]),
            row["title"],
            f"{row['minutes']:g}",
            scale(on, row["bits"]),
            row["ratio"],
            row["text"] + _how(row),
        )
        for row in one["rows"]
    ]
    columns = [
        Column("", right=True),
        Column("panel", least=12),
        Column("min", right=True),
        Column("twin   trap"),
        Column("trap:twin", right=True),
        Column("it", least=14),
    ]
    return [*table(on, columns, rows), "", *_path(on, one)]


def _how(row: View) -> str:
    if row["told_by"]:
        return ", held by another"
    return ", missed" if row["missed"] else ""


def _path(on: Screen, one: View) -> list[str]:
    """How the belief of a sound reader moved, panel by panel."""
    titles = {row["panel"]: row["title"] for row in one["rows"]}
    rows = [
        (
            "before looking" if step["after"] is None else f"after {titles[step['after']]}",
            bar(on, step["trap"]),
            shortly(step["twin"]),
            shortly(step["other"]),
        )
        for step in one["path"]
    ]
    columns = [Column("who reads them rightly believes", least=16), Column("trap")]
    return table(on, [*columns, Column("twin", right=True), Column("other", right=True)], rows)


def _causes(on: Screen, one: View) -> list[str]:
    rows = [
        (
            f"{'*' if row['so'] else ' '} {row['title']}",
            bar(on, row["stated"]),
            bar(on, row["posterior"]),
        )
        for row in one["rows"]
    ]
    claims = [
        (
            f"{'*' if row['so'] else ' '} {row['text']}",
            bar(on, row["stated"]),
            bar(on, row["posterior"]),
        )
        for row in one["claims"]
    ]
    columns = [Column("* was so", least=20), Column("you"), Column("your panels allowed")]
    lines = table(on, columns, rows)
    return [*lines, "", *table(on, columns, claims)] if claims else lines


def _forecast(on: Screen, one: View) -> list[str]:
    if not one["given"]:
        return []
    rows = [
        (
            f"{'*' if row['came'] else ' '} {row['title']}",
            bar(on, row["stated"]),
            bar(on, row["posterior"]),
        )
        for row in one["bins"]
    ]
    columns = [Column(f"* came, in {one['unit']}"), Column("you"), Column("your panels allowed")]
    return table(on, columns, rows)


def _trigger(on: Screen, one: View) -> list[str]:
    if not one["given"]:
        return []
    rule, curve = one["rule"], one["curve"]
    step = max(len(curve) // _CURVE_ROWS, 1)
    near = min(range(len(curve)), key=lambda k: abs(curve[k]["bar"] - rule["bar"])) if curve else 0
    kept = sorted({*range(0, len(curve), step), near}) if curve else []
    rows = [
        (
            f"{'>' if k == near else ' '} {number(curve[k]['bar'])}",
            bar(on, curve[k]["fired_false"]),
            bar(on, curve[k]["missed"]),
            number(curve[k]["loss"]),
        )
        for k in kept
    ]
    where = one["scopes"][rule["scope"]]
    yours = f"Yours: {one['metric']} on “{where}” above {number(rule['bar'])} {one['unit']}, "
    told = sentences(on, [f"{yours}mean of {rule['window_days']} days, then {rule['action']}."])
    columns = [Column("bar"), Column("fired without harm"), Column("missed harm")]
    return [*told, *table(on, [*columns, Column("points lost", right=True)], rows)]


def _trap(on: Screen, one: View) -> list[str]:
    columns = [Column("", least=20), Column("", right=True), Column("")]
    lines = [*labelled(on, "The trap", one["trap"]), *labelled(on, "Its twin", one["twin"]), ""]
    for side in one["sides"]:
        seen = "as it was here" if side["so"] else "one drawing, for comparison"
        title = f"{one['panel_title']}, where the {side['role']} is so ({seen})"
        lines += sentences(on, [title])
        rows = [
            (row["title"], _value(row, "value"), f"{_value(row, 'low')} to {_value(row, 'high')}")
            for row in side["readings"]
        ]
        lines += table(on, columns, rows, indent=4)[1:]
        lines += sentences(on, side["text"], indent=4) if not rows else []
    values = [f"{row['title']}: {number(row['value'])}" for row in one["values"]]
    return [*lines, "", *sentences(on, [f"What was set: {'; '.join(values)}."] if values else [])]


def _value(reading: View, key: str) -> str:
    if reading["unit"] == "share":
        return f"{reading[key]:.1%}" if reading[key] is not None else "-"
    return f"{number(reading[key])} {reading['unit']}".strip()


def _text(on: Screen, one: View) -> list[str]:
    lines = [*labelled(on, "You wrote", one["yours"])]
    for sign in one["signs"]:
        quote = f": “{sign['quote']}”" if sign["quote"] else ""
        lines += on.wrap(f"[{'x' if sign['found'] else ' '}] {sign['sign']}{quote}", indent=4)
    lines += labelled(on, "A weak answer", one["weak"])
    lines += labelled(on, "A strong one", one["strong"])
    asked = "\n".join(f"- {text}" for text in one["follow_ups"])
    return [*lines, *labelled(on, "An interviewer goes on", asked)]


def _carry(on: Screen, one: View) -> list[str]:
    return labelled(on, "This case suggests", one["suggestion"])


def _work(on: Screen, one: View) -> list[str]:
    return [
        *(f"    {line}" for line in one["clause"].splitlines()),
        *labelled(on, "Ethics", one["ethics"]),
        *labelled(on, "Where the data come from", one["data_source"]),
        *labelled(on, "To sales, in 60 seconds", one["sales"]),
    ]


_DRAWN: Mapping[str, Callable[[Screen, View], list[str]]] = {
    "account": _account,
    "estimate": _nothing,
    "ladder": _ladder,
    "evidence": _evidence,
    "causes": _causes,
    "forecast": _forecast,
    "trigger": _trigger,
    "trap": _trap,
    "text": _text,
    "carry": _carry,
    "work": _work,
    "next": _nothing,
}
