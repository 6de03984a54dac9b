"""Judges: what is known of those who compared answers, beside the checks that rest on them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipcall.contract.plan import Plan
from shipcall.core import Absent, Bar, Estimand, Measured, Reason, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.preferences import INVALID, Book, read_book
from shipcall.stages._measure import measure
from shipcall.stages._shown import LEVEL, shown
from shipcall.stages._stage import Samples
from shipcall.stats.agreement import cohen, krippendorff, share_estimate
from shipcall.stats.balanced import balanced_estimate
from shipcall.stats.preference import preference_sample, showings, slope
from shipcall.stats.sample import Lost

TABLE = "preferences"
MOST_JUDGES = 6
"""Judges with a card of their own; those with most comparisons come first."""
_Mask = NDArray[np.bool_]


def judges_exhibit(plan: Plan, evidence: Evidence, samples: Samples) -> Mapping[str, Any]:
    """Show how far judges and people can be believed; nothing where nobody compared answers.

    Args:
        plan: Of the gate.
        evidence: What was read for it.
        samples: What was summed for it.

    Returns:
        Nothing, or under `preferences`: `judges`, a list of cards, `unshown`, how many judges
        have no card, and `people`, one card for all of them. A card has the name of the judge
        (`rater`), `comparisons`, `items`, and as estimates with 95 % intervals: `invalid`
        (share), `agreement` (Cohen's kappa with people) and `agreed` (share), `swap` (share of
        pairs of showings in both orders in which the same was said), `again` (likewise in the
        same order), `position` (share won by what stands first), `length` (rise of the share won
        for each logarithm of the quotient of lengths). People have `alpha` (Krippendorff's,
        nominal) in place of the agreement. `promised` is the greatest agreement that a check asks
        of judges, or None; `rates` are the candidate's win rates as judges say them, as people
        say them, and as each corrected metric of the contract says them.
    """
    if not evidence.present(TABLE):
        return {}
    table = evidence.opened(TABLE)
    book = read_book(table.bound, (), table.engine, table.what).book
    judges = [place for place, _ in _by_size(book)]
    cards: dict[str, Any] = {
        "judges": [_judge(book, place) for place in judges[:MOST_JUDGES]],
        "unshown": max(len(judges) - MOST_JUDGES, 0),
        "promised": _promised(plan),
        "rates": [*_rates(book), *_corrected(plan, samples)],
    }
    people = ~book.judge
    if people.any():
        alpha = {
            "alpha": shown(_among(book, people)),
            "raters": int(np.unique(book.rater[people]).size),
        }
        cards["people"] = {**_habits(book, people), **alpha}
    return {"preferences": cards}


def _promised(plan: Plan) -> float | None:
    """Greatest agreement with people that is asked of judges; None where none is."""
    asked = (
        plan.measures[check.metric].options.judge_agreement
        for check in plan.checks
        if check.metric in plan.measures
    )
    return max((least for least in asked if least is not None), default=None)


def _rates(book: Book) -> Iterator[dict[str, Any]]:
    """How often the candidate wins, both orders alike, as judges and as people say it."""
    for name, mine in (("judges", book.judge), ("people", ~book.judge)):
        rows = np.flatnonzero(mine & ~np.isnan(book.won))
        if rows.size:
            yield {"of": name, "metric": "", **shown(_won_by(book, rows, book.won[rows]))}


def _corrected(plan: Plan, samples: Samples) -> Iterator[dict[str, Any]]:
    """The win rate that people would give, for each metric of the contract that corrects."""
    for check in plan.checks:
        how = plan.measures.get(check.metric)
        if how is None or how.kind != "corrected_win_rate" or check.slice != Slice():
            continue
        own = replace(check, estimand=Estimand.CANDIDATE, bar=Bar(low=0.0, high=1.0, text=""))
        alone = replace(own, clear_at=LEVEL.low, breach_at=LEVEL.high, family=None)
        measured = measure(alone, how, samples[check.metric, check.slice])
        yield {"of": "corrected", "metric": check.metric, **shown(measured)}


def _by_size(book: Book) -> list[tuple[int, int]]:
    places, counts = np.unique(book.rater[book.judge], return_counts=True)
    found = [(int(place), int(count)) for place, count in zip(places, counts, strict=True)]
    return sorted(found, key=lambda one: (-one[1], book.raters[one[0]]))


def _judge(book: Book, place: int) -> Mapping[str, Any]:
    mine = book.judge & (book.rater == place)
    one, other, weight = book.beside_people(mine | ~book.judge)
    verdict, clusters = book.verdict, book.clusters(one)
    if one.size:
        kappa = cohen(verdict[one], verdict[other], clusters, LEVEL, weight)
        agreed = share_estimate(verdict[one] == verdict[other], clusters, LEVEL, weight)
    else:
        kappa = agreed = Absent(reason=Reason.NO_ROWS, detail="people compared none of its items")
    return {
        "rater": book.raters[place],
        **_habits(book, mine),
        "agreement": shown(kappa),
        "agreed": shown(agreed),
        "beside_people": int(np.unique(book.item[one]).size),
    }


def _habits(book: Book, mine: _Mask) -> Mapping[str, Any]:
    rows = np.flatnonzero(mine)
    verdict = book.verdict
    return {
        "comparisons": int(rows.size),
        "items": int(np.unique(book.item[rows]).size),
        "invalid": shown(share_estimate(verdict[rows] == INVALID, book.clusters(rows), LEVEL)),
        "swap": shown(_alike(book, rows, swapped=True)),
        "again": shown(_alike(book, rows, swapped=False)),
        "position": shown(_position(book, mine)),
        "length": shown(_length(book, mine)),
    }


def _alike(book: Book, rows: NDArray[np.int64], *, swapped: bool) -> Measured:
    """Share of pairs of showings of one item to one rater in which the same was said.

    Two invalid answers count as the same.
    """
    shown_to = book.item[rows] * len(book.raters) + book.rater[rows]
    one, other = (rows[side] for side in showings(shown_to, book.first[rows], swapped=swapped))
    if not one.size:
        order = "in both orders" if swapped else "twice in one order"
        detail = f"no item was shown to one rater {order}"
        return Absent(reason=Reason.NO_ROWS, detail=detail)
    verdict = book.verdict
    return share_estimate(verdict[one] == verdict[other], book.clusters(one), LEVEL)


def _position(book: Book, mine: _Mask) -> Measured:
    """Share won by the answer that stands first, both models having stood there alike often."""
    rows = np.flatnonzero(mine & ~np.isnan(book.won))
    return _won_by(book, rows, np.where(book.first[rows] == 1, book.won[rows], 1 - book.won[rows]))


def _won_by(book: Book, rows: NDArray[np.int64], won: NDArray[np.float64]) -> Measured:
    """Share won, each order of showing counted alike."""
    first = book.first[rows]
    if np.unique(first).size < 2:
        return Absent(reason=Reason.ONE_ORDER, detail="all comparisons were shown in one order")
    sample = preference_sample(won, first, book.clusters(rows), lost=Lost(), influence=False)
    return balanced_estimate(sample, Estimand.CANDIDATE, LEVEL)


def _length(book: Book, mine: _Mask) -> Measured:
    rows = np.flatnonzero(mine & ~np.isnan(book.won) & ~np.isnan(book.longer))
    if not rows.size:
        return Absent(reason=Reason.NO_ROWS, detail="no comparison has the lengths of both answers")
    return slope(book.longer[rows], book.won[rows], book.clusters(rows), LEVEL)


def _among(book: Book, people: _Mask) -> Measured:
    """Agreement among people: one rating for each item and rater, the first if there are more."""
    rows = np.flatnonzero(people & ~np.isnan(book.won))
    _, first = np.unique(book.item[rows] * len(book.raters) + book.rater[rows], return_index=True)
    rows = rows[first]
    items, line, count = np.unique(book.item[rows], return_inverse=True, return_counts=True)
    if not items.size or count.max() < 2:
        return Absent(reason=Reason.NO_ROWS, detail="no item was compared by two people")
    names, column = np.unique(book.rater[rows], return_inverse=True)
    ratings = np.full((items.size, names.size), np.nan)
    ratings[line.ravel(), column.ravel()] = book.won[rows]
    begins = np.unique(line.ravel(), return_index=True)[1]
    return krippendorff(ratings, book.clusters(rows[begins]), LEVEL)


def unproven(plan: Plan) -> list[str]:
    """Name the metrics that rest on a judge of whom no agreement with people was promised."""
    bare = sorted(
        name
        for name, how in plan.measures.items()
        if how.kind == "win_rate"
        and how.options.raters == "judge"
        and how.options.judge_agreement is None
        and any(check.metric == name for check in plan.checks)
    )
    if not bare:
        return []
    said = f"{TABLE}: no agreement with people was promised for {', '.join(bare)}; that the judge"
    return [f"{said} prefers what people prefer was not assessed."]
