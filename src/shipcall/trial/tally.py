"""Tally: what happened in the runs of one row, in counts and sums that can be added up."""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

WIDTH_STEPS = 100
"""Widths are counted in steps of one part in so many of their logarithm."""


class Outcome(NamedTuple):
    """What one run came to."""

    events: tuple[str, ...] = ()
    """What happened: words that a row promises to be rare, `shown` and `absent`."""
    error: float | None = None
    """Estimate minus truth; None without an estimate."""
    width: float | None = None
    """Of the 95 % interval; inf where an end is open."""
    day: int | None = None
    """On which a harm was found; None where it was not, and where there was none to find."""


@dataclass(slots=True)
class Tally:
    """Counts of runs. Adding is exact but for two sums, which are added in a fixed order."""

    runs: int = 0
    events: dict[str, int] = field(default_factory=dict)
    estimates: int = 0
    error_sum: float = 0.0
    error_squares: float = 0.0
    widths: dict[int, int] = field(default_factory=dict)
    """Step of the width's logarithm -> runs; infinite widths are not among them."""
    days: dict[int, int] = field(default_factory=dict)
    """Day on which a harm was found -> runs; runs without one are not among them."""

    def add(self, outcome: Outcome, times: int = 1) -> None:
        """Count an outcome, as often as it was drawn."""
        self.runs += times
        for event in outcome.events:
            self.events[event] = self.events.get(event, 0) + times
        if outcome.error is not None:
            self.estimates += times
            self.error_sum += times * outcome.error
            self.error_squares += times * outcome.error**2
        if outcome.width is not None and 0 < outcome.width < math.inf:
            step = round(WIDTH_STEPS * math.log(outcome.width))
            self.widths[step] = self.widths.get(step, 0) + times
        if outcome.day is not None:
            self.days[outcome.day] = self.days.get(outcome.day, 0) + times

    def merge(self, other: "Tally") -> None:
        """Add the runs of another block."""
        self.runs += other.runs
        for event, count in other.events.items():
            self.events[event] = self.events.get(event, 0) + count
        self.estimates += other.estimates
        self.error_sum += other.error_sum
        self.error_squares += other.error_squares
        for step, count in other.widths.items():
            self.widths[step] = self.widths.get(step, 0) + count
        for day, count in other.days.items():
            self.days[day] = self.days.get(day, 0) + count

    @property
    def bias(self) -> float | None:
        """Mean of estimate minus truth, in the unit of the estimand; None without an estimate."""
        return self.error_sum / self.estimates if self.estimates else None

    @property
    def bias_error(self) -> float | None:
        """Standard error of the bias; None with fewer than two estimates."""
        n = self.estimates
        if n < 2:
            return None
        mean = self.error_sum / n
        variance = max(self.error_squares / n - mean**2, 0.0) * n / (n - 1)
        return math.sqrt(variance / n)

    @property
    def median_width(self) -> float | None:
        """Median width of the 95 % interval, to half a percent; None where no width is finite."""
        seen, half = 0, sum(self.widths.values()) / 2
        for step in sorted(self.widths):
            seen += self.widths[step]
            if seen >= half:
                return math.exp(step / WIDTH_STEPS)
        return None

    @property
    def median_day(self) -> int | None:
        """First day by which half of all runs had found the harm; None where fewer did."""
        seen = 0
        for day in sorted(self.days):
            seen += self.days[day]
            if 2 * seen >= self.runs:
                return day
        return None

    @property
    def plain(self) -> dict[str, Any]:
        """As it is written to the journal."""
        return {
            "runs": self.runs,
            "events": dict(sorted(self.events.items())),
            "estimates": self.estimates,
            "error_sum": self.error_sum,
            "error_squares": self.error_squares,
            "widths": {str(step): self.widths[step] for step in sorted(self.widths)},
            "days": {str(day): self.days[day] for day in sorted(self.days)},
        }

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Tally":
        """Read what `plain` gave."""
        named = {part: {int(k): n for k, n in plain[part].items()} for part in ("widths", "days")}
        return cls(**{**plain, **named})
