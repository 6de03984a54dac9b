"""Outlook of a plan, in words: the chance of each call, what they rest on, what would help."""

from collections.abc import Sequence
from typing import NamedTuple

from shipcall.report.words import View, counted, whole

CHANCE_TITLES = ("if this is true", "goes on", "HOLD", "NO SHIP", "unmet most often")
_WANTED = (
    ("gain", "go", "gain goes on"),
    ("harm", "refuse", "harm refused"),
    ("harm_in_slice", "refuse", "harm in slice refused"),
)
"""Situation, the call that is wanted in it, and the column that says how often it comes."""
_SOURCES = {
    "pilot": "from the pilot",
    "stated": "as stated",
    "contract": "from the contract",
    "counted": "counted in the rows that are there",
    "assumed": "assumed",
}
_ROUGH = 0.005


class Table(NamedTuple):
    """Titles and rows of text."""

    titles: tuple[str, ...]
    rows: list[list[str]]


def percent(share: float) -> str:
    """A chance in percent; never 0 or 100 where it was only drawn."""
    if share <= _ROUGH:
        return "< 1 %"
    return "> 99 %" if share >= 1 - _ROUGH else f"{100 * share:.0f} %"


def number(value: float) -> str:
    """A number that was taken: three digits, whole where it is large."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def chance_text(chance: View) -> str:
    """A drawn chance with its interval."""
    return f"{percent(chance['value'])} ({100 * chance['low']:.0f}-{100 * chance['high']:.0f})"


def chance_table(view: View) -> Table:
    """How often each call comes in each situation, with the interval of what was drawn."""
    rows = []
    for one in view.get("chances", []):
        unmet = f"{one['bottleneck']} {percent(one['unmet'])}" if one["bottleneck"] else "\u2013"
        rows.append(
            [
                situation_text(one),
                *(chance_text(one[call]) for call in ("go", "hold", "refuse")),
                unmet,
            ]
        )
    return Table(CHANCE_TITLES, rows)


def situation_text(chances: View) -> str:
    """What is taken to be true, with the guardrail that is harmed."""
    title: str = chances["title"]
    return f"{title} ({chances['check']})" if chances["check"] else title


def curve_table(view: View) -> Table:
    """The chances that have to be great, at every size that was tried."""
    curve: Sequence[View] = view.get("curve", [])
    there = {one["situation"] for point in curve for one in point["chances"]}
    wanted = [one for one in _WANTED if one[0] in there]
    rows = []
    for point in curve:
        found = {one["situation"]: one for one in point["chances"]}
        cells = [percent(found[name][call]["value"]) for name, call, _ in wanted]
        rows.append([whole(max(point["units"].values())), *cells])
    return Table(("units", *(title for _, _, title in wanted)), rows)


def least_sentence(view: View) -> str:
    """The least sample that decides, or why there is none."""
    least = view.get("least")
    if not least:
        return ""
    if least["factor"] is None:
        return f"No size that was tried decides 8 times in 10: {least['why']}."
    said = " and ".join(f"{whole(n)} units of {t}" for t, n in sorted(least["units"].items()))
    times = number(least["factor"])
    if least["factor"] <= min(point["factor"] for point in view["curve"]):
        return (
            f"Less would do: with {said} ({times} times what is promised), the least that was "
            f"tried, the hoped gain goes on{_and_harm(view)} 8 times in 10 or more often."
        )
    return (
        f"Least sample that decides: about {said} ({times} times what is promised); "
        f"then the hoped gain goes on{_and_harm(view)} 8 times in 10."
    )


def _and_harm(view: View) -> str:
    harms = any(one["situation"].startswith("harm") for one in view["chances"])
    return " and each harm is refused" if harms else ""


def help_sentences(view: View) -> list[str]:
    """What would help the hoped gain most, best first."""
    now = next((one for one in view.get("chances", []) if one["situation"] == "gain"), None)
    if now is None:
        return []
    before = percent(now["go"]["value"])
    words = {
        "check": "if {check} were always met",
        "margin": "with a bar for {check} half as hard (twice the margin, half the gain)",
        "units": "with twice the units",
        "repeats": "with twice the repeats",
    }
    return [
        f"The hoped gain goes on in {percent(one['chance']['value'])} instead of {before} "
        f"{words[one['kind']].format(check=one['check'])}."
        for one in view["buy_first"]
        if percent(one["chance"]["value"]) != before
    ]


def sensitivity_sentences(view: View) -> list[str]:
    """The same chances where the models differ half or twice as much from unit to unit."""
    sentences = []
    for one in view.get("sensitivity", []):
        times = {0.5: "half", 2.0: "twice"}.get(one["spread"], f"{one['spread']:g} times")
        parts = [
            f"{situation_text(c)}: "
            + (
                f"goes on {percent(c['go']['value'])}"
                if c["situation"] in ("gain", "no_change")
                else f"refused {percent(c['refuse']['value'])}"
            )
            for c in one["chances"]
            if c["situation"] != "no_change"
        ]
        sentences.append(f"With {times} the spread: {'; '.join(parts)}.")
    return sentences


def cost_sentences(view: View) -> list[str]:
    """What the units cost, in money and days, where the contract or the person says."""
    cost = view.get("cost")
    if not cost:
        return []
    sentences = []
    for name, title in (("promised", "The promised"), ("least", "The least")):
        one = cost[name]
        if one is None or (one["labels"] is None and one["days"] is None):
            continue
        parts = []
        if one["labels"] is not None:
            parts.append(f"{whole(round(one['labels']))} {cost['currency']} of labels")
        if one["days"] is not None:
            parts.append(f"{whole(one['days'])} day{'s' * (one['days'] != 1)}")
        sentences.append(f"{title} {counted(one['units'], 'unit')}: {', '.join(parts)}.")
    return sentences


def assumed_sentences(view: View) -> list[str]:
    """Every number that was taken, by what it is about, with where it comes from."""
    about: dict[str, list[str]] = {}
    for one in view.get("assumed", []):
        about.setdefault(one["about"], []).append(f"{one['what']} {sourced(one)}")
    gains = [f"{name} {sourced(hope)}" for name, hope in view.get("hopes", {}).items()]
    hoped = [f"Hoped gain, positive is better: {', '.join(gains)}."] if gains else []
    return hoped + [f"{name}: {'; '.join(parts)}." for name, parts in about.items()]


def sourced(known: View) -> str:
    """A number that was taken, with where it comes from."""
    return f"{number(known['value'])} ({_SOURCES[known['source']]})"


def advice(view: View) -> list[str]:
    """Sentences that say what to do, most useful first."""
    unknown = view.get("unknown")
    if unknown:
        return [f"The chance of each call is not known: {unknown}."]
    least = least_sentence(view)
    first = [least] if least else []
    return [*first, *help_sentences(view), *cost_sentences(view)]


def outlook_sentence(view: View) -> str:
    """One sentence on whether the contract can decide; empty where nothing was worked out."""
    chances: Sequence[View] = view.get("chances", [])
    if not chances:
        return ""
    found = {one["situation"]: one for one in chances}
    said = f"The hoped gain goes on in {percent(found['gain']['go']['value'])} of releases"
    harm = found.get("harm") or found.get("harm_in_slice")
    if harm:
        said += f", and harm in {harm['check']} is refused in {percent(harm['refuse']['value'])}"
    return f"{said}."
