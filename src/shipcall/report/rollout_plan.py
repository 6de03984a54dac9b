"""Rollout plan, in words and one picture: how a rollout would go, before anybody is exposed."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.outlook import Table, chance_text, number, percent, situation_text, sourced
from shipcall.report.palette import paint
from shipcall.report.svg import MUTE, Look, Picture, frame, seed, tenth, upright, words
from shipcall.report.text import shorten
from shipcall.report.words import View, whole

CALL_TITLES = ("if this is true", "SHIP", "NO SHIP", "ROLL BACK", "days end", "day of the call")
SHARE_TITLES = ("harm in", "share", "new units", "candidate", "days", "found before it is left")
_WIDTH, _PLOT, _LEFT, _TOP = 1040, (700, 220), 56, 40
_DASHES = ("", "7 4", "2 3", "10 3 2 3")
_CLOSE = 15
"""Labels nearer than this, in pixels, would touch."""
_DASH = "\u2013"
_OFTEN = 0.2
"""The days end first so often that it is said."""
_BOUGHT = {
    "units": "the units a day",
    "days": "the days and the hours of every share",
    "margin": "the margin",
}


def rollout_tables(view: View) -> list[Table]:
    """How often each call comes, and what each share finds; nothing where nothing was drawn."""
    rollout = view.get("rollout")
    if not rollout or not rollout["situations"]:
        return []
    tables = (_calls(rollout["situations"]), _shares(rollout["situations"]))
    return [table for table in tables if table.rows]


def _calls(situations: Sequence[View]) -> Table:
    rows = []
    for one in situations:
        days = one["rolled_back"] if one["check"] else one["shipped"]
        rows.append(
            [
                situation_text(one),
                *(chance_text(one[call]) for call in ("ship", "no_ship", "roll_back", "late")),
                _DASH if days is None else f"{days['median']:g} (9 of 10: {days['late']:g})",
            ]
        )
    return Table(CALL_TITLES, rows)


def _shares(situations: Sequence[View]) -> Table:
    rows = [
        [
            one["check"],
            f"{100 * at['share']:g} %",
            whole(round(at["units"])),
            whole(round(at["candidates"])),
            f"{at['days']:.1f}",
            chance_text(at["found"]) if at["found"] else "never reached",
        ]
        for one in situations
        if one["check"]
        for at in one["shares"]
    ]
    return Table(SHARE_TITLES, rows)


class RolloutPage(NamedTuple):
    """What a page shows of a rollout that has not begun."""

    said: list[str]
    tables: list[Table]
    curve: Markup | str


def rollout_page(view: View) -> RolloutPage:
    """Everything of a plan's rollout; empty where there is none."""
    tables = rollout_tables(view)
    harmed = bool(tables) and bool(_harms(view["rollout"]))
    return RolloutPage(rollout_sentences(view), tables, found_curve(view) if harmed else "")


def rollout_sentences(view: View) -> list[str]:
    """What a rollout cannot find and what would help, then what all of it rests on."""
    rollout = view.get("rollout")
    if not rollout:
        return []
    if rollout["unknown"]:
        said = [f"Days and chances of the rollout are not known: {rollout['unknown']}."]
    else:
        said = [*_blind(rollout), *_helps(rollout), *_found(rollout), *_ends(rollout)]
    left = [f"{one['check']} is left out: {one['why']}." for one in rollout["left_out"]]
    return [*said, *left]


def rollout_verdict(view: View) -> str:
    """What a plan has to say of its rollout in one sentence: what is not known, or not found."""
    rollout = view.get("rollout")
    if not rollout:
        return ""
    if rollout["unknown"]:
        return "Whether the rollout would find its harms is not known."
    return "".join(_blind(rollout))


def rollout_taken(view: View) -> list[str]:
    """Every number that was taken of the rollout, and what hangs on those that were assumed."""
    rollout = view.get("rollout")
    if not rollout:
        return []
    about: dict[str, list[str]] = {}
    for one in rollout["assumed"]:
        about.setdefault(one["about"], []).append(f"{one['what']} {sourced(one)}")
    gains = [f"{name} {sourced(hope)}" for name, hope in rollout["hopes"].items()]
    hoped = [f"Hoped gain in the rollout, positive is better: {', '.join(gains)}."]
    return [
        *(hoped if gains else []),
        *(f"{name}: {'; '.join(parts)}." for name, parts in about.items()),
        *_sensitivity(rollout),
    ]


def _harms(rollout: View) -> list[View]:
    return [one for one in rollout["situations"] if one["check"]]


