"""Toggle: one dial between two goods, with what each setting is worth to two slices.

The worth of setting x (0 to 1) to one unit, in EUR a year against x = 0, is
`gain * (1 - exp(-speed * x)) / (1 - exp(-speed)) - harm * x ** power`: what is gained comes early
and levels off, what it costs grows. A trial has measured it at four settings, with noise; the
person sets a default and is scored on the curve itself.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

import numpy as np
from pydantic import Field

from shipcall.core import UsageError
from shipcall.preparation.forms.imof import Part, numbered, written
from shipcall.preparation.forms.portfolio import PositiveRange
from shipcall.preparation.material import Material, Slug, Text

TRIED = (25, 50, 75, 100)
"""Settings that the trial measured, in percent."""
NOISE = 0.08
"""Standard error of the trial, as a share of the gain."""
Z90 = 1.6448536269514722
"""Quantile of the normal distribution at 0.95: ends of a 90 % interval."""
SETTINGS = 101
DRAWN = ("gain", "speed", "harm", "power")


class SceneSlice(Material):
    """A part of the people, with the ranges its curve is drawn from.

    Units are drawn with an even logarithm, so that either slice may be the larger; the rest evenly.
    """

    name: Slug
    says: Text
    units: PositiveRange
    gain: PositiveRange
    """EUR a year for each unit at the highest setting, before what it costs."""
    speed: PositiveRange
    """How early the gain levels off."""
    harm: PositiveRange
    """EUR a year for each unit at the highest setting."""
    power: PositiveRange
    """How late the harm comes."""


class Scene(Material):
    """A dial, on one of four dimensions."""

    slug: Slug
    title: Text
    story: Text
    low: Text
    high: Text
    unit: Text
    personal: bool
    """Is personal data read or decided upon? Then consent and a way out are asked for."""
    slice: Annotated[tuple[SceneSlice, ...], Field(min_length=2, max_length=2)]


class Scenes(Material):
    """What comes along."""

    scene: Annotated[tuple[Scene, ...], Field(min_length=4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What the dial is worth to one slice."""

    name: str
    units: int
    gain: float
    speed: float
    harm: float
    power: float

    def worth(self, settings: np.ndarray) -> np.ndarray:
        """Give EUR a year for each unit against a dial at 0.

        Args:
            settings: In percent, 0 to 100.
        """
        share = settings / 100
        risen = np.expm1(-self.speed * share) / np.expm1(-self.speed)
        found: np.ndarray = self.gain * risen - self.harm * share**self.power
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the trial measured of one slice at one setting: EUR a year for each unit."""

    slice: str
    setting: int
    value: float
    low: float
    """Lower end of a 90 % interval."""
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One drawing."""

    seed: int
    scene: Scene
    curves: tuple[Curve, ...]
    trial: tuple[Tried, ...]


class Revisit(Part):
    """When the default is looked at again."""

    metric: str = ""
    threshold: str = ""
    window: str = ""
    action: str = ""


class ToggleAnswer(Part):
    """A default, and who may change it."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    default: Annotated[float, Field(ge=0, le=100)]
    """In percent, for every slice that has none of its own."""
    own: Mapping[str, Annotated[float, Field(ge=0, le=100)]] = {}
    """Slice -> a default of its own, in percent."""
    owner: str = ""
    """Who answers for the default."""
    changed_by: str = ""
    """Who may turn the dial."""
    consent: str = ""
    """How people are asked, where their data is read or their case decided."""
    way_out: str = ""
    """How people leave it."""
    revisit: Revisit = Revisit()


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceLoss:
    """What a default costs one slice, in EUR a year for all its units."""

    slice: str
    setting: float
    worth: float
    """Against a dial at 0."""
    best_setting: int
    """Of this slice alone."""
    best: float
    loses: float
    """Best less worth, 0 or more up to the grid of whole percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToggleLint:
    """Something that is not said, or harms somebody."""

    rule: str
    path: str
    quote: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToggleScore:
    """A default held against the curves."""

    slices: tuple[SliceLoss, ...]
    worth: float
    """EUR a year, all slices together, against a dial at 0."""
    best_setting: int
    """The best default that is the same for all, in percent."""
    best_common: float
    best_apart: float
    """With the best default for each slice."""
    loses: float
    """Best common less worth; below 0 where slices with their own default do better."""
    share: float
    """`loses` of the stake: best common less the worst setting that is the same for all."""
    curves: tuple[Mapping[str, float], ...]
    """EUR a year for each unit at every tenth setting, one line a setting."""
    lints: tuple[ToggleLint, ...]


@lru_cache(maxsize=1)
def scenes() -> tuple[Scene, ...]:
    """Load the scenes that come along."""
    place = files("shipcall.preparation.forms") / "trade-off.toml"
    return Scenes.model_validate(tomllib.loads(place.read_text(encoding="utf-8"))).scene


