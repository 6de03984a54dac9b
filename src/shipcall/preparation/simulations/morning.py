"""Morning: an inbox of nine things, of which each may be something or nothing.

For every item three things can be done: act (its minutes, then the harm ends; for nothing it costs
something), look first (a few minutes, then act only if it is something), or leave it to the late
shift. The chance that it is something is the mean of a uniform prior after k of n earlier ones
were: (k + 1) / (n + 2).

With w the expected harm of an item in EUR a minute and d the expected minutes it takes, what an
order costs is a sum of w times the minute at which each is done. Swapping two neighbours i, j
changes that sum by w_i d_j - w_j d_i, so it is least where w / d falls (Smith 1956, Various
optimizers for single-stage production, Naval Research Logistics Quarterly 3, 59-66). The best
decisions are found by trying all.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from shipcall.core import UsageError
from shipcall.preparation.forms.portfolio import PositiveRange
from shipcall.preparation.material import Material, Slug, Text

MINUTES = 8.0
"""On the clock of a person."""
DAY = 480
"""Minutes until the late shift takes over what was left."""
MINUTE = 1.0
"""EUR that a minute of the person is worth elsewhere."""
ITEMS = 9
KINDS = ("alarm", "retraining", "feedback", "message")
Way = Literal["act", "look", "leave"]
WAYS: tuple[Way, ...] = ("act", "look", "leave")


class Template(Material):
    """Something that may lie in an inbox."""

    id: Slug
    kind: Literal["alarm", "retraining", "feedback", "message"]
    title: Text
    text: Text
    """With `{k}` of `{n}` earlier ones that were something."""
    harm: PositiveRange
    """EUR an hour if it is something."""
    look: PositiveRange
    """Minutes to find out."""
    act: PositiveRange
    """Minutes to act."""
    needless: PositiveRange
    """EUR if it is acted upon and was nothing."""
    acts: Text


class Inboxes(Material):
    """What inboxes are drawn from."""

    story: Text
    item: Annotated[tuple[Template, ...], Field(min_length=ITEMS)]


class MorningAnswer(Material):
    """What a person does with an inbox."""

    seed: int | None = None
    order: tuple[Slug, ...] = ()
    """Items that are acted on or looked at, the first first."""
    decide: dict[Slug, Way] = Field(default_factory=dict)
    """Item -> act, look or leave; what is not named is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One drawn item."""

    id: str
    kind: str
    title: str
    text: str
    acts: str
    k: int
    n: int
    harm: float
    look: float
    act: float
    needless: float

    @property
    def chance(self) -> float:
        """That it is something, after k of n earlier ones were and with a uniform prior."""
        return (self.k + 1) / (self.n + 2)

    def job(self, way: Way) -> tuple[float, float, float]:
        """Give expected harm in EUR a minute, expected minutes, and what is lost whenever done.

        The last is what the minutes are worth elsewhere, and the harm while they last, the cost of
        acting for nothing, or that of leaving.
        """
        weight = self.chance * self.harm / 60
        if way == "leave":
            return 0.0, 0.0, weight * DAY
        if way == "look":
            minutes = self.look + self.chance * self.act
            return weight, minutes, MINUTE * minutes + weight * (self.look + self.act)
        needless = (1 - self.chance) * self.needless
        return weight, self.act, MINUTE * self.act + weight * self.act + needless


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """One drawn morning."""

    seed: int
    story: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item afterwards."""

    id: str
    chance: float
    urgency: float
    """Harm in EUR an hour that each minute spent on it ends, in the quicker way: 60 w / d."""
    yours: Way
    best: Way
    place: int | None
    """In the person's order, from 1; None: left."""
    best_place: int | None
    costs: float
    """EUR saved by changing this decision alone, everything then in its best order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningScore:
    """What a person's morning loses on average, in EUR, beside others."""

    lost: float
    best: float
    by_order: float
    """Of what is lost beyond the best: by the order, the decisions as they are."""
    by_decisions: float
    as_they_came: float
    """Acting on everything in the order in which it came."""
    left_all: float
    rows: tuple[Row, ...]


@lru_cache(maxsize=1)
def inboxes() -> Inboxes:
    """Load what inboxes are drawn from."""
    text = (files("shipcall.preparation.simulations") / "morning.toml").read_text(encoding="utf-8")
    return Inboxes.model_validate(tomllib.loads(text))


def draw_inbox(seed: int) -> Inbox:
    """Draw a morning; the same seed, the same morning. Every kind is in it.

    Args:
        seed: Where chance comes from, 0 or more.
    """
    rng = np.random.default_rng([seed, *b"morning"])
    pool = inboxes().item
    order = [pool[int(place)] for place in rng.permutation(len(pool))]
    firsts = [next(one for one in order if one.kind == kind) for kind in KINDS]
    rest = [one for one in order if one not in firsts][: ITEMS - len(firsts)]
    chosen = [one for one in order if one in firsts or one in rest]
    items = tuple(_drawn(one, rng) for one in chosen)
    return Inbox(seed=seed, story=inboxes().story, items=items)


