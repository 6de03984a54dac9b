"""Judge pictures: how far those who compared answers can be believed, and what that does to rates.

A judge's habits stand before those of people, so that a liking that people share is no bias.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from shipcall.report.cohort import PLAIN, SHARE, Unit, absent, said
from shipcall.report.intervals import Line, Mark, intervals
from shipcall.report.judges import DOUBLED, asked_text, rate_name
from shipcall.report.strip import Axis
from shipcall.report.words import View, write

Row = dict[str, Any]

_SHARES = Axis(0.0, 1.0)
_KAPPAS = Axis(-0.2, 1.0)
_HABITS = (
    ("swap", "same in both orders", SHARE, None),
    ("again", "same when asked again", SHARE, None),
    ("position", "first answer wins", SHARE, 0.5),
    ("length", "at twice the length", DOUBLED, 0.0),
    ("invalid", "gave no usable answer", SHARE, 0.0),
)
"""Key, what it is called, how it is written, and what it is without a habit."""
_AROUND = {"position": 0.1, "length": 0.05}
"""Habits that go both ways -> half of the axis where there is nearly none."""


def judge_svgs(exhibits: Mapping[str, Any]) -> dict[str, Markup]:
    """Draw the card of each judge and the win rates, name -> SVG; empty where nobody compared.

    Args:
        exhibits: As the gate gives them, in plain form.
    """
    shown = exhibits.get("preferences")
    if not shown:
        return {}
    people, promised = shown.get("people"), shown.get("promised")
    pictures = {f"judge-{card['rater']}": _card(card, people, promised) for card in shown["judges"]}
    rates = shown.get("rates")
    return {**pictures, **({"wins": _rates(rates)} if rates else {})}


def _card(card: View, people: View | None, promised: float | None) -> Markup:
    lines = [_agreement(card, promised), *_habits(card, people)]
    title = f"{card['rater']}: how far it can be believed"
    told = "; ".join(f"{line.name}: {line.marks[0].text}" for line in lines)
    beside = " Thin: what people do." if people else ""
    return intervals("judge", title, f"{asked_text(card)}. {told}.{beside}", lines)


def _agreement(card: View, promised: float | None) -> Line:
    kappa = card["agreement"]
    asked = "nothing promised" if promised is None else f"at least {promised:g} promised"
    text = f"kappa {said(kappa, PLAIN)}" if not absent(kappa) else said(kappa, PLAIN)
    return Line(
        "agrees with people",
        [Mark(kappa, text)],
        note=asked,
        axis=_KAPPAS,
        landmark=0.0,
        at_least=promised,
    )


def _habits(card: View, people: View | None) -> Iterator[Line]:
    for key, name, unit, plain in _HABITS:
        if key == "again" and absent(card[key]):
            continue
        marks = [_mark(card[key], unit, signed=plain == 0.0 and unit is DOUBLED)]
        if people and not absent(people[key]):
            beside = _mark(people[key], unit, signed=unit is DOUBLED, who="people ")
            marks.append(beside._replace(thin=True))
        centred = key in _AROUND and plain is not None
        axis = _axis_around(plain or 0.0, marks, _AROUND[key]) if centred else _SHARES
        note = "" if plain is None else f"without the habit {_plain_text(plain, unit)}"
        yield Line(name, marks, note=note, axis=axis, landmark=plain)


def _mark(shown: View, unit: Unit, *, signed: bool, who: str = "") -> Mark:
    return Mark(shown, f"{who}{said(shown, unit, signed=signed)}")


def _axis_around(plain: float, marks: list[Mark], least: float) -> Axis:
    """Make an axis around the number without a habit that holds every end."""
    known = [mark.shown for mark in marks if not absent(mark.shown)]
    ends = [one[end] for one in known for end in ("value", "low", "high")]
    most = 1.1 * max([*(abs(end - plain) for end in ends if end is not None), least])
    return Axis(plain - most, plain + most)


def _plain_text(plain: float, unit: Unit) -> str:
    return write(plain * unit.factor, decimals=0) + unit.suffix


def _rates(rates: list[View]) -> Markup:
    lines = [
        Line(
            rate_name(one),
            [Mark(one, said(one, SHARE), tone="baseline" if one["of"] == "corrected" else "ink")],
            note=one["metric"],
            landmark=0.5,
        )
        for one in rates
    ]
    told = "; ".join(f"{line.name} {line.marks[0].text}" for line in lines)
    return intervals("wins", "How often the candidate wins, both orders alike", told, lines)


def judge_picture_rows(exhibits: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Give the numbers of every picture of `judge_svgs`: name -> rows.

    Args:
        exhibits: As the gate gives them, in plain form.
    """
    shown = exhibits.get("preferences")
    if not shown:
        return {}
    people = shown.get("people")
    tables = {
        f"judge-{card['rater']}": [
            {"rater": card["rater"], "what": "agreement", **_ends(card["agreement"])},
            *(
                {"rater": rater, "what": key, **_ends(one[key])}
                for rater, one in ((card["rater"], card), ("people", people))
                if one
                for key, *_ in _HABITS
            ),
        ]
        for card in shown["judges"]
    }
    rates = [
        {"of": one["of"], "metric": one["metric"], **_ends(one)} for one in shown.get("rates") or ()
    ]
    return {**tables, **({"wins": rates} if rates else {})}


def _ends(one: View) -> Row:
    row = {end: one.get(end) for end in ("value", "low", "high", "n")}
    return {**row, "why_none": one["detail"] if absent(one) else ""}
