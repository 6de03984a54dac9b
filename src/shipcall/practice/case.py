"""Case: a release in the very files of work, with a published truth for after the call."""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from shipcall.core import Action, Slice, UsageError

CONTRACT = "contract.toml"
EVIDENCE = "evidence"
CASE = "case.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSpec:
    """Something a person may ask to see, and what asking costs."""

    name: str
    title: str
    minutes: float
    """Minutes of the clock, above zero."""
    asks: str
    """The question it answers."""
    text: tuple[str, ...] = ()
    """What it says, for panels that are words only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a call is worth, in points, in each of the two worlds."""

    sound: float
    broken: float


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """From what cases of this kind are drawn: published, the same before and after the call.

    Every list is a set of possible values, each as likely as the others. Shares of rows.
    """

    base_rate: float
    """Chance, in (0, 1), that one slice is broken; every slice is as likely to be the one."""
    only_candidate: tuple[float, ...]
    """Rows that only the candidate answers right."""
    only_baseline: tuple[float, ...]
    """Rows that only the baseline answers right."""
    severity: tuple[float, ...]
    """What a broken slice adds to `only_baseline`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """How the evidence of a case is drawn."""

    seed: int
    tickets: int
    both_right: float
    shares: Mapping[str, Mapping[str, float]]
    """Column -> level -> share of the rows; shares of a column sum to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so. Never part of anything that is given before the call."""

    broken: bool
    """The release breaks a promise of its contract."""
    slice: Slice
    """Where; all units where nothing is broken."""
    only_candidate: float
    only_baseline: float
    severity: float
    cause: str
    rule: str
    """The one sentence to carry on."""
    what_next: str
    benign: str
    """What the harmless look-alike would have looked like."""
    clause: str
    """TOML of the contract that catches it."""
    questions: tuple[str, ...]
    """What an interviewer asks next."""
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case, as loaded."""

    slug: str
    title: str
    minutes: float
    """Minutes for looking; all panels together cost more."""
    as_of: str
    """Time of the verdict, UTC, so that it is the same bytes whenever it is played."""
    brief: Mapping[str, str]
    """What a person reads first: heading -> text."""
    panels: tuple[PanelSpec, ...]
    values: Mapping[Action, Value]
    """The calls that are offered, and their worth."""
    world: World
    truth: Truth

    def panel(self, name: str) -> PanelSpec:
        """Give the panel of this name; what follows a colon is its argument.

        Raises:
            UsageError: If the case has no such panel.
        """
        wanted = name.partition(":")[0]
        for spec in self.panels:
            if spec.name == wanted:
                return spec
        known = ", ".join(spec.name for spec in self.panels)
        raise UsageError(f"{self.slug} has no panel {wanted!r}. It has: {known}.")


def cases() -> list[str]:
    """List the slugs of all cases, in order."""
    return sorted(entry.name for entry in _shelf().iterdir() if (entry / CASE).is_file())


def load_case(slug: str) -> Case:
    """Load a case.

    Raises:
        UsageError: If there is none of this name.
    """
    if slug not in cases():
        raise UsageError(f"no case {slug!r}. There are: {', '.join(cases())}.")
    told = tomllib.loads((_shelf() / slug / CASE).read_text(encoding="utf-8"))
    return Case(
        slug=slug,
        title=told["title"],
        minutes=float(told["minutes"]),
        as_of=told["as_of"],
        brief=told["brief"],
        panels=tuple(_panel(panel) for panel in told["panel"]),
        values={Action(name): Value(**worth) for name, worth in told["value"].items()},
        world=_world(told["world"]),
        truth=_truth(told["truth"]),
    )


def open_case(case: Case, folder: Path) -> Path:
    """Copy what a person may see into a folder that is a workspace.

    The contract and its evidence only: neither the truth nor the world comes along.

    Args:
        case: The case to open.
        folder: Made if it is not there; may not hold a contract yet.

    Returns:
        Path of the contract.

    Raises:
        UsageError: If the folder holds a contract already.
    """
    contract = folder / CONTRACT
    if contract.exists():
        raise UsageError(f"{contract} is there already. Open the case in an empty folder.")
    (folder / ".shipcall").mkdir(parents=True, exist_ok=True)
    (folder / ".shipcall" / ".gitignore").write_text("*\n", encoding="utf-8")
    (folder / EVIDENCE).mkdir(exist_ok=True)
    source = _shelf() / case.slug
    contract.write_bytes((source / CONTRACT).read_bytes())
    for table in sorted((source / EVIDENCE).iterdir(), key=lambda entry: entry.name):
        (folder / EVIDENCE / table.name).write_bytes(table.read_bytes())
    return contract


def rows(case: Case) -> Iterator[dict[str, str]]:
    """Read the rows of the case's evidence, as text."""
    path = _shelf() / case.slug / EVIDENCE / "predictions.csv"
    with path.open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def _shelf() -> Traversable:
    return files("shipcall.practice") / "cases"


def _panel(told: Mapping[str, Any]) -> PanelSpec:
    return PanelSpec(**{**told, "text": tuple(told.get("text", ()))})


def _world(told: Mapping[str, Any]) -> World:
    lists = {name: tuple(told[name]) for name in ("only_candidate", "only_baseline", "severity")}
    return World(base_rate=told["base_rate"], **lists)


def _truth(told: Mapping[str, Any]) -> Truth:
    column, _, level = told["slice"].partition("=")
    plain = {name: told[name] for name in told if name not in ("slice", "questions", "draw")}
    return Truth(
        **plain,
        slice=Slice.of({column: level}) if level else Slice(),
        questions=tuple(told["questions"]),
        draw=Draw(**told["draw"]),
    )
