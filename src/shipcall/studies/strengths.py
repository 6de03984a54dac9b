"""Strengths: who of several models is preferred, how sure that is, and whether one order fits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.agreement import share_estimate
from shipcall.stats.sample import Floats
from shipcall.stats.strengths import (
    Games,
    Group,
    Strengths,
    first_surplus,
    groups,
    one_order,
    strengths,
)
from shipcall.studies.study import Cell, Column, Study, Table

NAMED = 5
"""Most names or pairs in one sentence."""
UNFIT = "does not fit"
"""Said of a pair whose wins are not those that one order of strength would give."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contest:
    """Comparisons with the names of who was compared."""

    names: Sequence[str]
    """Name of every model, by its number."""
    games: Games
    """The comparisons with a usable answer."""
    lost: Sequence[int]
    """Of each model, how many of its comparisons have no usable answer."""
    reference: int | None
    """Against whom strengths are told; None: against the mean of all."""


def strengths_study(contest: Contest, tails: Tails) -> Study:
    """Estimate strengths, chances of each pair, ranks as ranges, and what does not fit.

    Args:
        contest: Who was compared, and who won.
        tails: One-sided error level of each end of every interval that stands alone. Ranks, and
            which pairs do not fit, hold at this level all together (Bonferroni over pairs).
    """
    seen = _connected(contest)
    order = _order(contest, seen)
    pairs = [_pair(contest, seen, one, other, tails) for one, other in combinations(order, 2)]
    ranks = [] if isinstance(seen, Absent) else _ranks(seen, tails)
    tables = (
        _strengths_table(contest, seen, order, ranks, tails),
        _pairs_table(contest, pairs),
        _place_table(contest, seen, tails),
    )
    surplus = tables[2].rows[0].get("surplus")
    habit = isinstance(surplus, Estimate) and not surplus.low <= 0 <= surplus.high
    return Study(
        name="strengths",
        title=f"Strengths of {len(order)} models",
        sentence=_sentence(contest, seen, order, ranks, pairs)
        + (" Standing first makes a difference." if habit else ""),
        questions=_questions(contest, seen, habit=habit),
        tables=tables,
        notes=_notes(contest, seen, pairs),
    )


class _Rank(NamedTuple):
    """Places that a model may have, 1 the strongest."""

    best: int
    worst: int

    @property
    def open(self) -> bool:
        return self.best < self.worst

    @property
    def text(self) -> str:
        return f"{self.best} to {self.worst}" if self.open else str(self.best)


class _Pair(NamedTuple):
    """What was seen of two models, and what strengths say of them."""

    one: int
    other: int
    rows: int
    observed: Measured | None
    """Share that the one won against the other, ties half; None where they never met."""
    chance: Cell
    """None where strengths have no value."""
    says: str


def _connected(contest: Contest) -> Strengths | Absent:
    """Fit strengths; where they run away, name who is cut off."""
    seen = strengths(contest.games)
    if isinstance(seen, Absent) and seen.reason is Reason.NOT_CONNECTED:
        return replace(seen, detail=_cut_off(contest))
    return seen


def _cut_off(contest: Contest) -> str:
    if not contest.games.won.size:
        return "no comparison has a usable answer"
    found = groups(contest.games.wins)
    largest = max(found, key=lambda group: len(group.models))
    apart = [group for group in found if group is not largest or len(group.models) == 1]
    said = [_apart(contest, group) for group in apart]
    more = f"; and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return "; ".join(said[:NAMED]) + more


def _apart(contest: Contest, group: Group) -> str:
    who = listed([contest.names[model] for model in group.models])
    if group.beat and group.lost:
        return f"{who} always won against some of the others and always lost against the rest"
    if group.beat:
        return f"{who} won every comparison with the others"
    if group.lost:
        return f"{who} lost every comparison with the others"
    verb = "was" if len(group.models) == 1 else "were"
    return f"{who} {verb} never compared with the others"


def _order(contest: Contest, seen: Strengths | Absent) -> list[int]:
    """The strongest first; by share of wins where strengths have no value, then by name."""
    if isinstance(seen, Absent):
        wins = contest.games.wins
        games = np.maximum((wins + wins.T).sum(axis=1), 1.0)
        value: Floats = np.asarray(wins.sum(axis=1) / games)
    else:
        value = np.round(seen.ability, 9)
    return sorted(range(len(contest.names)), key=lambda one: (-value[one], contest.names[one]))


