"""Outcomes: the kinds of units that 0/1 metrics can meet, and how often each kind comes.

An effect moves the candidate's share and keeps how often the two models differ, as far as that
can be: a difference of 0.3 cannot come from models that differ on a tenth of the rows.
"""

from collections.abc import Callable
from math import comb

import numpy as np

from shipcall.release.foresight.laws import TalliedLaw
from shipcall.stats.sample import Floats
from shipcall.stats.tallies import Kinds

_BOTH, _BASELINE, _CANDIDATE, _NEITHER = range(4)
_BISECTIONS = 50


def pair_shares(value: float, differ: float, effect: float) -> Floats:
    """Shares of pairs right in both models, in one of them and in neither; shape (4,).

    Args:
        value: Share of the baseline, in [0, 1].
        differ: Share of pairs in which the models differ; moved to the nearest that can be.
        effect: Candidate minus baseline; cut where the candidate would leave [0, 1].
    """
    gain = min(max(effect, -value), 1.0 - value)
    most = min(2.0 * value + gain, 2.0 * (1.0 - value) - gain)
    held = min(max(differ, abs(gain)), max(most, abs(gain)))
    baseline, candidate = (held - gain) / 2, (held + gain) / 2
    shares = np.array([value - baseline, baseline, candidate, 1.0 - value - candidate])
    kept = np.maximum(shares, 0.0)
    whole: Floats = kept / kept.sum()
    return whole


def paired_law(value: float, differ: float, counting: float = 1.0) -> TalliedLaw:
    """One row per unit, right or wrong: accuracy, a share; recall where only some rows count.

    Args:
        value: Share of the baseline among the rows that count.
        differ: Share of those rows on which the models differ.
        counting: Share of all rows that count, in (0, 1].
    """
    one = np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    kinds = Kinds(
        num_baseline=np.array([1.0, 1.0, 0.0, 0.0, 0.0]),
        den_baseline=one,
        num_candidate=np.array([1.0, 0.0, 1.0, 0.0, 0.0]),
        den_candidate=one,
        rows=one.astype(np.int64),
    )

    def shares(effect: float) -> Floats:
        return np.append(pair_shares(value, differ, effect) * counting, 1.0 - counting)

    return TalliedLaw(kinds=kinds, shares=shares, limits=(0.0, 1.0), binary=True)


def precision_law(value: float, differ: float, called: float) -> TalliedLaw:
    """Rows which only one model, both or none calls positive, each rightly or wrongly.

    Args:
        value: Precision of the baseline.
        differ: Share of each model's calls that the other one does not make, in [0, 1].
        called: Share of the rows that a model calls positive, in (0, 1).
    """
    both, one = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    other = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    right = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0])
    calls = np.array(both) + np.array(one), np.array(both) + np.array(other)
    kinds = Kinds(
        num_baseline=calls[0] * right,
        den_baseline=calls[0],
        num_candidate=calls[1] * right,
        den_candidate=calls[1],
        rows=np.array([1, 1, 1, 1, 1, 1, 0]),
    )

    def shares(effect: float) -> Floats:
        middle = value + effect / 2
        room = max(min(middle, 1.0 - middle), 1e-9)
        apart = min(max(differ, min(abs(effect) / (2 * room), 1.0)), 1.0)
        aside = effect / (2 * apart) if apart > 0 else 0.0
        true = np.clip([middle, middle - aside, middle + aside], 0.0, 1.0)
        called_by_both = called * (1.0 - apart)
        alone = min(called * apart, (1.0 - called_by_both) / 2)
        parts = np.repeat([called_by_both, alone, alone], 2)
        split = np.ravel(np.column_stack([true, 1.0 - true]))
        return np.append(parts * split, max(1.0 - called_by_both - 2 * alone, 0.0))

    return TalliedLaw(kinds=kinds, shares=shares, limits=(0.0, 1.0), binary=True)


def runs_shares(value: float, differ: float, together: float, runs: int, effect: float) -> Floats:
    """Share of units with so many successes in each model's runs; shape ((runs + 1)^2,).

    A share `together` of the units answers all its runs alike, the others answer every run
    anew; then any two runs of one model have the correlation `together`, and the models differ
    on a share `differ` of the runs if the units that answer alike can make up for the others.
    The kind of (b, c) successes stands at b * (runs + 1) + c.
    """
    single = pair_shares(value, differ, effect)
    other = float(single[_BOTH] + single[_CANDIDATE])
    apart = value * (1.0 - other) + other * (1.0 - value)
    alike = min(max(together, 1e-6), 1.0)
    stuck = pair_shares(value, (differ - (1.0 - alike) * apart) / alike, other - value)
    shares = (1.0 - alike) * np.outer(_binomial(runs, value), _binomial(runs, other))
    for at, part in (((runs, runs), _BOTH), ((runs, 0), _BASELINE), ((0, runs), _CANDIDATE),
                     ((0, 0), _NEITHER)):  # fmt: skip
        shares[at] += alike * stuck[part]
    flat: Floats = shares.ravel() / shares.sum()
    return flat


def _binomial(runs: int, share: float) -> Floats:
    hits = np.arange(runs + 1)
    ways = np.array([comb(runs, int(h)) for h in hits], dtype=np.float64)
    chances: Floats = ways * share**hits * (1.0 - share) ** (runs - hits)
    return chances


def runs_law(
    value: float, differ: float, together: float, runs: int, k: int | None = None
) -> TalliedLaw:
    """Several runs of each unit: the share of runs that succeed, or pass^k of each unit.

    Args:
        value: Share of the baseline's runs that succeed.
        differ: Share of runs on which the models differ, repeat by repeat.
        together: Correlation of two runs of one unit by one model, in [0, 1].
        runs: Runs of each unit by each model.
        k: For pass^k, at most `runs`; None for the share of runs.
    """
    hits = np.arange(runs + 1, dtype=np.float64)
    if k is None:
        scored, weight = hits, float(runs)
    else:
        scored = np.array([comb(h, k) / comb(runs, k) for h in range(runs + 1)])
        weight = 1.0
    size = (runs + 1) ** 2
    kinds = Kinds(
        num_baseline=np.repeat(scored, runs + 1),
        den_baseline=np.full(size, weight),
        num_candidate=np.tile(scored, runs + 1),
        den_candidate=np.full(size, weight),
        rows=np.full(size, int(weight)),
    )

    def shares(effect: float) -> Floats:
        return runs_shares(value, differ, together, runs, effect)

    return TalliedLaw(
        kinds=kinds, shares=shares, limits=(0.0, 1.0), binary=k is None, rows_each=float(runs)
    )


def passing(law: TalliedLaw, effect: float) -> float:
    """Candidate minus baseline of a tallied law under an effect, in the unit of its metric."""
    shares, kinds = law.shares(effect), law.kinds
    candidate = shares @ kinds.num_candidate / (shares @ kinds.den_candidate)
    return float(candidate - shares @ kinds.num_baseline / (shares @ kinds.den_baseline))


def solved(moved: Callable[[float], float], wanted: float) -> float:
    """The effect in [-1, 1] at which a rising function takes a value, by bisection."""
    low, high = -1.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if moved(middle) < wanted else (low, middle)
    return (low + high) / 2
