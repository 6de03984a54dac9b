"""Case: the language of case files. What may be so, what can be seen at what price, what is asked.

    [[state]] x parameter values -> points -> worlds -> panels, files
                                    points -> worth of every action, claims, forecasts

A case is an archetype, not one game: every play draws a point by the published chances, and from
its world the evidence. All numbers that decide (chances, worth, prices) are told beforehand.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from shipcall.core import Action
from shipcall.practice.language.asked import Claim, Forecast, Size, Trigger
from shipcall.practice.language.section import Linear, Name, Section, Share
from shipcall.practice.language.told import Debrief, Rule, Telling

PRIORS = ("published", "hopeful", "doubtful")
"""Three views of how common the states are. The first one scores; a call is a mistake only if it
is one under all three."""


class State(Section):
    """One way things may be. A trap and its benign twin are two states of one case."""

    name: Name
    title: str
    """What is so, in a sentence that stands in the debrief."""
    cause: Name
    """Which of the causes it is; several states may share one."""
    chances: Annotated[list[Share], Field(min_length=3, max_length=3)]
    """How common it is under each of PRIORS."""
    role: Literal["trap", "twin", "other"] = "other"
    """Trap: the tempting call is wrong. Twin: the same story without the harm."""
    values: dict[str, Annotated[list[float], Field(min_length=1)]] = {}
    """Parameter -> the values it may have here, each as likely; unnamed parameters are 0."""
    world: dict[str, Any] = {}
    """What differs in the world: a part of the world language, laid over `Case.world`."""


class Cause(Section):
    """One entry of the closed list that probabilities are spread over."""

    name: Name
    title: str


class Parameter(Section):
    """One unknown number."""

    name: Name
    title: str
    """What it is, with its unit."""
    sets: dict[str, float] = {}
    """Key of the world, dotted ("outcome.0.lift") -> factor; what is there is added to."""


class Panel(Section):
    """One screen: what it shows, what it answers, and what looking at it costs."""

    name: Name
    title: str
    minutes: Annotated[float, Field(gt=0)]
    """Evidence-minutes, apart from the clock."""
    asks: str
    """The question it answers, as a person would ask it."""
    kind: str
    """Key of PANELS: what it counts."""
    holds: list[Name] = []
    """Panels of which it tells everything: who has seen this one learns nothing more from them."""
    text: list[str] = []
    """Lines above the table, or all there is."""
    given: dict[str, Any] = {}
    """What its kind wants to know."""


class Option(Section):
    """One action that may be taken, and how its worth comes about.

    V(action, point) = now * w + later * w * Phi(w / error) + b - costs + bonus[cause], where w is
    the worth of `of` at the point: `now` of the horizon is had at once, `later` of it after
    another look, at which what then looks worth having is kept, seen with `error`. b is the worth
    of `besides`, had whatever that look says: where one thing is done until another is known to
    be better, `of` is what the other one adds.
    """

    name: Name
    title: str
    call: Action
    """What it is called at work."""
    of: Name = "all"
    """Which worth it earns, a key of `Case.worth`."""
    besides: Name | None = None
    """Which worth it earns in any case; None: no other."""
    now: float = 0.0
    later: float = 0.0
    error: Annotated[float, Field(gt=0)] = 1.0
    """Standard error, in points, with which the next look tells the worth."""
    costs: float = 0.0
    """Points."""
    bonus: dict[str, float] = {}
    """Cause -> points more (or fewer) where that is so."""


class Case(Section):
    """One archetype."""

    id: Annotated[str, Field(pattern=r"^C\d\d$")]
    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    """Neutral: it must not give the trap away."""
    title: str
    minutes: Annotated[float, Field(gt=0)]
    """On the clock."""
    looking: Annotated[float, Field(gt=0)]
    """Evidence-minutes; all panels together cost more."""
    stage: Literal["gate", "shadow", "rollout", "cohort"] | None = None
    """Stage of the contract whose verdict stands in the ladder; None: no contract judges this."""
    as_of: str
    """Time of that verdict, UTC."""
    story: dict[str, str]
    """Heading -> text; what a person reads first."""
    points: str
    """What one point of worth is, in the words of the business."""
    world: dict[str, Any] = {}
    """The world in which it happens, without name and seed."""
    parameter: list[Parameter] = []
    state: Annotated[list[State], Field(min_length=2)]
    cause: Annotated[list[Cause], Field(min_length=2)]
    panel: Annotated[list[Panel], Field(min_length=3)]
    worth: dict[str, Linear]
    option: Annotated[list[Option], Field(min_length=2)]
    verdict: dict[Action, Name] = {}
    """Call of the contract -> the option it stands for, in the ladder."""
    claim: list[Claim] = []
    forecast: Forecast | None = None
    trigger: Trigger | None = None
    size: Size | None = None
    spot: list[Name] = []
    """Panels that are shown, free, where the case is a spot decision."""
    weak: list[Rule] = []
    """What the weak answer does: the first rule that holds makes the call."""
    gate: list[Rule] = []
    """What a gate at p < .05 does."""
    checklist: list[Rule] = []
    """What somebody does who goes through the panels one by one."""
    telling: Telling = Telling()
    """The answer in words: what it should hold, a weak and a strong one."""
    debrief: Debrief

    def panel_of(self, name: str) -> Panel:
        """Give a panel by name.

        Raises:
            KeyError: If there is none.
        """
        return {panel.name: panel for panel in self.panel}[name]

    def option_of(self, name: str) -> Option:
        """Give an option by name.

        Raises:
            KeyError: If there is none.
        """
        return {option.name: option for option in self.option}[name]

    @model_validator(mode="after")
    def _chances_add_up(self) -> "Case":
        for number, prior in enumerate(PRIORS):
            total = sum(state.chances[number] for state in self.state)
            if abs(total - 1) > 1e-9:
                raise ValueError(f"the chances of the states under {prior!r} add up to {total:g}")
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> "Case":
        parameters = {parameter.name for parameter in self.parameter}
        causes = {cause.name for cause in self.cause}
        panels = {panel.name for panel in self.panel}
        options = {option.name for option in self.option}
        rules = [*self.weak, *self.gate, *self.checklist]
        lines = [*self.worth.values(), *(claim.of for claim in self.claim)]
        lines += [self.forecast.of] if self.forecast else []
        lines += [scope.of for scope in self.trigger.scope] if self.trigger else []
        _known("cause", {state.cause for state in self.state}, causes)
        _known("cause", {name for claim in self.claim for name in claim.causes}, causes)
        _known("cause", {name for option in self.option for name in option.bonus}, causes)
        _known("parameter", {name for state in self.state for name in state.values}, parameters)
        _known("parameter", {name for line in lines for name in line} - {"1"}, parameters)
        _known("panel", {name for panel in self.panel for name in panel.holds}, panels)
        _known("panel", {*self.spot, *(rule.panel for rule in rules if rule.panel)}, panels)
        earned = {option.of for option in self.option}
        earned |= {option.besides for option in self.option if option.besides}
        _known("worth", earned, set(self.worth))
        _known("option", {*self.verdict.values(), *(rule.option for rule in rules)}, options)
        return self

    @model_validator(mode="after")
    def _looking_binds(self) -> "Case":
        total = sum(panel.minutes for panel in self.panel)
        if total <= self.looking:
            raise ValueError(
                f"all panels cost {total:g} of {self.looking:g} evidence-minutes: nothing has "
                "to be chosen"
            )
        return self

    @model_validator(mode="after")
    def _twins_are_there(self) -> "Case":
        roles = {state.role for state in self.state}
        if not {"trap", "twin"} <= roles:
            raise ValueError("a case has a state that is the trap and one that is its twin")
        return self


def _known(what: str, names: set[str], known: set[str]) -> None:
    strange = sorted(names - known)
    if strange:
        raise ValueError(f"unknown {what} {strange[0]!r}; there are: {', '.join(sorted(known))}")