def _ranks(seen: Strengths, tails: Tails) -> list[_Rank]:
    """Ranges that hold the true ranks of all models together, at the level of the tails.

    Every pair gets its part of the error (Bonferroni); who is shown to be stronger than so many
    cannot rank behind them.
    """
    size = seen.ability.size
    joint = _joint(tails, size * (size - 1) // 2)
    above = np.zeros((size, size), dtype=np.bool_)
    for one, other in combinations(range(size), 2):
        gap = seen.between(one, other, joint)
        if isinstance(gap, Estimate):
            above[one, other], above[other, one] = gap.low > 0, gap.high < 0
    return [
        _Rank(1 + int(above[:, one].sum()), size - int(above[one].sum())) for one in range(size)
    ]


def _joint(tails: Tails, number: int) -> Tails:
    return Tails(tails.low / max(number, 1), tails.high / max(number, 1))


def _pair(contest: Contest, seen: Strengths | Absent, one: int, other: int, tails: Tails) -> _Pair:
    games = contest.games
    ahead = (games.first == one) & (games.second == other)
    rows = ahead | ((games.first == other) & (games.second == one))
    won = np.where(ahead, games.won, 1.0 - games.won)[rows]
    chance = None if isinstance(seen, Absent) else _as_chance(seen.between(one, other, tails))
    if not won.size:
        return _Pair(one, other, 0, None, chance, "never compared")
    clusters = games.clusters.subset(rows)
    observed = share_estimate(won, clusters, tails)
    says = ""
    if not isinstance(seen, Absent) and _testable(contest):
        wide = share_estimate(won, clusters, _joint(tails, _met(contest)))
        expected = float(seen.chance(one, other))
        if isinstance(wide, Estimate) and not wide.low <= expected <= wide.high:
            says = UNFIT
    return _Pair(one, other, won.size, observed, chance, says)


def _met(contest: Contest) -> int:
    """Number of pairs that were compared."""
    wins = contest.games.wins
    return int(np.count_nonzero(np.triu(wins + wins.T)))


def _testable(contest: Contest) -> bool:
    """With as few pairs as it takes to connect all models, strengths fit whatever was seen."""
    return _met(contest) >= len(contest.names)


def _as_chance(gap: Measured) -> Measured:
    """Carry log odds over to the chance of winning, which moves one way with them."""
    if isinstance(gap, Absent):
        return gap
    with np.errstate(over="ignore"):
        low, value, high = (float(1.0 / (1.0 + np.exp(-x))) for x in (gap.low, gap.value, gap.high))
    return replace(gap, low=low, value=value, high=high)


def _strengths_table(
    contest: Contest,
    seen: Strengths | Absent,
    order: Sequence[int],
    ranks: Sequence[_Rank],
    tails: Tails,
) -> Table:
    wins = contest.games.wins
    rows: list[dict[str, Cell]] = []
    for one in order:
        strength, chance = _strength(contest, seen, one, tails)
        met = float((wins + wins.T)[one].sum())
        rows.append(
            {
                "model": contest.names[one],
                "rank": ranks[one].text if ranks else None,
                "strength": strength,
                "chance": chance,
                "comparisons": round(met),
                "won": float(wins[one].sum()),
                "lost": contest.lost[one] or None,
            }
        )
    against = _against(contest)
    return Table(
        name="strengths",
        title=f"Strength against {against}; ranks hold all together",
        columns=(
            Column(name="model", title="model"),
            Column(name="rank", title="rank"),
            Column(name="strength", title="strength, log odds", difference=True),
            Column(name="chance", title=f"beats {against}", unit="share"),
            Column(name="comparisons", title="comparisons"),
            Column(name="won", title="won, ties half"),
            Column(name="lost", title="without a usable answer"),
        ),
        rows=tuple(rows),
    )


def _against(contest: Contest) -> str:
    return "the mean of all" if contest.reference is None else contest.names[contest.reference]


def _strength(
    contest: Contest, seen: Strengths | Absent, one: int, tails: Tails
) -> tuple[Cell, Cell]:
    """Strength and the chance that goes with it; the reference is 0 by agreement."""
    if isinstance(seen, Absent):
        return seen, seen
    if contest.reference is None:
        told = seen.over_mean(one, tails)
    elif contest.reference == one:
        return 0.0, None
    else:
        told = seen.between(one, contest.reference, tails)
    return told, _as_chance(told)


def _pairs_table(contest: Contest, pairs: Sequence[_Pair]) -> Table:
    return Table(
        name="pairs",
        title="Every pair, the stronger first: what was seen, and what strengths say",
        columns=(
            Column(name="pair", title="pair"),
            Column(name="comparisons", title="comparisons"),
            Column(name="observed", title="won by the first, ties half", unit="share"),
            Column(name="chance", title="chance by strength", unit="share"),
            Column(name="says", title=""),
        ),
        rows=tuple(
            {
                "pair": _named(contest, pair),
                "comparisons": pair.rows,
                "observed": pair.observed,
                "chance": pair.chance,
                "says": pair.says,
            }
            for pair in pairs
        ),
    )


def _named(contest: Contest, pair: _Pair) -> str:
    return f"{contest.names[pair.one]} : {contest.names[pair.other]}"


def _place_table(contest: Contest, seen: Strengths | Absent, tails: Tails) -> Table:
    games = contest.games
    row: dict[str, Cell] = {
        "of": "all comparisons",
        "observed": share_estimate(games.won, games.clusters, tails),
    }
    if not isinstance(seen, Absent):
        row["surplus"] = first_surplus(seen, games, tails)
        row["expected"] = float(seen.chance(games.first, games.second).mean())
    return Table(
        name="place",
        title="Whether standing first is an advantage",
        columns=(
            Column(name="of", title="of"),
            Column(name="observed", title="the first is preferred", unit="share"),
            Column(name="expected", title="by strength alone", unit="share"),
            Column(name="surplus", title="more than by strength", unit="share", difference=True),
        ),
        rows=(row,),
    )


def _sentence(
    contest: Contest,
    seen: Strengths | Absent,
    order: Sequence[int],
    ranks: Sequence[_Rank],
    pairs: Sequence[_Pair],
) -> str:
    if isinstance(seen, Absent):
        return f"Can't tell how strong the models are: {seen.detail}."
    firsts = [contest.names[one] for one in order if ranks[one].best == 1]
    told = (
        f"{firsts[0]} is the strongest: shown to be stronger than every other."
        if len(firsts) == 1 and ranks[order[0]].worst == 1
        else f"Who is the strongest is open between {listed(firsts)}."
    )
    vague = [f"{contest.names[one]} {ranks[one].text}" for one in order if ranks[one].open]
    told += f" Ranks left open: {listed(vague)}." if vague else " Every rank is shown."
    unfit = [_named(contest, pair) for pair in pairs if pair.says == UNFIT]
    if unfit:
        told += f" One order of strength does not fit {listed(unfit)}."
    return told


def _questions(contest: Contest, seen: Strengths | Absent, *, habit: bool) -> tuple[str, ...]:
    asked = []
    cut_off = isinstance(seen, Absent) and seen.reason is Reason.NOT_CONNECTED
    if cut_off and contest.games.won.size and len(contest.names) > 2:
        asked.append(
            "Can those who are cut off be compared until each side has won once? Or leave them "
            "out with --without."
        )
    if habit and one_order(contest.games):
        asked.append(
            "Standing first changes who is preferred, and some pairs were shown in one order "
            "only: can they be shown in the other order too?"
        )
    return tuple(asked)


def _notes(contest: Contest, seen: Strengths | Absent, pairs: Sequence[_Pair]) -> tuple[str, ...]:
    known = not isinstance(seen, Absent)
    notes = list(_assumed(contest)) if known else []
    never = [_named(contest, pair) for pair in pairs if not pair.rows]
    if never:
        rest = " Their chances rest on the other pairs alone." if known else ""
        notes.append(f"Never compared: {listed(never)}.{rest}")
    fixed = [f"{contest.names[a]} before {contest.names[b]}" for a, b in one_order(contest.games)]
    if fixed:
        notes.append(
            f"Always shown in one order: {listed(fixed)}. A liking for the first is taken for "
            "strength there."
        )
    if any(contest.lost):
        notes.append(
            f"Left out as they have no usable answer: {sum(contest.lost) // 2:,} comparisons. If "
            "answers of one model fail more often, that is not in its strength."
        )
    return tuple(notes)


def _assumed(contest: Contest) -> tuple[str, str]:
    """What strengths take for granted, and how far the data could speak against it."""
    order = "One order of strength is taken to hold for all items"
    if _testable(contest):
        order += (
            ": who beats the winner of a pair is taken to beat its loser more clearly. A pair does "
            "not fit where the interval of its share, all pairs together at 95 %, leaves out the "
            "chance by strength; few comparisons fit everything."
        )
    else:
        order += ". With so few pairs nothing in the data can speak against it."
    return order, (
        "Ranks hold together: with 95 % all models lie within theirs. Strengths belong to these "
        "items, these models and those who compared; a new judge may order otherwise."
    )


def listed(names: Sequence[str]) -> str:
    """Write names as a list in words; of many, the first ones and how many more."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
