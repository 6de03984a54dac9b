"""Kind: what a contract has to state about one kind of metric."""

from dataclasses import dataclass

EVERY_KIND_READS = ("level", "better", "kind", "format", "name", "unit", "window", "delay")
"""Options that any kind may carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a contract has to state about one kind of metric."""

    name: str
    meaning: str
    """One line for people."""
    better: str | None = None
    """`higher` or `lower`; None where the kind has no direction of its own."""
    target: float | None = None
    """The best value, for a kind that is best at a point and has no better side."""
    required: tuple[str, ...] = ()
    """Options it cannot do without."""
    optional: tuple[str, ...] = ()
    """Options it reads if they are there, beside those every kind reads."""
    share: bool = False
    """Its values are shares in [0, 1], so that percentage points make sense."""
    relative: bool = True
    """A share of the baseline's value ("2%") makes sense as an amount."""
    online: bool = False
    """It adds up over users, so that it can be followed while people are exposed."""

    @property
    def options(self) -> tuple[str, ...]:
        """Every option it reads, beside those that any kind may carry."""
        return self.required + self.optional
