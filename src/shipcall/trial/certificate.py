"""Certificate: from counts to rates, each with its exact interval and whether it is refuted.

A promise is refuted if so many errors are too many for a true rate at the promise, by an exact
binomial test of one side. All promises of all rows inside the declared classes share a familywise
error of 0.05 (Holm): of a judge that keeps every promise, one certificate in twenty refutes any.
"""

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy
from scipy import special

from shipcall import __version__
from shipcall.core import Tails
from shipcall.stats.multiplicity import holm
from shipcall.stats.proportions import binomial_ends
from shipcall.trial.certify import Measured, code_digest

FAMILYWISE = 0.05
ABSENT_SHARE = 0.99
"""From this share of runs without an estimate on, a row is said to be without data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often an event came about, and what was promised of it."""

    events: int
    runs: int
    low: float
    """Exact two-sided 95 % interval."""
    high: float
    promise: float | None = None
    """Greatest rate promised; None where none is."""
    p: float | None = None
    """Chance of so many events or more at the promised rate; None outside the classes."""
    refuted: bool = False

    @property
    def share(self) -> float:
        """Events by run, in [0, 1]."""
        return self.events / self.runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the certificate."""

    group: str
    population: str
    judged: str
    outside: str
    runs: int
    rates: Mapping[str, Rate]
    """Event -> its rate; `shown` and `absent` among them, without a promise."""
    bias: float | None
    """Mean of estimate minus truth, in the unit of the estimand."""
    bias_error: float | None
    width: float | None
    """Median width of the two-sided 95 % interval."""
    power_at: float | None
    """Distance between truth and bar at which `shown` was counted; None: all bars met with room."""
    median_day: int | None
    """Day by which half of the runs had found a harm; None where fewer did, or none was sought."""
    seconds: float
    code: str = ""
    """Code it was drawn with, where that is another than that of the certificate."""

    @property
    def key(self) -> str:
        """As `Row.key`."""
        return f"{self.group}: {self.population}; {self.judged}"

    @property
    def refuted(self) -> tuple[str, ...]:
        """Promises that did not hold."""
        return tuple(event for event, rate in self.rates.items() if rate.refuted)

    @property
    def standing(self) -> str:
        """What the row comes to, in words."""
        if self.refuted:
            return "refuted"
        if self.rates["absent"].share >= ABSENT_SHARE:
            return "no data"
        return "data cannot tell" if self.outside else "not refuted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """All rows, and what they were drawn with."""

    lines: tuple[Line, ...]
    seed: int
    planned: int
    """Rows that were asked for."""

    @property
    def refuted(self) -> tuple[Line, ...]:
        """Rows with a promise that did not hold."""
        return tuple(line for line in self.lines if line.refuted)

    @property
    def promises(self) -> int:
        """Promises that were held against counts."""
        return sum(r.p is not None for line in self.lines for r in line.rates.values())

    @property
    def seconds(self) -> float:
        """Of one process, over all rows."""
        return sum(line.seconds for line in self.lines)

    @property
    def plain(self) -> dict[str, Any]:
        """As it is written to certificate.json."""
        return {
            "kind": "certificate",
            "version": __version__,
            "code": code_digest(),
            "seed": self.seed,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "familywise": FAMILYWISE,
            "promises": self.promises,
            "rows_planned": self.planned,
            "refuted": [one.key for one in self.refuted],
            "seconds": round(self.seconds, 1),
            "rows": [_plain(line) for line in self.lines],
            **({"codes": codes} if (codes := self._codes()) else {}),
        }

    def _codes(self) -> dict[str, int]:
        """Code -> rows drawn with it, where there was more than one."""
        counts = Counter(line.code or code_digest() for line in self.lines)
        return dict(sorted(counts.items())) if any(line.code for line in self.lines) else {}


def certificate_of(measured: Sequence[Measured], *, seed: int, planned: int) -> Certificate:
    """Turn counts into rates and judge all promises together.

    Args:
        measured: From `certify`, each with at least one run.
        seed: As it was drawn with.
        planned: Rows that were asked for; more than `measured` where time ran out.
    """
    lines = _judged([_line(one, _rates(one)) for one in measured])
    return Certificate(lines=lines, seed=seed, planned=planned)


def with_rows_of(form: Mapping[str, Any], certificate: Certificate) -> Certificate:
    """Add the rows of an earlier certificate, and judge the promises of all rows together anew.

    An earlier row keeps its counts and says which code it was drawn with. What was drawn again
    counts once, as it was drawn now.

    Args:
        form: From certificate.json; of the same seed.
        certificate: What was drawn now.

    Raises:
        ValueError: If the earlier one has another seed: then its draws are not of this series.
    """
    if form["seed"] != certificate.seed:
        raise ValueError(f"seed {form['seed']} is not {certificate.seed}")
    mine = {line.key for line in certificate.lines}
    earlier = [_earlier(row, form["code"]) for row in form["rows"]]
    kept = [line for line in earlier if line.key not in mine]
    lines = _judged([*kept, *certificate.lines])
    planned = certificate.planned + len(kept)
    return Certificate(lines=lines, seed=certificate.seed, planned=planned)


def in_order(certificate: Certificate, keys: Sequence[str]) -> Certificate:
    """Put rows in an order; rows that it does not name come last, as they are."""
    places = {key: place for place, key in enumerate(keys)}
    lines = sorted(certificate.lines, key=lambda line: places.get(line.key, len(places)))
    return replace(certificate, lines=tuple(lines))


def _earlier(row: Mapping[str, Any], code: str) -> Line:
    rates = {
        event: Rate(
            events=one["events"],
            runs=row["runs"],
            low=one["low"],
            high=one["high"],
            promise=one["promise"],
            p=one["p"],
        )
        for event, one in row["rates"].items()
    }
    named = ("group", "population", "judged", "outside", "runs", "bias", "bias_error")
    own = row.get("code", code)
    return Line(
        **{name: row[name] for name in (*named, "power_at", "median_day", "seconds")},
        width=row["median_width"],
        rates=rates,
        code="" if own == code_digest() else own,
    )


def _judged(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Refute promises of all lines together (Holm)."""
    p_values = [rate.p for line in lines for rate in line.rates.values() if rate.p is not None]
    rejected = iter([one.rejected for one in holm(p_values, FAMILYWISE)])
    return tuple(
        replace(
            line,
            rates={
                event: rate if rate.p is None else replace(rate, refuted=next(rejected))
                for event, rate in line.rates.items()
            },
        )
        for line in lines
    )