def draw_dial(seed: int) -> Dial:
    """Draw a scene, its curves and a trial of them; the same seed, the same dial.

    Args:
        seed: Where chance comes from, 0 or more.
    """
    rng = np.random.default_rng([seed, *b"toggle"])
    scene = scenes()[int(rng.integers(len(scenes())))]
    curves = tuple(_drawn(part, rng) for part in scene.slice)
    trial = tuple(tried for curve in curves for tried in _trial(curve, rng))
    return Dial(seed=seed, scene=scene, curves=curves, trial=trial)


def _drawn(part: SceneSlice, rng: np.random.Generator) -> Curve:
    units = float(np.exp(rng.uniform(*np.log(part.units))))
    gain, speed, harm, power = (float(rng.uniform(*getattr(part, number))) for number in DRAWN)
    return Curve(name=part.name, units=round(units), gain=gain, speed=speed, harm=harm, power=power)


def _trial(curve: Curve, rng: np.random.Generator) -> list[Tried]:
    error = NOISE * curve.gain
    seen = curve.worth(np.array(TRIED)) + rng.normal(0.0, error, size=len(TRIED))
    return [
        Tried(
            slice=curve.name,
            setting=setting,
            value=float(value),
            low=float(value - Z90 * error),
            high=float(value + Z90 * error),
        )
        for setting, value in zip(TRIED, seen, strict=True)
    ]


def score_toggle(dial: Dial, answer: ToggleAnswer) -> ToggleScore:
    """Hold a default against the curves from which the trial was drawn.

    Args:
        dial: What was shown.
        answer: The default, who may change it, and when it is looked at again.

    Raises:
        UsageError: If a slice is named that is not there.
    """
    known = [curve.name for curve in dial.curves]
    strange = [name for name in answer.own if name not in known]
    if strange:
        raise UsageError(f"own: no slice {strange[0]!r}. There are: {', '.join(known)}.")
    grid = np.arange(SETTINGS)
    totals = np.array([curve.units * curve.worth(grid) for curve in dial.curves])
    slices = tuple(
        _loss(curve, answer.own.get(curve.name, answer.default), total)
        for curve, total in zip(dial.curves, totals, strict=True)
    )
    common = totals.sum(axis=0)
    best, worth = float(common.max()), sum(one.worth for one in slices)
    stake = best - float(common.min())
    return ToggleScore(
        slices=slices,
        worth=worth,
        best_setting=int(common.argmax()),
        best_common=best,
        best_apart=float(totals.max(axis=1).sum()),
        loses=best - worth,
        share=(best - worth) / stake,
        curves=tuple(
            {"setting": float(at), **{c.name: float(c.worth(grid[at])) for c in dial.curves}}
            for at in grid[::10]
        ),
        lints=tuple(_lints(dial.scene, answer, slices)),
    )


def _loss(curve: Curve, setting: float, total: np.ndarray) -> SliceLoss:
    worth = float(curve.units * curve.worth(np.array(setting)))
    return SliceLoss(
        slice=curve.name,
        setting=setting,
        worth=worth,
        best_setting=int(total.argmax()),
        best=float(total.max()),
        loses=max(float(total.max()) - worth, 0.0),
    )


_SAID = {
    "owner": ("no-owner", "A default that nobody answers for is never changed."),
    "changed_by": ("nobody-changes", "Say who may turn the dial: the person, a team, or nobody."),
    "revisit.metric": ("no-revisit", "Without a metric the default stays after it was wrong."),
    "revisit.action": ("no-revisit", "Say what is done when the metric crosses its number."),
}
_NUMBERED = {
    "revisit.threshold": "A metric without a number in digits is never reached.",
    "revisit.window": "Say over how long it is read, with a number in digits.",
}
_PERSONAL = {
    "consent": ("no-consent", "Personal data is read, and nobody was asked."),
    "way_out": ("no-way-out", "Personal data is read, and nobody can leave."),
}


def _lints(scene: Scene, answer: ToggleAnswer, slices: tuple[SliceLoss, ...]) -> list[ToggleLint]:
    said = {**_SAID, **(_PERSONAL if scene.personal else {})}
    found = [
        ToggleLint(rule=rule, path=path, quote=_at(answer, path), why=why)
        for path, (rule, why) in said.items()
        if not written(_at(answer, path))
    ]
    found += [
        ToggleLint(rule="no-number", path=path, quote=_at(answer, path), why=why)
        for path, why in _NUMBERED.items()
        if not numbered(_at(answer, path))
    ]
    return found + [
        ToggleLint(
            rule="slice-harmed",
            path=f"own.{one.slice}" if one.slice in answer.own else "default",
            quote=f"{one.setting:g}",
            why=f"With it {one.slice} are worse off than with a dial at 0.",
        )
        for one in slices
        if one.worth < 0
    ]


def _at(answer: ToggleAnswer, path: str) -> str:
    place: object = answer
    for name in path.split("."):
        place = getattr(place, name)
    return str(place).strip()