def _blind(rollout: View) -> list[str]:
    blind = [one for one in _harms(rollout) if one["check"] in rollout["blind"]]
    named = "; ".join(f"{one['check']} {percent(one['found']['value'])}" for one in blind)
    said = (
        f"A harm of {rollout['detect_at']:g} margins is found within {whole(rollout['days'])} days "
        f"less often than missed: {named}. The seal asks for a reason (--even-so)."
    )
    return [said] if blind else []


def _found(rollout: View) -> list[str]:
    return [
        f"A harm of {rollout['detect_at']:g} margins in {one['check']} "
        f"({number(one['effect'])}) is found within {whole(rollout['days'])} days in "
        f"{percent(one['found']['value'])} of rollouts, half of them by day "
        f"{one['found_days']['median']:g}."
        for one in _harms(rollout)
        if one["check"] not in rollout["blind"]
    ]


def _helps(rollout: View) -> list[str]:
    bought = rollout["buy_first"]
    if not bought:
        return []
    check = bought[0]["check"]
    now = next(one for one in _harms(rollout) if one["check"] == check)["found"]["value"]
    parts = [
        f"{percent(one['found']['value'])} with {one['factor']:g} times {_BOUGHT[one['kind']]}"
        for one in bought
    ]
    return [f"Harm in {check}: found in {percent(now)}; {', or '.join(parts)}."]


def _ends(rollout: View) -> list[str]:
    """What stands in the way of the hoped gain, where the days often end first."""
    gain = next((one for one in rollout["situations"] if one["situation"] == "gain"), None)
    if gain is None or not gain["bottleneck"] or gain["late"]["value"] < _OFTEN:
        return []
    said = (
        f"With the hoped gain the days end first in {percent(gain['late']['value'])} of rollouts; "
        f"{gain['bottleneck']} is most often what is not met yet."
    )
    return [said]


def _sensitivity(rollout: View) -> list[str]:
    sentences = []
    for one in rollout["sensitivity"]:
        times = {0.5: "half", 2.0: "twice"}.get(one["factor"], f"{one['factor']:g} times")
        parts = [
            f"{situation_text(s)}: found {percent(s['found']['value'])}"
            if s["found"]
            else f"{situation_text(s)}: SHIP {percent(s['ship']['value'])}"
            for s in one["situations"]
        ]
        sentences.append(f"With {times} of every assumed rate or spread: {'; '.join(parts)}.")
    return sentences


def found_curve(view: View) -> Markup:
    """Draw the chance of having found each harm against days, one line per guardrail.

    Lines have their own dashes and end at their own name; the upright dashed line is the last day.

    Args:
        view: A plan whose rollout has a harm.
    """
    harms = _harms(view["rollout"])
    days = max(len(one["by_day"]) for one in harms)
    width, height = _PLOT
    bottom = _TOP + height
    body = [words(_LEFT, _TOP - 14, "Chance that the harm was found", look=Look(bold=True))]
    for share in (0.0, 0.5, 1.0):
        y = bottom - height * share
        body.append(_path([(_LEFT, y), (_LEFT + width, y)], "line", ""))
        body.append(words(_LEFT - 8, y + 4, f"{100 * share:.0f} %", anchor="end", look=MUTE))
    for day in sorted({0, days // 4, days // 2, 3 * days // 4, days}):
        x = _LEFT + width * day / days
        body.append(words(x, bottom + 18, f"day {day}", anchor="middle", look=MUTE))
    body.append(upright(_LEFT + width, _TOP, bottom, requirement=True))
    taken: list[float] = []
    for place, one in enumerate(harms):
        chances = [0.0, *one["by_day"]]
        places = [
            (_LEFT + width * day / days, bottom - height * chance)
            for day, chance in enumerate(chances)
        ]
        body.append(_path(places, "candidate", _DASHES[place % len(_DASHES)]))
        label = places[-1][1]
        while any(abs(label - other) < _CLOSE for other in taken):
            label += _CLOSE
        taken.append(label)
        text = f"{shorten(one['check'], 28)} {percent(chances[-1])}"
        body.append(words(_LEFT + width + 10, label + 4, text, look=Look("candidate", bold=True)))
    high = max([bottom + 30, *(int(label) + 12 for label in taken)])
    said = "; ".join(
        f"{one['check']}: {percent(one['found']['value'])} within {whole(days)} days"
        for one in harms
    )
    key = seed("found", *(one["check"] for one in harms), str(days))
    title = "Chance to have found each harm against days"
    return frame(body, Picture(key, "curve", _WIDTH, high, title, f"{said}."))


def _path(places: Sequence[tuple[float, float]], tone: str, dashes: str) -> Markup:
    path = "L".join(f"{tenth(x)} {tenth(y)}" for x, y in places)
    return Markup(
        '<path d="M{}" fill="none" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>'
    ).format(path, paint(tone), 1 if tone == "line" else 2, dashes or "none")
