"""Reader: what somebody who knows the published world would believe, given what was looked at.

The world of a case is small enough to be summed: one slice is broken or none is, and three
shares take a few values each. The belief is therefore computed, not judged.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from shipcall.core import Slice
from shipcall.practice.case import Case, World, rows

TOTALS = ("headline", "checks")
"""Panels that show the totals over all slices."""
PARTS = ("slices", "flips")
"""Panels that show the slices themselves."""
DOUBT = 0.001
"""No belief comes nearer to 0 or 1: the published world is not all there is."""


class Flips(NamedTuple):
    """Rows of one slice by who answered right."""

    only_candidate: int
    only_baseline: int
    others: int

    @property
    def n(self) -> int:
        """All rows."""
        return sum(self)


class Rates(NamedTuple):
    """Shares of rows that only one model answers right; together below one."""

    only_candidate: float
    only_baseline: float


_Likelihood = Callable[[Flips, Flips, Rates, Rates], float]
"""(all rows, rows of the suspect, shares elsewhere, shares in the suspect) -> log likelihood."""


def flips_of(case: Case) -> dict[Slice, Flips]:
    """Count the rows of every level of every slicing column; the empty slice is all rows."""
    seen: dict[Slice, Counter[int]] = {Slice(): Counter()}
    columns = [column for column in case.truth.draw.shares if column != "intent"]
    for row in rows(case):
        right = row["candidate"] == row["label"], row["baseline"] == row["label"]
        kind = 2 if right[0] == right[1] else int(right[1])
        seen[Slice()][kind] += 1
        for column in columns:
            seen.setdefault(Slice.of({column: row[column]}), Counter())[kind] += 1
    return {part: Flips(counts[0], counts[1], counts[2]) for part, counts in sorted(seen.items())}


def broken_given(case: Case, looked: Iterable[str]) -> float:
    """Chance that one slice is broken, for a careful reader of the panels that were looked at.

    Exact in the world that the case publishes, where rows are independent, and no truer than
    that world. The slices of different columns overlap; each is considered in turn, with every
    row outside it as sound.

    Args:
        case: The case with its world.
        looked: Names of the panels; none means that only the base rate is known.

    Returns:
        Probability in [DOUBT, 1 - DOUBT].
    """
    names = {name.partition(":")[0] for name in looked}
    if names & set(PARTS):
        return belief(case.world, flips_of(case), by_slice=True)
    if names & set(TOTALS):
        return belief(case.world, flips_of(case), by_slice=False)
    return case.world.base_rate


def belief(world: World, parts: Mapping[Slice, Flips], *, by_slice: bool) -> float:
    """Chance that one slice is broken, given counts, by Bayes' rule summed over the world.

    Args:
        world: Base rate and the values that the shares may take.
        parts: Counts of every slice; the empty slice holds all rows.
        by_slice: Are the counts of each slice known, or only how large it is?

    Returns:
        Probability in [DOUBT, 1 - DOUBT].
    """
    likelihood: _Likelihood = _in_parts if by_slice else _in_total
    whole = parts[Slice()]
    suspects = [flips for part, flips in parts.items() if part.pairs]
    sound = [_log(whole, rates) for rates in _sound(world)]
    broken = [
        likelihood(whole, suspect, rates, Rates(rates[0], rates[1] + worse))
        for suspect in suspects
        for rates in _sound(world)
        for worse in world.severity
    ]
    against = math.log(1 - world.base_rate) + _log_mean(sound)
    for_it = math.log(world.base_rate) + _log_mean(broken)
    odds = math.exp(max(min(for_it - against, 700.0), -700.0))
    return min(max(odds / (1 + odds), DOUBT), 1 - DOUBT)


def _sound(world: World) -> Iterator[Rates]:
    return (Rates(*pair) for pair in product(world.only_candidate, world.only_baseline))


def _in_parts(whole: Flips, suspect: Flips, rest: Rates, there: Rates) -> float:
    outside = Flips(*(a - b for a, b in zip(whole, suspect, strict=True)))
    return _log(suspect, there) + _log(outside, rest)


def _in_total(whole: Flips, suspect: Flips, rest: Rates, there: Rates) -> float:
    share = suspect.n / whole.n
    mixed = (share * a + (1 - share) * b for a, b in zip(there, rest, strict=True))
    return _log(whole, Rates(*mixed))


def _log(flips: Flips, rates: Rates) -> float:
    """Logarithm of the multinomial likelihood, without the constant that all worlds share."""
    chances = (*rates, 1 - sum(rates))
    return sum(count * math.log(chance) for count, chance in zip(flips, chances, strict=True))


def _log_mean(logs: Sequence[float]) -> float:
    most = max(logs)
    return most + math.log(math.fsum(math.exp(one - most) for one in logs) / len(logs))
