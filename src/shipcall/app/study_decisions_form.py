"""Decisions in words: cells, cost curve, decision curve, best threshold, another share live."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shipcall.app.study import EACH_ALONE, TAILS
from shipcall.core import Absent, Estimate, Measured, Tails
from shipcall.stages.gate import generator
from shipcall.stats.proportions import clopper_pearson
from shipcall.studies.decisions import (
    Prices,
    Scored,
    benefit_difference,
    confusion,
    cost_at,
    cost_difference,
    everyone,
    net_benefit,
)
from shipcall.studies.shift import corrected, live_rate
from shipcall.studies.study import Cell, Chart, Column, Line, Mark, Point, Study, Table
from shipcall.studies.threshold import Best, best_threshold, thresholds

SHOWN = 21
"""Most thresholds in a table."""
ACTED = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Threshold probabilities of the decision curve."""
_ARMS = ("baseline", "candidate")
_THIRD = Tails(TAILS.low / 3, TAILS.high / 3)
"""Of each of three rates from which the live share is worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Scores of both models on the same rows, and what was said of them."""

    baseline: Scored
    candidate: Scored
    metric: str
    threshold: float
    """Where the contract cuts."""
    prices: Prices | None
    live_rate: float | None
    live_called: float | None
    live_rows: int | None
    currency: str
    weighted: bool
    """The table has weights, which are not used here."""

    @property
    def arms(self) -> Mapping[str, Scored]:
        """Both models by name."""
        return {"baseline": self.baseline, "candidate": self.candidate}

    @property
    def probabilities(self) -> bool:
        """Do all scores lie in [0, 1]?"""
        return all(s.score.min() >= 0 and s.score.max() <= 1 for s in self.arms.values())


def decision_parts(cut: Cut) -> Study:
    """Work out what the scores are worth at their thresholds.

    Args:
        cut: Scores, labels and prices.
    """
    live, estimated = _live(cut)
    best = {arm: _best(cut, arm, live) for arm in _ARMS} if cut.prices else {}
    tables = [_cells(cut)]
    if estimated is not None:
        tables.append(_live_table(estimated, cut))
    charts = []
    if cut.prices:
        tables += [_best_table(cut, best, live), _curve_table(cut, live)]
        charts.append(_cost_chart(cut, best, live))
    if cut.probabilities:
        tables.append(_benefit_table(cut, live))
        charts.append(_benefit_chart(cut, live))
    return Study(
        name="costs",
        title="Decisions",
        sentence=_sentence(cut, best),
        questions=() if cut.prices else (_ASK_PRICES,),
        stated=_stated(cut, live),
        tables=tuple(tables),
        charts=tuple(chart for chart in charts if chart is not None),
        notes=_notes(cut, live),
    )


_ASK_PRICES = (
    "What does a false alarm cost, and what a miss? Say both with --false-alarm and --miss; the "
    "best threshold depends on their ratio alone."
)


def _live(cut: Cut) -> tuple[float | None, Measured | None]:
    """The live share of positives: as stated, or as worked out from calls, with its interval."""
    if cut.live_called is None or cut.live_rows is None:
        return cut.live_rate, None
    counted = round(cut.live_called * cut.live_rows)
    called = clopper_pearson(counted, cut.live_rows, _THIRD)
    cells = confusion(cut.candidate, cut.threshold, _THIRD)
    estimated = live_rate(called, cells.alarms, cells.misses)
    value = estimated.value if isinstance(estimated, Estimate) else math.nan
    return (value if 0 < value < 1 else None), estimated


def _best(cut: Cut, arm: str, live: float | None) -> Best:
    prices = cut.prices or Prices(1, 1)
    rng = generator("costs", cut.metric, arm, *prices, live)
    return best_threshold(cut.arms[arm], prices, TAILS, rng, live)


def _cost(cut: Cut, arm: str, threshold: float, live: float | None) -> Measured:
    prices = cut.prices or Prices(1, 1)
    return cost_at(cut.arms[arm], prices, threshold, TAILS, live)


def _cells(cut: Cut) -> Table:
    columns = (
        Column(name="cell", title=f"at {cut.threshold:g}"),
        *(
            column
            for arm in _ARMS
            for column in (
                Column(name=f"{arm}_rows", title=f"{arm}, rows"),
                Column(name=f"{arm}_share", title=f"{arm}, share", unit="share"),
            )
        ),
    )
    found = {arm: confusion(cut.arms[arm], cut.threshold, TAILS) for arm in _ARMS}
    names = ("true positives", "false alarms", "misses", "true negatives")
    rows: list[dict[str, Cell]] = []
    for i, name in enumerate(names):
        row: dict[str, Cell] = {"cell": name}
        for arm, cells in found.items():
            row |= {f"{arm}_rows": cells.counts[i], f"{arm}_share": cells.shares[i]}
        rows.append(row)
    rates: tuple[tuple[str, Callable[[str], Measured]], ...] = (
        ("false alarms of all negatives", lambda arm: found[arm].alarms),
        ("misses of all positives", lambda arm: found[arm].misses),
    )
    rows += [{"cell": name, **{f"{arm}_share": of(arm) for arm in _ARMS}} for name, of in rates]
    return Table(name="confusion", title="Confusion matrix", columns=columns, rows=tuple(rows))