def too_many(events: int, runs: int, promise: float) -> float:
    """Chance of so many events or more in independent runs at the promised rate, exactly.

    Args:
        events: From 0 to `runs`.
        runs: At least 1.
        promise: In (0, 1).
    """
    return 1.0 if events == 0 else float(special.bdtrc(events - 1, runs, promise))


def _rates(measured: Measured) -> dict[str, Rate]:
    tally, row = measured.tally, measured.row
    promises = row.bench.promises
    rates = {}
    for event in (*promises, "shown", "absent", *row.beside):
        count, promise = tally.events.get(event, 0), promises.get(event)
        ends = binomial_ends(count, tally.runs, Tails(0.025, 0.025))
        tested = promise is not None and not row.outside
        rates[event] = Rate(
            events=count,
            runs=tally.runs,
            low=ends.low,
            high=ends.high,
            promise=promise,
            p=too_many(count, tally.runs, promise) if tested and promise else None,
        )
    return rates


def _line(measured: Measured, rates: Mapping[str, Rate]) -> Line:
    row, tally = measured.row, measured.tally
    return Line(
        group=row.group,
        population=row.population,
        judged=row.judged,
        outside=row.outside,
        runs=tally.runs,
        rates=rates,
        bias=tally.bias,
        bias_error=tally.bias_error,
        width=tally.median_width,
        power_at=row.bench.power_at,
        median_day=tally.median_day,
        seconds=measured.seconds,
    )


def _plain(line: Line) -> dict[str, Any]:
    return {
        "group": line.group,
        "population": line.population,
        "judged": line.judged,
        "outside": line.outside,
        "standing": line.standing,
        "runs": line.runs,
        "rates": {event: _plain_rate(rate) for event, rate in line.rates.items()},
        "bias": line.bias,
        "bias_error": line.bias_error,
        "median_width": line.width,
        "power_at": line.power_at,
        "median_day": line.median_day,
        "seconds": round(line.seconds, 1),
        **({"code": line.code} if line.code else {}),
    }


def _plain_rate(rate: Rate) -> dict[str, Any]:
    return {
        "events": rate.events,
        "rate": rate.share,
        "low": rate.low,
        "high": rate.high,
        "promise": rate.promise,
        "p": rate.p,
        "refuted": rate.refuted,
    }
