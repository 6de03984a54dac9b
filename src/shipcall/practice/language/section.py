"""Section: what every part of a case file is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Linear = dict[str, float]
"""Parameter -> factor; "1" is the constant. Linear on purpose: everybody can check it by hand."""


class Section(BaseModel):
    """A part of a case: fixed once read, with no unknown key and no infinite number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
