"""Screens of forms in the terminal, drawn from the views of `app.prepare_forms`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shipcall.cli.practise_screen import flowing, screen, shown, tell
from shipcall.report.table import Cell, Column, fitted

View = Mapping[str, Any]
__all__ = ["lines", "tell"]


def lines(view: View) -> list[str]:
    """The forms, what one asks, or how an answer to it did."""
    view = shown(view)
    if view["kind"] == "forms":
        return _listed(view)
    if view["kind"] == "form":
        return [*_ASKED[view["form"]](view), "", *_answered(view)]
    return _TOLD[view["form"]](view)


def _listed(view: View) -> list[str]:
    every = [f"{one['name']:<10} {one['says']}" for one in view["forms"]]
    return [*every, "", "Begin: shipcall practice form NAME"]


def _answered(view: View) -> list[str]:
    """The form to be filled in, and how it is handed in."""
    name = view["form"]
    if name == "contract":
        return [
            "The commands of everyday work; the last one tells all of this at once:",
            "",
            *(f"  {line}" for line in view["template"].splitlines()),
            "  shipcall practice form contract --answer contract.toml",
        ]
    return [
        f"Put your answer into a file, such as {name}.toml:",
        "",
        *(f"  {line}".rstrip() for line in view["template"].splitlines()),
        "",
        f"Then: shipcall practice form {name} --answer {name}.toml",
    ]


def _table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """A table as wide as it has to be, or its cells one below the other."""
    told = screen()
    laid = fitted(columns, rows, told.width, told.painter)
    if laid is not None:
        return [line.rstrip() for part in laid for line in part]
    return [
        f"{column.title}: {cell.text}" if column.title else cell.text
        for row in rows
        for column, cell in zip(columns, row, strict=True)
    ]


def _right(*titles: str) -> list[Column]:
    return [Column(""), *(Column(title, right=True) for title in titles)]


def _between(ends: Sequence[float]) -> str:
    return f"{ends[0]:,.12g}\N{EN DASH}{ends[1]:,.12g}"


def _dvl_asked(view: View) -> list[str]:
    found = [*flowing(view["story"]), ""]
    for one in view["features"]:
        found += [f"{one['slug']}: {one['title']}", *flowing(one["data"], indent=2)]
        wanted = f"asked for by {one['reach']:,.12g}, pain {one['pain']} of 5"
        found += [f"  {wanted}, {one['months']:g} months", ""]
    columns = _right("labelled rows", "come back", "EUR each", "a year", "exponent", "cost in EUR")
    rows = [
        [Cell(one["slug"]), *(Cell(_between(one[number])) for number in NUMBERS)]
        for one in view["features"]
    ]
    found += [*_table(columns, rows), ""]
    found += flowing(
        "Of the errors with 100 rows, (rows / 100) ^ -exponent are left. `come back` is the share "
        "of predictions that return as a labelled row. Within its range a share or an exponent is "
        "spread evenly, and the logarithm of every other number."
    )
    if view["pair"]:
        one, other = view["pair"]
        told = (
            f"{one} and {other} share a pipeline: the second costs {view['saves']:,.12g} EUR less."
        )
        found += ["", *flowing(told)]
    return found


NUMBERS = ("rows", "returned", "value", "volume", "exponent", "cost")


def _dvl_told(view: View) -> list[str]:
    score = view["score"]
    chosen, pain = score["chosen"], score["by_pain"]
    rows = [
        [
            Cell(one["slug"]),
            Cell(f"{one['first']:.1%}"),
            Cell(f"{one['worth']:,.0f}"),
            Cell(f"{one['low']:,.0f} to {one['high']:,.0f}"),
            Cell(f"{one['per_cost']:.2f}"),
        ]
        for one in score["features"]
    ]
    columns = _right("is first", "worth in EUR", "eight of ten draws", "EUR for each of cost")
    true = next(one["first"] for one in score["features"] if one["slug"] == chosen["first"])
    return [
        f"Portfolio {view['seed']}, {score['draws']:,} draws from the ranges:",
        "",
        *_table(columns, rows),
        "",
        *flowing(f"Your first, {chosen['first']}: {_loses(chosen)}."),
        *flowing(
            f"You were {score['probability']:.0%} sure of it; it is first in {true:.1%} of the "
            f"draws. Log score {score['bits']:.2f} bits, {score['bits_lost']:.2f} less than the "
            "best statement. 0.01 and 0.99 are the ends of what counts."
        ),
        *flowing(
            f"Of the pairs, your order has {score['pairs']:.0%} right on average; the best order "
            f"has {score['best_pairs']:.0%}."
        ),
        "",
        *flowing(f"Ordered by reach, pain and months, {pain['first']} is first: {_loses(pain)}."),
        *flowing("Reach and pain say who wants it. No data comes from that."),
        "",
        *_unknown_lines(score),
    ]


def _loses(choice: View) -> str:
    if not choice["loses"]:
        return "nothing better is known"
    return (
        f"{choice['loses']:,.0f} EUR expected less than the best, {choice['share']:.0%} of what is "
        "at stake"
    )


def _unknown_lines(score: View) -> list[str]:
    worth = [one for one in score["unknowns"] if one["shown"]][:3]
    if not worth:
        return flowing("No single number is shown to be worth finding out before you choose.")
    found = ["Worth finding out before you choose, in EUR:"]
    found += [f"  {one['worth']:>10,.0f}  {one['number']} of {one['feature']}" for one in worth]
    return [*found, f"  {score['all_known']:>10,.0f}  everything"]


def _imof_asked(view: View) -> list[str]:
    told = f"Repeat a table for a second of its kind. Prompts: {', '.join(view['prompts'])}"
    return [*_prompt(view), "", *flowing(told)]


def _contract_asked(view: View) -> list[str]:
    told = "Fill in a contract for the first release of a model that does this."
    return [*_prompt(view), "", *flowing(told)]


def _prompt(view: View) -> list[str]:
    prompt = view["prompt"]
    return [
        prompt["title"],
        *flowing(prompt["product"]),
        *flowing(f"People: {prompt['people']}"),
        *flowing(f"What goes wrong: {prompt['goes_wrong']}"),
    ]


def _imof_told(view: View) -> list[str]:
    score = view["score"]
    rows = [
        [Cell(one["part"]), Cell(f"{one['items']}"), Cell(f"{one['written']} of {one['fields']}")]
        for one in score["parts"]
    ]
    found = [*_table(_right("there", "fields written"), rows), ""]
    for why, lints in _by_reason(score["lints"]).items():
        found += flowing(why)
        found += [line for one in lints for line in flowing(one, indent=2)]
        found.append("")
    told = ", ".join(score["holds"])
    found += flowing(f"Holds everywhere: {told}." if told else "No rule holds everywhere yet.")
    found += ["", "Hold these against your answer yourself; nothing is scored from them:"]
    found += [line for one in view["remember"] for line in flowing(f"- {one}", indent=2)]
    return found


def _by_reason(lints: Sequence[View]) -> dict[str, list[str]]:
    found = dict[str, list[str]]()
    for one in lints:
        said = f"{one['path']}: \u201c{one['quote']}\u201d" if one["quote"] else one["path"]
        found.setdefault(one["why"], []).append(said)
    return found


def _toggle_asked(view: View) -> list[str]:
    scene = view["scene"]
    found = [scene["title"], *flowing(scene["story"]), ""]
    found += [f"  0    {scene['low']}", f"  100  {scene['high']}", ""]
    for one in view["slices"]:
        found += flowing(f"{one['name']} ({one['units']:,}): {one['says']}")
    settings = sorted({one["setting"] for one in view["trial"]})
    rows = [
        [Cell(part["name"]), *(_tried(view, part["name"], setting) for setting in settings)]
        for part in view["slices"]
    ]
    found += ["", f"EUR a year for each {scene['unit']} against 0, as a trial measured it, 90 %:"]
    found += ["", *_table(_right(*(f"at {setting}" for setting in settings)), rows)]
    told = "Personal data: say how people are asked and how they leave."
    return [*found, "", told] if scene["personal"] else found


def _tried(view: View, name: str, setting: int) -> Cell:
    one = next(u for u in view["trial"] if (u["slice"], u["setting"]) == (name, setting))
    return Cell(f"{one['value']:.2f} [{one['low']:.2f}, {one['high']:.2f}]")


def _toggle_told(view: View) -> list[str]:
    score = view["score"]
    rows = [
        [
            Cell(one["slice"]),
            Cell(f"{one['setting']:g}"),
            Cell(f"{one['worth']:,.0f}"),
            Cell(f"{one['best_setting']}"),
            Cell(f"{one['loses']:,.0f}"),
        ]
        for one in score["slices"]
    ]
    names = [one["slice"] for one in score["slices"]]
    curve = [
        [Cell(f"at {one['setting']:g}"), *(Cell(f"{one[name]:.2f}") for name in names)]
        for one in score["curves"]
    ]
    columns = _right("your setting", "EUR a year", "its best setting", "EUR lost")
    found = [f"{view['scene']}, seed {view['seed']}:", "", *_table(columns, rows), ""]
    found += flowing(_together(score))
    found += ["", "EUR a year for each, as it is:", *_table(_right(*names), curve), ""]
    for one in score["lints"]:
        said = f"{one['path']}: \u201c{one['quote']}\u201d" if one["quote"] else one["path"]
        found += flowing(f"{said}: {one['why']}")
    return found if score["lints"] else [*found, "Nothing is left to ask of the record."]


def _together(score: View) -> str:
    best = f"{score['best_common']:,.0f} EUR a year at {score['best_setting']} for all"
    apart = f"{score['best_apart']:,.0f} with the best setting for each slice"
    if score["loses"] <= 0:
        return f"Together {score['worth']:,.0f} EUR a year. One dial for all gives {best}; {apart}."
    return (
        f"Together {score['worth']:,.0f} EUR a year, {score['loses']:,.0f} less than the best, "
        f"{score['share']:.0%} of what is at stake. One dial for all gives {best}; {apart}."
    )


def _contract_told(view: View) -> list[str]:
    score = view["score"]
    found = [f"{view['file']}: {view['release']}, contract {score['contract'][:12]}", ""]
    for one in score["lints"]:
        at = f" (line {one['line']})" if one["line"] else ""
        found += flowing(f"{one['code']} {one['title']}{at}: {one['fix']}.")
    found += [] if score["lints"] else ["No lint."]
    if score["unknown"]:
        return [*found, "", *flowing(f"Its chances are not known: {score['unknown']}")]
    rows = [
        [Cell(one["title"]), *(_chance(one[call]) for call in ("go", "hold", "refuse"))]
        for one in score["chances"]
    ]
    found += [
        "",
        "At the gate, with the units promised; in brackets what the draws leave open, 95 %:",
        "",
    ]
    found += _table(_right("goes on", "HOLD", "NO SHIP"), rows)
    return [*found, "", f"All of it: shipcall plan {view['file']}"]


def _chance(one: View) -> Cell:
    return Cell(f"{one['value']:.0%} ({one['low']:.0%} to {one['high']:.0%})")


_ASKED: Mapping[str, Callable[[View], list[str]]] = {
    "imof": _imof_asked,
    "dvl": _dvl_asked,
    "trade-off": _toggle_asked,
    "contract": _contract_asked,
}
_TOLD: Mapping[str, Callable[[View], list[str]]] = {
    "imof": _imof_told,
    "dvl": _dvl_told,
    "trade-off": _toggle_told,
    "contract": _contract_told,
}