def _live_table(estimated: Measured, cut: Cut) -> Table:
    columns = (Column(name="what", title=""), Column(name="share", title="share", unit="share"))
    rows: tuple[dict[str, Cell], ...] = (
        {"what": "positives among the evaluated rows", "share": cut.candidate.rate},
        {"what": "called positive live", "share": cut.live_called},
        {"what": "positives live, worked out", "share": estimated},
    )
    return Table(name="live_rate", title="Positives live", columns=columns, rows=rows)


def _best_table(cut: Cut, best: Mapping[str, Best], live: float | None) -> Table:
    columns = (
        Column(name="model", title="model"),
        Column(name="threshold", title="cheapest threshold"),
        Column(name="cost", title="a row there, chosen elsewhere", unit=cut.currency),
        Column(name="now", title=f"a row at {cut.threshold:g}", unit=cut.currency),
    )
    rows = tuple(
        {
            "model": arm,
            "threshold": best[arm].threshold,
            "cost": best[arm].cost,
            "now": _cost(cut, arm, cut.threshold, live),
        }
        for arm in _ARMS
    )
    return Table(name="best", title="Cheapest threshold", columns=columns, rows=rows)


def _places(cut: Cut) -> list[float]:
    found = {place for arm in _ARMS for place in thresholds(cut.arms[arm].score, SHOWN // 2)[:-1]}
    return [*sorted({*found, cut.threshold}), math.inf]


def _curve_table(cut: Cut, live: float | None) -> Table:
    columns = (
        Column(name="threshold", title="called positive from"),
        *(Column(name=arm, title=f"{arm}, a row", unit=cut.currency) for arm in _ARMS),
        Column(name="difference", title="candidate less baseline", unit=cut.currency,
               difference=True),
    )  # fmt: skip
    prices = cut.prices or Prices(1, 1)
    rows = []
    for place in _places(cut):
        row: dict[str, Cell] = {"threshold": place if place < math.inf else "call nothing"}
        row |= {arm: _cost(cut, arm, place, live) for arm in _ARMS}
        if place < math.inf:
            both = cut.baseline, cut.candidate
            row["difference"] = cost_difference(*both, prices, (place, place), TAILS, live)
        rows.append(row)
    title = f"Cost of a row at every threshold{_among(live)}"
    return Table(name="cost_curve", title=title, columns=columns, rows=tuple(rows))


def _among(live: float | None) -> str:
    return "" if live is None else f", {100 * live:.3g} % positive"


def _acted(cut: Cut) -> list[float]:
    return sorted({*ACTED, *([cut.threshold] if 0 < cut.threshold < 1 else [])})


def _benefit_table(cut: Cut, live: float | None) -> Table:
    columns = (
        Column(name="acting", title="acting from", unit="share"),
        *(Column(name=arm, title=arm) for arm in _ARMS),
        Column(name="everyone", title="acting on everyone"),
        Column(name="difference", title="candidate less baseline", difference=True),
    )
    rows = tuple(
        {
            "acting": p,
            **{arm: net_benefit(cut.arms[arm], p, TAILS, live) for arm in _ARMS},
            "everyone": everyone(cut.candidate, p, TAILS, live),
            "difference": benefit_difference(cut.baseline, cut.candidate, p, TAILS, live),
        }
        for p in _acted(cut)
    )
    title = f"Net benefit, in true positives per row{_among(live)}"
    return Table(name="decision_curve", title=title, columns=columns, rows=rows)


def _line(places: Sequence[tuple[float, Measured]], title: str, tone: str) -> Line:
    points = tuple(
        Point(x=x, y=y.value, low=_finite(y.low), high=_finite(y.high))
        for x, y in places
        if isinstance(y, Estimate)
    )
    return Line(title=title, tone=tone, points=points)


def _finite(end: float) -> float | None:
    return end if math.isfinite(end) else None


def _cost_chart(cut: Cut, best: Mapping[str, Best], live: float | None) -> Chart | None:
    places = [place for place in _places(cut) if math.isfinite(place)]
    lines = [_line([(p, _cost(cut, a, p, live)) for p in places], a, a) for a in _ARMS]
    lines = [line for line in lines if len(line.points) > 1]
    if not lines:
        return None
    marks = [Mark(x=cut.threshold, title="contract")]
    chosen = best["candidate"].threshold
    if isinstance(chosen, Estimate):
        marks.append(Mark(x=chosen.value, title="cheapest"))
    own = lines[-1].points
    least = min(own, key=lambda point: point.y)
    return Chart(
        name="cost_curve",
        title="Cost of a row against the threshold",
        says=f"Least of the {lines[-1].title}: {least.y:.4g} at {least.x:.4g}.",
        x_title="called positive from",
        y_title="cost of a row",
        y_unit=cut.currency,
        lines=tuple(lines),
        marks=tuple(marks),
    )


def _benefit_chart(cut: Cut, live: float | None) -> Chart | None:
    acted = _acted(cut)
    lines = [
        _line([(p, net_benefit(cut.arms[a], p, TAILS, live)) for p in acted], a, a) for a in _ARMS
    ]
    lines = [line for line in lines if len(line.points) > 1]
    if not lines:
        return None
    least = min(point.y for line in lines for point in line.points)
    every = [(p, everyone(cut.candidate, p, TAILS, live)) for p in acted]
    above = [(p, y) for p, y in every if isinstance(y, Estimate) and y.value >= min(least, 0.0)]
    nobody = Line(
        title="acting on nobody",
        tone="mute",
        points=(Point(x=acted[0], y=0.0), Point(x=acted[-1], y=0.0)),
    )
    bare = tuple(Point(x=point.x, y=point.y) for point in _line(above, "", "").points)
    return Chart(
        name="decision_curve",
        title="Net benefit against the probability from which people act",
        says=f"Net benefit of the candidate from {lines[-1].points[0].y:.4g} at {acted[0]:g} to "
        f"{lines[-1].points[-1].y:.4g} at {acted[-1]:g}.",
        x_title="acting from",
        y_title="net benefit",
        x_unit="share",
        lines=(*lines, Line(title="acting on everyone", tone="mute", points=bare), nobody),
    )


def _sentence(cut: Cut, best: Mapping[str, Best]) -> str:
    if not best:
        return "What errors cost was not said, so no threshold is the cheapest."
    chosen = best["candidate"].threshold
    if isinstance(chosen, Absent):
        return f"The cheapest threshold of the candidate cannot be told: {chosen.detail}."
    low, high = (
        f"{end:.3g}" if math.isfinite(end) else word
        for end, word in ((chosen.low, "calling everything"), (chosen.high, "calling nothing"))
    )
    inside = chosen.low <= cut.threshold <= chosen.high
    tail = (
        f"the contract's {cut.threshold:g} is among them"
        if inside
        else f"the contract's {cut.threshold:g} is not among them"
    )
    return (
        f"The candidate is cheapest to cut at {chosen.value:.3g}; every threshold from {low} to "
        f"{high} may be the cheapest, and {tail}."
    )


def _stated(cut: Cut, live: float | None) -> tuple[str, ...]:
    told = []
    if cut.prices:
        told.append(f"a false alarm costs {cut.prices.false_alarm:g} {cut.currency}".rstrip())
        told.append(f"a miss costs {cut.prices.miss:g} {cut.currency}".rstrip())
    if cut.live_rate is not None:
        told.append(f"share of positives live: {cut.live_rate:g}")
    rate = cut.candidate.rate
    if live is not None and 0 < rate < 1 and 0 < cut.threshold < 1 and cut.probabilities:
        moved = corrected(cut.threshold, rate, live)
        told.append(
            f"a probability of {cut.threshold:g} among the evaluated rows is one of {moved:.3g} "
            f"where {100 * live:.3g} % are positive"
        )
    return tuple(told)


def _notes(cut: Cut, live: float | None) -> tuple[str, ...]:
    notes = [EACH_ALONE]
    if cut.prices and cut.probabilities and cut.prices.fair_threshold not in {0.0, 1.0}:
        notes.append(
            f"At these prices calibrated probabilities are best cut at "
            f"{cut.prices.fair_threshold:.3g}; a cheapest threshold far from it says that they are "
            "not calibrated on these rows."
        )
    if live is not None:
        notes.append(
            "Costs are those of the live share of positives, if positives and negatives each look "
            "as they did in the evaluation. If what makes a row positive has changed, they are not."
        )
    if cut.live_called is not None:
        notes.append(
            "The live share of positives is worked out from calls; costs are at its value, and "
            "its own interval is not in theirs. Try its ends with --live-rate."
        )
    if cut.weighted:
        notes.append("The table has weights; this study counts every row alike.")
    if cut.candidate.lost:
        notes.append(
            f"{cut.candidate.lost:,} rows lack a label or a score; shares and costs are filled at "
            "their worst."
        )
    return tuple(notes)
