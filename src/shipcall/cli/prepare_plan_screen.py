"""Screens of the plan in the terminal, drawn from the views of `app.prepare_plan`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shipcall.cli.output import width
from shipcall.cli.practise_paper import head, paper, sentences, table
from shipcall.cli.practise_screen import flowing, shown, tell
from shipcall.report.screen import Screen
from shipcall.report.table import Column

View = Mapping[str, Any]
__all__ = [
    "apart_lines",
    "begun_lines",
    "diagnostic_lines",
    "flowing",
    "interviews_lines",
    "plan_lines",
    "tell",
    "today_lines",
    "tracker_lines",
]


def begun_lines(view: View) -> list[str]:
    """What was begun, and what comes first."""
    view = shown(view)
    lines = [f"{view['company']}, {view['interview']}, {view['hours']:g} hours a week"]
    for one in view["remarks"]:
        lines += flowing(one)
    if not view["days"]:
        return lines
    return [*lines, "", "First: shipcall practice diagnostic", "Then: shipcall practice today"]


def diagnostic_lines(view: View) -> list[str]:
    """Where the diagnostic stands, and its table once there is one."""
    view = shown(view)
    if view["table"] is None:
        done = ", ".join(f"{name} {one[0]} of {one[1]}" for name, one in view["done"].items())
        return ["", *flowing(f"So far: {done}."), *_coming(view), *flowing(_GO_ON)]
    on = paper(width())
    rows = [
        (row["skill"], str(row["items"]), _held(row["computed"]), _held(row["said"]), _much(row))
        for row in view["table"]
    ]
    columns = [
        Column("skill", least=20),
        Column("items", right=True),
        Column("computed"),
        Column("in your own eyes"),
        Column(""),
    ]
    lines = ["", *table(on, columns, rows), "", *_told(view["told"]), "", *flowing(view["note"])]
    if view["phase"] == "write":
        return [
            *lines,
            "",
            f"Now in writing: shipcall practice question {view['next']['question']}",
        ]
    return [*lines, "", "Today's work: shipcall practice today"]


_GO_ON = "Go on: shipcall practice diagnostic"


def _coming(view: View) -> Iterator[str]:
    """What comes next, in the words in which it is asked."""
    following = view["next"]
    if view["phase"] == "claims":
        yield from flowing(following["says"], indent=2)
    elif view["phase"] == "cards":
        yield from flowing(following["front"], indent=2)
    elif view["phase"] == "apart":
        yield from apart_lines(following)
    elif view["phase"] == "spots":
        yield f"  spot decision {following['case']}"


def apart_lines(following: View) -> list[str]:
    """Two answers, of which one is weak."""
    following = shown(following)
    lines = ["", "One of these two answers is weak.", *flowing(following["asks"])]
    for number, text in enumerate(following["answers"], 1):
        lines += ["", f"Answer {number}", *flowing(text.replace("\n", "\n\n"), indent=2)]
    return [*lines, ""]


def _told(told: View) -> Iterator[str]:
    for one in told["spots"]:
        lost = f"{'your call' if one['call'] else 'no call in time'} loses {one['lost']:.0%}"
        yield from flowing(f"{one['title']}: {lost} of the stake on these panels", indent=2)
        yield f"      shipcall practice resume {one['play']}"
    for one in told["claims"]:
        was = "so" if one["so"] else "not so"
        yield from flowing(f"{was}, you said {one['stated']:.0%}: {one['says']}", indent=2)
    apart = told["apart"]
    found = "You found it." if apart["said"] == apart["so"] else "You took the other one for it."
    yield f"  The weak answer was {apart['so']}. {found}"
    for flag in told["red_flags"]:
        yield from flowing(f"! {flag['says']}", indent=4)


def _much(row: View) -> str:
    return "" if row["enough"] else "not enough seen"


def _held(one: View) -> str:
    """A share with its count and interval; nothing where nothing was seen."""
    if not one["items"]:
        return "-"
    share = one["held"] / one["items"]
    return f"{share:.0%} of {one['items']}, {one['low']:.0%} to {one['high']:.0%}"


def today_lines(view: View) -> list[str]:
    """The tasks of one day, each with its command."""
    view = shown(view)
    on, day = paper(width()), view["day"]
    if day is None:
        return [*flowing(view["aim"]["remarks"][-1])]
    about = f"{day['on']}: {day['title']}   ({view['aim']['days']} days left)"
    lines = [*head(on, about), *_tasks(on, day["tasks"])]
    if not day["tasks"]:
        lines += sentences(on, ["Nothing today. That is part of the plan."])
    elif view["tomorrow"]:
        lines += ["", *sentences(on, [f"Tomorrow: {view['tomorrow']}"])]
    return lines


def _tasks(on: Screen, tasks: Sequence[View]) -> Iterator[str]:
    for one in tasks:
        mark = "x" if one["done"] else " "
        yield from sentences(on, [f"[{mark}] {one['title']} ({one['minutes']} min)"])
        yield f"      {one['command']}"


def plan_lines(view: View) -> list[str]:
    """All days in a line each, and why each skill gets its share."""
    view = shown(view)
    on = paper(width())
    days = [
        (day["on"], day["title"], f"{day['minutes']} min", ", ".join(_short(day["tasks"])))
        for day in view["days"]
    ]
    columns = [Column("day"), Column("", least=16), Column("", right=True), Column("")]
    lines = [*head(on, f"{view['aim']['company']}, {view['aim']['interview']}")]
    lines += [*sentences(on, view["aim"]["remarks"]), ""]
    lines += [*table(on, columns, days), ""]
    needs = [
        (
            one["skill"],
            f"{one['share']:.0%}",
            f"{one['weight']:.0%}",
            f"{one['gap']:.0%}",
            f"{one['transfer']:.0%}",
        )
        for one in view["needs"]
    ]
    named = ("skill", "time", "asked", "open", "carries over")
    columns = [Column(title, right=n > 0) for n, title in enumerate(named)]
    judged = [f"{one['skill']}: {one['why']}" for one in view["needs"]]
    lines += [*table(on, columns, needs), "", *sentences(on, ["What carries over is judged:"])]
    return [*lines, *sentences(on, judged, indent=4), "", *sentences(on, [view["note"]])]


def _short(tasks: Sequence[View]) -> Iterator[str]:
    """Kinds of tasks with their counts, in the order of the day."""
    kinds = [one["kind"] for one in tasks]
    for kind in dict.fromkeys(kinds):
        count = kinds.count(kind)
        yield _KINDS[kind] if count == 1 else f"{count} {_KINDS[kind]}s"


_KINDS = {
    "diagnostic": "diagnostic",
    "cards": "cards",
    "spot": "spot set",
    "case": "case",
    "lesson": "lesson",
    "question": "question",
    "form": "form",
    "loop": "rehearsal",
    "packets": "rehearsal and packets",
    "paper": "paper",
}


def tracker_lines(view: View) -> list[str]:
    """A table for skills, one for cases, one for rounds; rows of nothing are counted, not shown."""
    view = shown(view)
    on = paper(width())
    lines: list[str] = []
    for group, title in _GROUPS.items():
        rows = [row for row in view["rows"] if row["group"] == group]
        told = [
            row for row in rows if group == "skill" or row["done"] or row["days_since"] is not None
        ]
        lines += [*head(on, title), *_rows(on, told)]
        left = len(rows) - len(told)
        lines += sentences(on, [f"{left} more of which nothing was done."]) if left else []
    return [*lines, on.rule(), *sentences(on, [view["note"]])]


_GROUPS = {"skill": "Skills", "case": "Kinds of cases", "round": "Kinds of rounds"}
_COLUMNS = [
    Column("", least=18),
    Column("done", right=True),
    Column("kept by calls"),
    Column("own reading"),
    Column("peers' reading"),
    Column("said : came"),
    Column("last"),
    Column("due", right=True),
]


def _rows(on: Screen, told: Sequence[View]) -> list[str]:
    return table(on, _COLUMNS, [_row(row) for row in told]) if told else []


def _row(row: View) -> tuple[str, ...]:
    chances = row["chances"]
    few = f"{chances['count']} claims" if chances["count"] else "-"
    sure = few if chances["came"] is None else f"{chances['stated']:.0%} : {chances['came']:.0%}"
    days = row["days_since"]
    return (
        row["name"],
        f"{row['done']}/{row['of']}",
        _held(row["plays"]),
        _held(row["own"]),
        _held(row["peer"]),
        sure,
        "never" if days is None else {0: "today", 1: "yesterday"}.get(days, f"{days} days"),
        str(row["due"]),
    )


def interviews_lines(view: View) -> list[str]:
    """The log, and what cannot be read from it."""
    view = shown(view)
    lines: list[str] = []
    for one in view["interviews"]:
        about = ", ".join(text for text in (one["on"], one["company"], one["round"]) if text)
        lines.append(f"{one['id']}. {about}")
        for label, name in _TOLD.items():
            if one[name]:
                lines += flowing(f"{label}: {one[name]}", indent=3)
    if not lines:
        lines = ["Nothing written down. After an interview: shipcall practice interviews --add"]
    return [*lines, "", *flowing(view["note"])]


_TOLD = {"asked": "asked", "you said": "said", "you would now": "change", "it ended": "ended"}
