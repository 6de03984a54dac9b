"""Screens of a play in the terminal, drawn from the views of `app.practise`."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from shipcall.cli.output import colour_wanted, unicode_stream, width
from shipcall.report.practice.beside import bin_titles
from shipcall.report.practice.readings import cell_text
from shipcall.report.screen import Screen
from shipcall.report.table import Cell, Column, fitted
from shipcall.report.text import clean, display_width, pad, to_ascii

View = Mapping[str, Any]
BAR = 24
"""Characters of a full bar."""
NAMES = {
    "contract": "contract   your own contract, before anything is opened",
    "call": "call       what you would do",
    "causes": "causes     how likely is each cause?",
    "claims": "claims     how likely is each statement?",
    "forecast": "forecast   where will the number lie?",
    "trigger": "trigger    the rule that rolls back by itself",
    "size": "size       how many are needed?",
    "why": "why        the message to the team",
    "estimate": "estimate   how much does your call lose?",
}


def screen() -> Screen:
    """The terminal as it is now."""
    return Screen(width=width(), colour=colour_wanted(), unicode=unicode_stream())


def shown(view: Any) -> Any:
    """A view made harmless for this terminal; line breaks stay, for texts and clauses."""
    if isinstance(view, str):
        kept = clean(view, keep="\n\t")
        return kept if unicode_stream() else to_ascii(kept)
    if isinstance(view, Mapping):
        return {name: shown(value) for name, value in view.items()}
    return [shown(value) for value in view] if isinstance(view, list) else view


def flowing(text: str, *, indent: int = 0) -> list[str]:
    """A text in lines that fit; an empty line begins a paragraph."""
    told = screen()
    paragraphs = [" ".join(one.split()) for one in text.strip().split("\n\n")]
    return [line for one in paragraphs for line in told.wrap(one, indent=indent)]


def tell(lines: Sequence[str]) -> None:
    """Print lines for a person, in ASCII where the terminal knows nothing else."""
    text = "\n".join(lines)
    if not unicode_stream():
        text = "\n".join(to_ascii(line) for line in text.split("\n"))
    click.echo(text, color=colour_wanted())


def first_screen(view: View) -> list[str]:
    """What to do, in three lines; then the case, its panels and its calls."""
    told, look = screen(), view["evidence"]
    clock = view["clock"]
    starts = f"Enter starts the clock ({duration(clock['limit'])})." if clock["limit"] else ""
    starts = starts or "Enter begins; no clock presses you."
    lines = [
        *told.head(view["case"]["title"]),
        "An invented release whose truth is known, and sealed until you have called.",
        "",
        *_step(1, f"Read the case below. {starts}"),
        *_step(2, _second_step(view)),
        *_step(3, _third_step(view)),
        "",
        *case_lines(view),
    ]
    if view["mode"] == "spot":
        return lines
    lines += ["", *menu_lines(view), "", *option_lines(view), ""]
    share = f"{look['minutes']:g} of {look['of_all']:g}"
    return [*lines, *_envelope(view, share)]


def _second_step(view: View) -> str:
    look = view["evidence"]
    if view["mode"] == "spot":
        return "Its panels then appear, for free."
    return (
        f"Open panels by their number. All of them cost {look['of_all']:g} evidence-minutes, and "
        f"you have {look['minutes']:g}: choose."
    )


def _third_step(view: View) -> str:
    if view["mode"] == "spot":
        return "Make one call, by its number, and say how likely one statement is."
    return "Type `call` and a number, answer what else you like (`sheet` lists it), then `lock`."


def _step(number: int, text: str) -> list[str]:
    first, *more = screen().wrap(text, width=screen().width - 5)
    return [f"  {number}  {first}", *(f"     {line}" for line in more)]


def _envelope(view: View, share: str) -> list[str]:
    told = screen()
    less = ", less as you chose it" if view["chosen"] else ""
    rated = f"counts for your rating{less}" if view["rated"] else "not rated"
    facts = [f"play {view['id']}", view["mode"], rated, f"evidence-minutes {share}"]
    lines = told.flow(facts)
    if view["folder"]:
        lines += told.wrap(f"Files of work, in which every command runs: {view['folder']}")
    return [*lines, f"Sealed truth, SHA-256: {view['commitment']}"]


def case_lines(view: View) -> list[str]:
    """The story, and what a point is."""
    told, lines = screen(), list[str]()
    for heading, text in view["case"]["story"].items():
        lines += [*told.head(heading), *flowing(text, indent=2), ""]
    return [*lines, *flowing(f"One point: {view['case']['points']}")]


def menu_lines(view: View) -> list[str]:
    """The panels as a numbered menu."""
    rows = [
        [str(one["number"]), one["name"], _price(one, view), one["asks"]] for one in view["panels"]
    ]
    return _listed(["", "panel", "min", "what it answers"], rows)


def _price(one: View, view: View) -> str:
    if one["opened"]:
        return "open"
    if view["phase"] == "retrying" or view["mode"] == "spot":
        return "free"
    return f"{one['minutes']:g}" if one["fits"] else f"{one['minutes']:g} !"


def option_lines(view: View) -> list[str]:
    """The calls, numbered; an arrow stands at the one that was made."""
    rows = [
        [f"{'>' if one['chosen'] else ''}{one['number']}", one["name"], one["call"], one["title"]]
        for one in view["options"]
    ]
    return _listed(["", "call", "at work", ""], rows)


def panel_lines(panel: View) -> list[str]:
    """One panel: its question, its words, its table."""
    told = screen()
    lines = [*told.head(panel["title"]), *flowing(panel["asks"], indent=2)]
    for text in panel["text"]:
        lines += flowing(text, indent=2)
    rows = panel["rows"]
    if not rows:
        return lines
    names = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)]
    right = [all(not isinstance(row[name], str) for row in rows) for name in names]
    columns = [
        Column(name, right=numeric, least=0 if numeric else 12, whole=not numeric)
        for name, numeric in zip(names, right, strict=True)
    ]
    cells = [[Cell(cell_text(row[name])) for name in names] for row in rows]
    return [*lines, "", *_table(columns, cells)]


def sheet_lines(view: View) -> list[str]:
    """The sheet: what was answered, and what is still open."""
    lines = list[str]()
    for part in view["parts"]:
        done = part["part"] not in view["unanswered"]
        lines.append(f"{_mark(done=done)} {NAMES[part['part']]}")
        lines += [f"      {line}" for line in part_lines(part)]
    left = len(view["unanswered"])
    return [*lines, "", "Everything is answered." if not left else f"{left} still open."]


def _mark(*, done: bool) -> str:
    return "[x]" if done else "[ ]"


def part_lines(part: View) -> list[str]:
    """What was said in one part; bars where it is a share of something."""
    said = part["said"]
    if said is None:
        return []
    if part["part"] in ("causes", "claims"):
        return bars([(one["title"], said.get(one["name"])) for one in part["asked"]])
    if part["part"] == "forecast":
        return bars(list(zip(bin_titles(part["asked"]), said, strict=True)))
    return [_one_line(part)]


def _one_line(part: View) -> str:
    name, said = part["part"], part["said"]
    if name == "trigger":
        days = f"{said['window_days']} days" if said["window_days"] > 1 else "one day"
        return (
            f"{said['action']} where the mean of {part['asked']['metric']} over {days} in "
            f"{said['scope']} is above {said['bar']:g} {part['asked']['unit']}"
        )
    if name == "estimate":
        return f"below {said['loss_below']:.0%} of the stake, {said['probability']:.0%} sure"
    if name == "contract":
        return f"{len(said['text'].splitlines())} lines of your contract"
    text = cell_text(said)
    return text if len(text) < screen().width - 8 else text[: screen().width - 9] + "…"


def bars(lines: Sequence[tuple[str, float | None]]) -> list[str]:
    """A bar for each share; nothing said is not the same as 0 %."""
    room = max(screen().width - BAR - 18, 20)
    names = [name if len(name) <= room else name[: room - 1] + "…" for name, _ in lines]
    size = max(len(name) for name in names)
    return [
        f"{name.ljust(size)}  {bar(share)}" for name, (_, share) in zip(names, lines, strict=True)
    ]


def bar(share: float | None) -> str:
    """One bar with its percent."""
    full, empty = ("█", "░") if unicode_stream() else ("#", ".")
    if share is None:
        return f"{' ' * BAR}  open"
    filled = round(share * BAR)
    return f"{full * filled}{empty * (BAR - filled)} {share:>4.0%}"


def prompt_of(view: View) -> str:
    """What stands before the cursor: the time and the evidence-minutes that are left."""
    phase = view["phase"]
    if phase in _PROMPTS:
        return _PROMPTS[phase]
    clock, look = view["clock"], view["evidence"]
    left = clock["left"]
    time = f"{duration(clock['seconds'])} used" if left is None else f"{duration(left)} left"
    minutes = f"{look['minutes_left']:g} of {look['minutes']:g} evidence-minutes"
    return f"[{screen().joined([time, minutes])}] > "


_PROMPTS = {
    "ready": "[Enter: start] > ",
    "paused": "[paused; go] > ",
    "locked": "[locked; retry or reveal] > ",
    "retrying": "[second sheet, not rated; lock] > ",
    "revealed": "[revealed] > ",
}


def duration(seconds: float) -> str:
    """Minutes and seconds: 7:42."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[str]:
    told = screen()
    made = fitted(columns, rows, told.width - 2, told.painter)
    if made is not None:
        return [f"  {line}" for lines in made for line in lines]
    lines = list[str]()
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            lines += told.wrap(f"{column.title} {cell.text}".strip(), indent=2)
        lines.append("")
    return lines[:-1]


def cases_lines(view: View) -> list[str]:
    """The list of cases."""
    rows = [
        [
            one["id"],
            one["slug"],
            f"{one['minutes']:g}",
            f"{one['looking']:g}",
            str(one["played"]),
            one["title"],
        ]
        for one in shown(view)["cases"]
    ]
    return _listed(["id", "case", "min", "looking", "played", ""], rows)


def _listed(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows whose last text is wrapped beside the others, and never cut."""
    told = screen()
    sizes = [max(display_width(row[i]) for row in [heads, *rows]) for i in range(len(heads) - 1)]
    indent = 2 + sum(sizes) + 2 * len(sizes)
    lines = list[str]()
    for row in [heads, *rows]:
        before = "  ".join(
            pad(text, size, right=_numeric(text))
            for text, size in zip(row[:-1], sizes, strict=True)
        )
        first, *more = told.wrap(row[-1], width=told.width - indent)
        lines += [f"  {before}  {first}".rstrip(), *(" " * indent + line for line in more)]
    return lines


def _numeric(text: str) -> bool:
    return text.lstrip(">")[:1].isdecimal()
