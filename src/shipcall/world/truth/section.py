"""Section: shares, levels and conditions, of which every part of a world is made."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Nonnegative = Annotated[float, Field(ge=0)]
Levels = dict[str, Positive]
Where = dict[str, str]
"""Trait -> level; empty: everybody."""
ArmName = Literal["baseline", "candidate"]
ARMS: tuple[ArmName, ArmName] = ("baseline", "candidate")


class Section(BaseModel):
    """A part of a world: fixed once read, with no unknown key and no infinite number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
