"""Requested: what a router dealt request by request, as a dashboard counts it and by session.

given = { show = "requests", hours = [0, 72] }      every request for itself, as dashboards do
given = { show = "dealt",    hours = [72, 168] }    how many sessions met both models
given = { show = "sessions", hours = [72, 168] }    one session, one unit; by what it met

Points of the case need the parameters `keyless` and `contrast`; see `practice.requests`. "sessions"
tells everything that "dealt" of the same hours does (`holds`); of other hours it is independent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field

from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Joined, Stack, Tallies
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown, between
from shipcall.practice.requests import (
    PATTERNS,
    REQUESTS,
    Log,
    log,
    pattern_chances,
    router,
    tables,
)

_N, _C, _GOOD, _OTHER = np.array(PATTERNS, dtype=np.float64).T
_MET = np.array([pattern.met for pattern in PATTERNS])
_METS = ("baseline", "candidate", "both")
_SEVERAL = tuple(range(2, len(REQUESTS) + 1))
"""Sessions of one request can meet one model only."""


Line = tuple[Row, Reading]


class Given(Section):
    """What is counted."""

    show: Literal["requests", "dealt", "sessions"]
    hours: Annotated[list[float], Field(min_length=2, max_length=2)]
    """Sessions that began from the first to before the second; hours since the first day."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of successes of both models among requests, with the requests told beside."""

    means: Floats
    """Shape (points, 2)."""
    covariances: Floats
    """Of both shares; requests of one session are not independent: shape (points, 2, 2)."""
    requests: Floats
    """Requests of each model, shape (2,); taken as given."""

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw both shares and repeat the requests, shape (count, 4)."""
        mean, spread = self.means[point], self.covariances[point]
        shares = rng.multivariate_normal(mean, spread, size=count, method="cholesky")
        return np.concatenate([shares, np.tile(self.requests, (count, 1))], axis=1)

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Normal density of the shares."""
        away = seen[:, None, :2] - self.means
        inverse = np.linalg.inv(self.covariances)
        square = np.einsum("dpi,pij,dpj->dp", away, inverse, away)
        found: Floats = -0.5 * (square + np.log(np.linalg.det(self.covariances)))
        return found


