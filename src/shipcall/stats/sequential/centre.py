"""Centre: what an outcome is expected to be, known before the unit came and blind to its arm.

The centre takes out what both arms share: the level of the metric, its season, and what a
covariate from before exposure foretells. It never decides validity, only width.
"""

from typing import NamedTuple

import numpy as np

from shipcall.core.check import Estimand
from shipcall.stats.sample import Floats
from shipcall.stats.sequential.epochs import Table

_CANDIDATE = np.array([[0.0], [1.0]])
_BASELINE = 1.0 - _CANDIDATE
_FEW = 100.0
"""Units before which a covariate is not trusted to foretell anything."""


class Start(NamedTuple):
    """What was expected of the outcome when the contract was sealed."""

    value: float
    """In the unit of the metric, for instance the baseline's value offline."""
    units: float = 100.0
    """How many units of the rollout outweigh it, > 0."""


class Centre(NamedTuple):
    """The centre m = fixed + x moved + slope * covariate of each cell; all of shape (..., C)."""

    fixed: Floats
    moved: Floats
    slope: Floats
    """Change of the outcome that one step of the covariate foretells."""


class Residuals(NamedTuple):
    """Sums over units of r = p + x q, the outcome minus its centre under a hypothesis x.

    All of shape (..., 2, C): sum of p, of q, of p^2, of p q, of q^2.
    """

    value: Floats
    slope: Floats
    squares: Floats
    product: Floats
    slopes: Floats


class _Outcome(NamedTuple):
    """Sums of the outcome under a hypothesis, P + x Q: P, Q, P^2, P Q, Q^2."""

    p: Floats
    q: Floats
    pp: Floats
    pq: Floats
    qq: Floats


def centres(table: Table, start: Start, estimand: Estimand) -> Centre:
    """Find the centre of each cell from strictly earlier epochs, blind to arms.

    Args:
        table: Cells in order of exposure; its sums may have leading axes.
        start: The sealed expectation; it counts as `start.units` earlier units.
        estimand: DIFFERENCE or RELATIVE.
    """
    if not start.units > 0:
        raise ValueError(f"a start that weighs {start.units} units cannot centre the first epoch")
    slope = _foretold(table)
    relative = estimand is Estimand.RELATIVE
    fixed = _BASELINE * table.y if relative else table.y
    moved = _CANDIDATE * (table.y if relative else table.n)
    seen, covariate = _before(table.n, table), _before(table.x, table)
    expected = start.value - slope * covariate / np.maximum(seen, 1.0)
    units = seen + start.units
    fixed_sum = _before(fixed, table) - slope * covariate + start.units * expected
    return Centre(fixed_sum / units, _before(moved, table) / units, slope)


def earlier(totals: Floats, table: Table) -> Floats:
    """Sum over all cells of strictly earlier epochs; shape (..., C) in and out."""
    running = np.cumsum(totals, axis=-1)
    first = np.searchsorted(table.epoch, table.epoch, side="left")
    return np.asarray(np.where(first > 0, running[..., first - 1], 0.0))


def residuals(table: Table, start: Start, estimand: Estimand) -> Residuals:
    """Centre each epoch at the mean of all earlier ones, hypothesis and covariate included.

    A hypothesis turns outcomes of the candidate into Y + x (DIFFERENCE) or x Y (RELATIVE), in
    the centre as well, so that a true hypothesis leaves nothing of the arm in any residual.

    Args:
        table: Cells in order of exposure; its sums may have leading axes.
        start: The sealed expectation; it counts as `start.units` earlier units.
        estimand: DIFFERENCE or RELATIVE.
    """
    centre = centres(table, start, estimand)
    out = _hypothesised(table, centre.slope, estimand)
    p, q = centre.fixed[..., None, :], centre.moved[..., None, :]
    n = table.n
    return Residuals(
        value=out.p - n * p,
        slope=out.q - n * q,
        squares=out.pp - 2.0 * p * out.p + n * p * p,
        product=out.pq - q * out.p - p * out.q + n * p * q,
        slopes=out.qq - 2.0 * q * out.q + n * q * q,
    )


def _hypothesised(table: Table, slope: Floats, estimand: Estimand) -> _Outcome:
    b = slope[..., None, :]
    plain = table.y - b * table.x
    plain_squares = table.yy - 2.0 * b * table.xy + b * b * table.xx
    if estimand is Estimand.DIFFERENCE:
        return _Outcome(
            plain, _CANDIDATE * table.n, plain_squares, _CANDIDATE * plain, _CANDIDATE * table.n
        )
    return _Outcome(
        _BASELINE * plain - _CANDIDATE * b * table.x,
        _CANDIDATE * table.y,
        _BASELINE * plain_squares + _CANDIDATE * b * b * table.xx,
        -_CANDIDATE * b * table.xy,
        _CANDIDATE * table.yy,
    )


def _foretold(table: Table) -> Floats:
    """Regress the outcome on the covariate over earlier epochs, blind to arms; shape (..., C)."""
    if not table.x.any() and not table.xx.any():
        return np.zeros(table.n.shape[:-2] + table.n.shape[-1:])
    n, y, x, xx, xy = (
        _before(part, table) for part in (table.n, table.y, table.x, table.xx, table.xy)
    )
    units = np.maximum(n, 1.0)
    spread, joint = xx - x * x / units, xy - x * y / units
    known = (n >= _FEW) & (spread > 1e-12 * np.maximum(xx, 1e-300))
    return np.asarray(np.where(known, joint / np.where(known, spread, 1.0), 0.0))


def _before(parts: Floats, table: Table) -> Floats:
    return earlier(parts.sum(axis=-2), table)
