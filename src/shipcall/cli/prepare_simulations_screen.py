"""Screens of simulations and of the worksheet for an offer, drawn from their views."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shipcall.cli.practise_screen import flowing, shown, tell

View = Mapping[str, Any]

__all__ = ["lines", "tell"]


def lines(view: View) -> list[str]:
    """Any of these views in lines."""
    return list(_SCREENS[view["kind"]](shown(view)))


def _simulations(view: View) -> Iterator[str]:
    for one in view["simulations"]:
        yield f"{one['name']:<12} {one['minutes']:>3g} min   {one['says']}"
    yield from ("", "Begin one: shipcall practice simulation NAME")


def _simulation(view: View) -> Iterator[str]:
    clock = f"{view['minutes']:g} minutes from now" if view["timed"] else "no clock, and marked so"
    yield f"{view['name']}, seed {view['seed']}: {clock}"
    yield from ("", *flowing(view["story"]), "")
    yield from _TASKS[view["name"]](view)
    if "template" in view:
        yield from ("", "Answer in this form:", "", *view["template"].splitlines())
    seeded = "" if "template" in view else f" --seed {view['seed']}"
    yield from ("", f"shipcall practice simulation {view['name']}{seeded} --answer FILE")


def _morning(view: View) -> Iterator[str]:
    for one in view["items"]:
        yield f"{one['id']}  ({one['kind']}): {one['title']}"
        yield from flowing(one["text"], indent=4)
        yield from flowing(
            f"If it is something: {one['harm']:g} EUR an hour. Look: {one['look']:g} min. "
            f"Act ({one['acts']}): {one['act']:g} min, {one['needless']:g} EUR if for nothing.",
            indent=4,
        )


def _incident(view: View) -> Iterator[str]:
    yield "Events, not in their order:"
    for one in view["events"]:
        yield from flowing(f"{one['id']}: {one['says']}", indent=2)
    yield from ("", "What may have contributed:")
    for one in view["statements"]:
        yield from flowing(f"{one['id']}: {one['says']}", indent=2)
    yield from ("", f"Day, units, {view['counted']}:")
    for one in view["days"]:
        yield f"  {one['day']:>3} {one['units']:>5} {one['cases']:>4}"
    yield f"On days 1 to {view['before']} nothing was wrong yet."


def _sheet(view: View) -> Iterator[str]:
    yield f"{view['title']}: {view['unit']}"
    for one in view["facts"]:
        ends = f"{one['value']}, {one['low']} to {one['high']}, from {one['n']}"
        yield f"  {one['says']:<32} {ends}{'   hurts most' if one['weak'] else ''}"
    yield from flowing(view["unknown"] + ".", indent=2)
    yield from flowing(view["fallback"], indent=2)
    yield f"A minute holds about {view['pace']} words."


_TASKS: Mapping[str, Callable[[View], Iterator[str]]] = {
    "morning": _morning,
    "post-mortem": _incident,
    "sales": _sheet,
}


def _told(view: View) -> Iterator[str]:
    yield f"{view['name']}, seed {view['seed']}: {_clock(view['clock'])}"
    if view["repeat"]:
        yield "You answered this drawing before: what you knew then counts."
    yield ""
    yield from _SCORES[view["name"]](view)


def _clock(clock: View) -> str:
    if clock["seconds"] is None:
        return "without a clock"
    words = {"within": "within the clock", "over": "over the clock"}[clock["kept"]]
    return f"{clock['seconds'] / 60:.1f} minutes, {words}"


def _morning_score(view: View) -> Iterator[str]:
    one = view["score"]
    yield f"Your morning loses {one['lost']:,.0f} EUR on average; the best one {one['best']:,.0f}."
    yield f"  by the order        {one['by_order']:>8,.0f}"
    yield f"  by the decisions    {one['by_decisions']:>8,.0f}"
    yield f"Acting on all as it came loses {one['as_they_came']:,.0f}."
    yield f"Leaving all of it loses {one['left_all']:,.0f}."
    yield from ("", "item                   chance   harm/min  yours       best        costs")
    for row in one["rows"]:
        mine, best = _way(row["yours"], row["place"]), _way(row["best"], row["best_place"])
        yield (
            f"{row['id']:<22} {row['chance']:>6.0%} {row['urgency']:>10.2f}  {mine:<11} {best:<11}"
            f"{row['costs']:>6,.0f}"
        )
    yield from (
        "",
        *flowing(
            "harm/min: EUR an hour of harm that a minute of yours ends. Chances follow from the "
            "counts you were shown; nothing was drawn to judge you."
        ),
    )


def _way(way: str, place: int | None) -> str:
    return way if place is None else f"{place}. {way}"


def _incident_score(view: View) -> Iterator[str]:
    one = view["score"]
    yield f"{len(one['swapped'])} of {one['pairs']} pairs of events in the wrong order"
    for first, later in one["swapped"]:
        yield f"  {first} came before {later}"
    if one["left_out"]:
        yield f"  in no place: {', '.join(one['left_out'])}"
    yield f"It began on day {one['began']} and could be seen on day {one['seen']}."
    yield _late(one["late"])
    yield f"Contributing, found: {', '.join(one['found']) or 'none'}"
    yield f"Contributing, missed: {', '.join(one['missed']) or 'none'}"
    for word, names in (("no cause", one["bystanders"]), ("blame, no cause", one["blame"])):
        if names:
            yield f"Named, and {word}: {', '.join(names)}"
    for lint in one["lints"]:
        yield from flowing(f"! {lint['path']}: {lint['why']}", indent=2)
    yield from ("", f"As it happened: {', '.join(one['order'])}")


def _late(late: int | None) -> str:
    if late is None:
        return "You named no day."
    if late == 0:
        return "You named that day."
    word = "later" if late > 0 else "earlier, when chance explained the counts"
    return f"You said {abs(late)} day{'' if abs(late) == 1 else 's'} {word}."


def _sales_score(view: View) -> Iterator[str]:
    one = view["score"]
    yield f"{one['words']} words, about {one['seconds']:.0f} seconds"
    for flag in one["flags"]:
        yield from flowing(f"! {flag['about']}: {flag['why']}", indent=2)
        if flag["quote"]:
            yield from flowing(f"\u201c{flag['quote']}\u201d", indent=6)
    yield f"Told with their range: {', '.join(one['told']) or 'none'}"
    yield ""
    for place, sentence in enumerate(view["sentences"], 1):
        yield from flowing(f"{place}. {sentence}", indent=2)
    yield from ("", "Criteria, to be read by people: --met CRITERION=1,3")
    newest = view["readings"][-1] if view["readings"] else None
    met = {each["criterion"]: each["quotes"] for each in newest["met"]} if newest else {}
    for each in view["criteria"]:
        yield from flowing(
            f"{'+' if met.get(each['id']) else '-'} {each['id']}: {each['says']}", indent=2
        )
    if newest:
        hits = sum(bool(quotes) for quotes in met.values())
        yield f"{hits} of {len(met)} met, read by {newest['reader']}."


_SCORES: Mapping[str, Callable[[View], Iterator[str]]] = {
    "morning": _morning_score,
    "post-mortem": _incident_score,
    "sales": _sales_score,
}


def _offers_form(view: View) -> Iterator[str]:
    yield from view["template"].splitlines()
    yield from ("", *flowing(f"# {view['note']}"))


def _offers(view: View) -> Iterator[str]:
    money = view["sheet"]["currency"]
    for one in view["lints"]:
        yield from flowing(f"! {one['path']}: {one['why']}", indent=2)
    for one in view["offers"]:
        yield from ("", f"{one['name']}, in {money}", "  year        cash      equity at the grant")
        for year in one["years"]:
            yield f"  {year['year']:>4} {year['cash']:>11,.0f} {year['equity']:>12,.0f}"
        yield f"  four years, discounted: {one['as_stated']:,.0f} as stated"
        yield f"  of this cash: {one['cash']:,.0f}"
        yield f"  a year, with equity drawn: {_range(one['a_year'])}"
        if one["below_walk_away"] is not None:
            yield f"  below your walk-away in {one['below_walk_away']:.0%} of the draws"
        left = ", ".join(f"{months} months {kept:,.0f}" for months, kept in one["leaving"])
        yield from flowing(f"leaving after: {left}", indent=2)
    yield from ("", *flowing(view["laws"]), *flowing(view["note"]))


def _range(one: View) -> str:
    return f"{one['low']:,.0f} to {one['high']:,.0f}, middle {one['middle']:,.0f}"


_SCREENS: Mapping[str, Callable[[View], Iterator[str]]] = {
    "simulations": _simulations,
    "simulation": _simulation,
    "simulation_told": _told,
    "offers_form": _offers_form,
    "offers": _offers,
}
