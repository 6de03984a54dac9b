"""Material: what comes along for preparing, one file for each piece, read and checked the same way.

A kind of material is a folder of TOML files and the shape that each has to have. A piece is named
by its file, says the same name itself, and is refused whole if anything in it does not fit.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shipcall.core import UsageError
from shipcall.preparation.forms.sheet import faults_in

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Wish = Annotated[str, Field(pattern=r"^[WP][0-9]{1,3}$")]
Text = Annotated[str, Field(min_length=1)]


class Material(BaseModel):
    """A part of what comes along for preparing: fixed once read, with no unknown key."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Filed(Material):
    """Material with a file of its own."""

    id: Slug


Piece = TypeVar("Piece", bound=Filed)


def there_are(known: list[str]) -> str:
    """Name all there are, for a message about one that is not."""
    return f"There are: {', '.join(known)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Piece]):
    """One kind of material that comes along."""

    word: str
    """What one of them is called."""
    folder: str
    shape: type[Piece]
    otherwise: Callable[[list[str]], str] = there_are
    """Ids that are known -> what to say to somebody who asked for another one."""
    _read: dict[str, Piece] = field(default_factory=dict)

    def ids(self) -> list[str]:
        """List the ids of all of this kind, in alphabetical order."""
        names = (one.name for one in (files("shipcall.preparation") / self.folder).iterdir())
        return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))

    def load(self, name: str) -> Piece:
        """Load one by its id.

        Raises:
            UsageError: If there is none of this id, or its file is wrong.
        """
        if name not in self._read:
            known = self.ids()
            if name not in known:
                raise UsageError(f"no {self.word} {name!r}. {self.otherwise(known)}")
            place = files("shipcall.preparation") / self.folder / f"{name}.toml"
            found = self.read(place.read_text(encoding="utf-8"), name=name)
            if found.id != name:
                raise UsageError(f"{name}.toml says that it is {found.id!r}.")
            self._read[name] = found
        return self._read[name]

    def read(self, text: str, *, name: str) -> Piece:
        """Read the file of one.

        Args:
            text: TOML.
            name: Of the file, for messages; without an ending it is that of a file of ours.

        Raises:
            UsageError: If it is no TOML, or not of this kind.
        """
        file = name if "." in name else f"{name}.toml"
        try:
            return self.shape.model_validate(tomllib.loads(text))
        except ValidationError as wrong:
            told = "\n".join(f"  {one.path}: {one.says}" for one in faults_in(wrong))
            raise UsageError(f"{file} is no {self.word}:\n{told}") from wrong
        except tomllib.TOMLDecodeError as wrong:
            raise UsageError(f"{file} is no {self.word}: {wrong}") from wrong