def _drawn(one: Template, rng: np.random.Generator) -> Item:
    n = int(rng.integers(6, 31))
    k = int(rng.binomial(n, rng.uniform()))
    harm, look, act, needless = (
        float(np.exp(rng.uniform(*np.log(ends))))
        for ends in (one.harm, one.look, one.act, one.needless)
    )
    return Item(
        id=one.id,
        kind=one.kind,
        title=one.title,
        text=one.text.format(k=k, n=n),
        acts=one.acts,
        k=k,
        n=n,
        harm=float(f"{harm:.1e}"),
        look=round(look) or 1.0,
        act=round(act) or 1.0,
        needless=round(needless, -1) or 10.0,
    )


def expected_loss(items: Sequence[Item], ways: Mapping[str, Way], order: Sequence[str]) -> float:
    """Say what a way through an inbox loses on average, in EUR.

    Args:
        items: All of the inbox.
        ways: Item -> what is done with it.
        order: Every item that is acted on or looked at, the first first.
    """
    jobs = {one.id: one.job(ways[one.id]) for one in items}
    lost = sum(always for _, _, always in jobs.values())
    begun = 0.0
    for name in order:
        weight, minutes, _ = jobs[name]
        lost += weight * begun
        begun += minutes
    return lost


def best_order(items: Sequence[Item], ways: Mapping[str, Way]) -> list[str]:
    """Order what is not left by harm saved for each minute: no other order loses less."""
    jobs = {one.id: one.job(ways[one.id]) for one in items if ways[one.id] != "leave"}
    return sorted(jobs, key=lambda name: -jobs[name][0] / jobs[name][1])


def best_ways(items: Sequence[Item]) -> dict[str, Way]:
    """Find the decisions that lose least, each set of them in its best order, by trying all."""
    tried = np.array(list(product(range(len(WAYS)), repeat=len(items))), dtype=np.int8)
    lost, begun = np.zeros(len(tried)), np.zeros(len(tried))
    jobs = [(at, way, *one.job(WAYS[way])) for at, one in enumerate(items) for way in range(3)]
    for at, way, weight, minutes, always in sorted(jobs, key=_urgency):
        done = tried[:, at] == way
        lost[done] += always + weight * begun[done]
        begun[done] += minutes
    best = tried[int(np.argmin(lost))]
    return {one.id: WAYS[int(way)] for one, way in zip(items, best, strict=True)}


def _urgency(job: tuple[int, int, float, float, float]) -> float:
    _, _, weight, minutes, _ = job
    return -weight / minutes if minutes else 0.0


def score_morning(inbox: Inbox, answer: MorningAnswer) -> MorningScore:
    """Hold a person's morning against the best one.

    What is decided and not in the order comes last, as it came; what is not decided is left.

    Raises:
        UsageError: If it names an item that is not there, or orders one twice.
    """
    items, known = inbox.items, [one.id for one in inbox.items]
    _refuse_strange(known, answer)
    ways: dict[str, Way] = {name: answer.decide.get(name, "leave") for name in known}
    ways |= {name: "act" for name in answer.order if name not in answer.decide}
    order = [name for name in answer.order if ways[name] != "leave"]
    order += [name for name in known if ways[name] != "leave" and name not in order]
    best = best_ways(items)
    first = best_order(items, best)
    ordered = expected_loss(items, ways, best_order(items, ways))
    lost, least = expected_loss(items, ways, order), expected_loss(items, best, first)
    rows = tuple(
        Row(
            id=one.id,
            chance=one.chance,
            urgency=60 * max(one.job(way)[0] / one.job(way)[1] for way in WAYS[:2]),
            yours=ways[one.id],
            best=best[one.id],
            place=_place(order, one.id),
            best_place=_place(first, one.id),
            costs=max(0.0, ordered - _with(items, ways, one.id)),
        )
        for one in items
    )
    return MorningScore(
        lost=lost,
        best=least,
        by_order=max(0.0, lost - ordered),
        by_decisions=max(0.0, ordered - least),
        as_they_came=expected_loss(items, dict.fromkeys(known, "act"), known),
        left_all=expected_loss(items, dict.fromkeys(known, "leave"), []),
        rows=rows,
    )


def _refuse_strange(known: Sequence[str], answer: MorningAnswer) -> None:
    strange = [name for name in (*answer.order, *answer.decide) if name not in known]
    if strange:
        raise UsageError(f"no item {strange[0]!r}. There are: {', '.join(known)}.")
    twice = [name for name in answer.order if answer.order.count(name) > 1]
    if twice:
        raise UsageError(f"{twice[0]!r} stands in the order twice.")


def _with(items: Sequence[Item], ways: Mapping[str, Way], name: str) -> float:
    """The least loss over the three ways of one item, everything else as it is."""
    tried = ({**ways, name: way} for way in WAYS)
    return min(expected_loss(items, one, best_order(items, one)) for one in tried)


def _place(order: Sequence[str], name: str) -> int | None:
    return order.index(name) + 1 if name in order else None


def template(inbox: Inbox) -> str:
    """Write an empty answer, as TOML."""
    names = ", ".join(f'"{one.id}"' for one in inbox.items)
    lines = [f"seed = {inbox.seed}", f"order = [{names}]   # first first", "", "[decide]"]
    lines += [f'{one.id} = "leave"   # act, look or leave' for one in inbox.items]
    return "\n".join(lines) + "\n"
