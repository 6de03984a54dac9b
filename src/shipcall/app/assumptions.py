"""Assumptions: what somebody who asks for chances knows or takes, apart from all that draws."""

from dataclasses import dataclass
from typing import Any

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What the person who asks knows or takes, beside the contract."""

    discordance: float | None = None
    """Share of rows on which the two models differ, in (0, 1]."""
    gains: tuple[str, ...] = ()
    """Gains that are hoped for, each "metric=value"; positive is better."""
    pilots: tuple[str, ...] = ()
    """Earlier evidence, each "format=path" or "format=path of the baseline|of the candidate"."""
    units_per_day: float | None = None
    """New units that a rollout meets in a day, both arms together, > 0."""

    @property
    def plain(self) -> View:
        """As the ledger records it."""
        return {
            "discordance": self.discordance,
            "gains": list(self.gains),
            "pilots": list(self.pilots),
            "units_per_day": self.units_per_day,
        }
