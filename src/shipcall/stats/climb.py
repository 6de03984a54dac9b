"""Climb: Newton's steps up a log-likelihood that has one peak, one look at the rows per step."""

from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.stats.clusters import inner
from shipcall.stats.sample import Floats

STEPS = 100
"""Most steps; there is one peak, and Newton's steps find it in a few."""
SETTLED = 1e-10
"""A step of at most this, on standardised columns, is the last."""


class Rise(NamedTuple):
    """A log-likelihood at one point; those of blocks of rows add up."""

    likelihood: float
    slope: Floats
    """Shape (k,)."""
    curvature: Floats
    """Information, the negative second derivative; shape (k, k)."""

    def joined(self, other: "Rise") -> "Rise":
        """Add the log-likelihood of other rows at the same point."""
        return Rise(
            self.likelihood + other.likelihood,
            self.slope + other.slope,
            self.curvature + other.curvature,
        )


def rise_of(columns: Floats, offset: Floats, happened: Floats, weight: Floats, at: Floats) -> Rise:
    """Look at the log-likelihood of logit P = columns @ at + offset.

    Args:
        columns: Shape (rows, k).
        offset: What is added to the log odds as it is; shape (rows,).
        happened: What happened, in [0, 1]; shape (rows,).
        weight: Of the rows; shape (rows,).
        at: The point, shape (k,).
    """
    odds = columns @ at + offset
    said = special.expit(odds)
    slope = ((weight * (happened - said))[:, None] * columns).sum(axis=0)
    weighed = columns * (weight * said * (1.0 - said))[:, None]
    curvature = np.array([[inner(a, b) for b in columns.T] for a in weighed.T])
    likelihood = inner(weight, happened * odds - np.logaddexp(0.0, odds))
    return Rise(likelihood, slope, curvature)


class Climb:
    """Where to look next, and when to stop. A step that falls is halved.

    Look at `trial` and `take` what was seen until it is `over`; the peak is then at `at`.

    Args:
        start: Where to begin, shape (k,).
        rounding: Share of the log-likelihood by which a step may seem to fall and count as none:
            sums over blocks are not sure of their last digits.
    """

    def __init__(self, start: Floats, rounding: float = 0.0) -> None:
        self.at = self.trial = start
        self.over = False
        self.here: Rise | None = None
        """What was seen at the last point that was not lower than the one before."""
        self._rounding = rounding
        self._step = np.zeros_like(start)
        self._size = 1.0
        self._steps = 0

    def take(self, seen: Rise) -> None:
        """Go on from what was seen at `trial`."""
        if self.here is not None:
            least = self.here.likelihood - self._rounding * abs(self.here.likelihood)
            if not seen.likelihood >= least:
                self._size /= 2.0
                if self._size > SETTLED:
                    self.trial = self.at + self._size * self._step
                    return
                self.at, self.over = self.at + self._size * self._step, True
                return
            self.at = self.trial
            self._steps += 1
            if self._size * float(np.abs(self._step).max()) <= SETTLED or self._steps >= STEPS:
                self.here, self.over = seen, True
                return
        self.here = seen
        step: Floats = np.linalg.lstsq(seen.curvature, seen.slope, rcond=None)[0].astype(np.float64)
        self._step = step
        self._size = 1.0
        self.trial = self.at + self._step