class Requested:
    """Counts of requests and of sessions, as one router dealt them."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Normal for shares of thousands of requests, multinomial for sessions."""
        told = Given.model_validate(panel.given)
        counts = _patterns(told, setting)
        chances = np.stack(
            [
                pattern_chances(world, router(point))
                for world, point in zip(setting.worlds, setting.points, strict=True)
            ]
        )
        if told.show == "requests":
            return _shares(chances, counts)
        return _tallies(told, chances, counts)

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count what the router dealt."""
        del stack, rng
        told = Given.model_validate(panel.given)
        counts = _patterns(told, setting)
        if told.show == "requests":
            return _rates(counts)
        return np.concatenate([masks @ counts for masks in _kinds(told)])

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """Shares and differences with their 95 % intervals."""
        del setting
        lines = list(_LINES[Given.model_validate(panel.given).show](seen))
        return Shown(rows=[r for r, _ in lines], readings=[r for _, r in lines], text=panel.text)

    def files(
        self, panels: Sequence[tuple[Panel, Floats]], setting: Setting
    ) -> Mapping[str, Mapping[str, Any]]:
        """Give the evidence of the drawing, which the world does not write itself.

        Every panel of this kind counts the same requests, so none of them is asked.

        Returns:
            "exposures" and "outcomes": column of the format -> values.
        """
        del panels
        return tables(setting.drawn, router(setting.points[setting.truth]))


def _log(setting: Setting) -> Log:
    return log(setting.drawn, router(setting.points[setting.truth]))


def _patterns(told: Given, setting: Setting) -> Floats:
    first, last = told.hours
    return _log(setting).patterns(first, last)


def _shares(chances: Floats, counts: Floats) -> Shares:
    """Law of both shares, for as many sessions as there are; errors by the delta method."""
    sessions, asked = counts.sum(), np.stack([_N - _C, _C])
    kept = np.stack([_OTHER, _GOOD])
    requests = chances @ asked.T
    means = chances @ kept.T / requests
    away = (kept - means[:, :, None] * asked) / requests[:, :, None]
    covariances = np.einsum("pk,pik,pjk->pij", chances, away, away) / sessions
    return Shares(means, covariances, _rates(counts)[2:])


def _rates(counts: Floats) -> Floats:
    """Shares kept of both models, then their requests, baseline first; shape (4,)."""
    requests = np.array([counts @ (_N - _C), counts @ _C])
    return np.concatenate([np.array([counts @ _OTHER, counts @ _GOOD]) / requests, requests])


def _kinds(told: Given) -> list[Floats]:
    """Which patterns make each kind that is counted, sessions of one length together.

    Returns:
        Arrays of shape (kinds, patterns), one for each length.
    """
    if told.show == "sessions":
        return [np.eye(len(_N))[n == _N] for n in range(1, len(REQUESTS) + 1)]
    return [np.stack([(n == _N) & (met == _MET) for met in _METS]) * 1.0 for n in _SEVERAL]


def _tallies(told: Given, chances: Floats, counts: Floats) -> Stack:
    """Multinomial for the sessions of each length, given how many there are."""
    kinds = _kinds(told)
    parts = []
    for masks in kinds:
        each = chances @ masks.T
        each /= each.sum(axis=1, keepdims=True)
        parts.append(Tallies(np.array([(masks @ counts).sum()]), each[:, None, :]))
    return Joined(tuple(parts), tuple(len(masks) for masks in kinds))


class Compared(NamedTuple):
    """Two shares and their difference with a 95 % interval."""

    baseline: float
    candidate: float
    difference: float
    low: float
    high: float


def _naively(rates: Floats) -> Compared:
    """Compare as if every request were a unit of its own."""
    shares, requests = rates[:2], rates[2:]
    error = float(np.sqrt((shares * (1 - shares) / requests).sum()))
    change = float(shares[1] - shares[0])
    return Compared(float(shares[0]), float(shares[1]), change, *between(change, error))


def _by_session(counts: Floats) -> Compared:
    """Compare shares of requests with the error of sessions that agree within (delta method).

    The residual of a session is how many more successes it has than its requests would have at
    the common shares, each model over its requests; the variance is the sum of their squares.
    """
    rates = _rates(counts)
    baseline = (_OTHER - rates[0] * (_N - _C)) / rates[2]
    candidate = (_GOOD - rates[1] * _C) / rates[3]
    sessions = counts.sum()
    square = float(counts @ (candidate - baseline) ** 2) * sessions / (sessions - 1)
    change = float(rates[1] - rates[0])
    return Compared(
        float(rates[0]), float(rates[1]), change, *between(change, float(np.sqrt(square)))
    )


def _dashboard_lines(seen: Floats) -> Iterator[Line]:
    found = _naively(seen)
    yield _line("kept", "answers kept", seen[2:].sum(), found)
    relative = Compared(*(value / found.baseline for value in found))
    yield _line("relative", "the same, baseline = 1", seen[2:].sum(), relative)


def _dealt_lines(seen: Floats) -> Iterator[Line]:
    counts = seen.reshape(len(_SEVERAL), len(_METS))
    named = [(f"{n} requests", f"both {n}", line) for n, line in zip(_SEVERAL, counts, strict=True)]
    for what, name, line in [*named, ("all of these", "both", counts.sum(axis=0))]:
        share, low, high = _wilson(float(line[_METS.index("both")]), float(line.sum()))
        title = f"Sessions of {what}: share that met both models"
        reading = Reading(name=name, title=title, value=share, low=low, high=high, unit="share")
        row = {"sessions of": what, **dict(zip(_METS, line.tolist(), strict=True))}
        yield row | {"share both": share, "low": low, "high": high}, reading


def _session_lines(seen: Floats) -> Iterator[Line]:
    """All sessions, then by what they met; a line that nobody is in is left out."""
    counts = np.zeros(len(_N))
    counts[np.argsort(_N, kind="stable")] = seen
    both = _MET == "both"
    for name, what, some, compare in (
        ("rows", "all, every request for itself", counts, _naive_counts),
        ("sessions", "all, by session", counts, _by_session),
        ("one", "met one model, by session", counts * ~both, _by_session),
        ("both", "met both models, by session", counts * both, _by_session),
    ):
        if min(some @ (_N - _C), some @ _C) > 0 and some.sum() > 1:
            yield _line(name, what, some.sum(), compare(some))


def _naive_counts(counts: Floats) -> Compared:
    return _naively(_rates(counts))


def _wilson(hits: float, n: float) -> tuple[float, float, float]:
    """Give a share and its 95 % bounds (Wilson 1927); never of width zero."""
    z = between(0.0, 1.0)[1]
    middle, half = hits + z**2 / 2, z * float(np.sqrt(hits * (n - hits) / n + z**2 / 4))
    return hits / n, (middle - half) / (n + z**2), (middle + half) / (n + z**2)


def _line(name: str, what: str, count: float, found: Compared) -> Line:
    reading = Reading(
        name=name,
        title=f"{what}: candidate less baseline",
        value=found.difference,
        low=found.low,
        high=found.high,
        unit="share",
    )
    return {"what": what, "count": float(count), **found._asdict()}, reading


_LINES: Mapping[str, Callable[[Floats], Iterator[Line]]] = {
    "requests": _dashboard_lines,
    "dealt": _dealt_lines,
    "sessions": _session_lines,
}
