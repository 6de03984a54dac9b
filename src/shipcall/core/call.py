"""Call: what a person said, with a probability and a reason. It is not a finding."""

from dataclasses import dataclass

from shipcall.core.verdict import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A person's call, recorded beside the verdict, never instead of it."""

    action: Action
    probability: float
    """Stated chance, in [0, 1], that the release keeps its promises if it ships."""
    why: str
    by: str
    blind: bool
    """Taken before the verdict was shown."""

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability} is not between 0 and 1")
        if not self.why.strip():
            raise ValueError("a call needs a reason: say why in one line")
