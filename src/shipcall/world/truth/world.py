"""World: all sections of one file, and the few keys that stand above them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from shipcall.world.truth.models import Effect, Items, Judge, Labels, Link, Model
from shipcall.world.truth.people import Migration, Outcome, People, Trait
from shipcall.world.truth.section import ArmName, Section
from shipcall.world.truth.service import Fault, Rollout, Shadow, Stream


def _moment(value: Any) -> Any:
    """A day or a moment; without a time zone it is UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif not isinstance(value, datetime) and hasattr(value, "year"):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value


class World(Section):
    """One world: everything that is so, from which all evidence is drawn."""

    shipcall_world: Literal[1]
    """Version of this language."""
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Name of the world; letters, digits, dots, dashes and underscores."""
    seed: int = Field(ge=0, lt=2**63)
    """Where all chance comes from: the same seed gives the same bytes."""
    kind: Literal["classifier", "ranker", "llm", "regressor"] = "llm"
    """What the models do, and so which offline table is written."""
    start: Annotated[datetime, BeforeValidator(_moment)] = datetime(2026, 10, 5, tzinfo=UTC)
    """Its first moment; without a time zone it is UTC."""
    days: int = Field(default=28, ge=1)
    """Days it lasts; longer where shadow mode and rollout take longer."""
    baseline: str = "v1"
    """Version of the baseline, as files name it."""
    candidate: str = "v2"
    """Version of the candidate."""
    write: list[str] = []
    """Tables to write; empty: those of the sections that are there."""
    people: People = People()
    trait: list[Trait] = []
    items: Items | None = None
    model: dict[ArmName, Model] = {}
    effect: list[Effect] = []
    labels: Labels = Labels()
    judge: Judge | None = None
    outcome: list[Outcome] = []
    migration: Migration | None = None
    link: Link | None = None
    rollout: Rollout | None = None
    shadow: Shadow | None = None
    stream: Stream | None = None
    fault: list[Fault] = []

    def model_of(self, arm: ArmName) -> Model:
        """The parameters of one model."""
        return self.model.get(arm, Model())

    @property
    def traits(self) -> tuple[str, ...]:
        """Columns by which people differ, as written."""
        return tuple(trait.column for trait in self.trait)
