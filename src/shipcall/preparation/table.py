"""Table: where somebody stands, by skill, kind of case and kind of round. No number over all.

What plays computed, what a person said of itself and what a peer read stand in columns of their
own. Each has its count and its interval; a count of nothing is empty, not zero percent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shipcall.practice.finished import Finished
from shipcall.practice.journal import Entry
from shipcall.preparation.diary import ANSWERED, TAUGHT
from shipcall.preparation.plan import Shelved
from shipcall.preparation.question import Question, Round, questions
from shipcall.preparation.seen import CLAIM, DIAGNOSED, items_of
from shipcall.preparation.skills import ENOUGH, Held, Item, held, skill_of_case, skills

NOTE = (
    "A table, and no number over its rows: what plays computed, what you said of yourself and what "
    "a peer read are three things, and few of any of them say little."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Chances that were stated, against what came: too sure, if the first is further from half."""

    count: int
    stated: float | None
    """Mean chance given to the side held for likelier; None: below ENOUGH of them."""
    came: float | None
    """How often that side was so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row."""

    group: str
    """"skill", "case" or "round"."""
    name: str
    done: int
    of: int
    """Coverage: of how many questions, lessons and cases `done` were done."""
    plays: Held
    """Share of the stake kept by calls."""
    own: Held
    """Share held in the person's own eyes: criteria met, cards recalled."""
    peer: Held
    """Share of criteria met, as peers read."""
    chances: Chances
    days_since: int | None
    """Since the last thing that told something; None: nothing did."""
    due: int
    """Kinds of cases that are due again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything the table is made of."""

    entries: Sequence[Entry]
    finished: Sequence[Finished]
    cases: Sequence[Shelved]
    today: date
    day: Callable[[float], date]
    """Seconds since 1970 -> the day of the person."""
    items: Sequence[Item] = field(init=False)

    def __post_init__(self) -> None:
        """Read the items once."""
        object.__setattr__(self, "items", items_of(self.entries, self.finished))

    def done(self, did: str) -> frozenset[str]:
        """What the diary says was done in this way."""
        return frozenset(one.what for one in self.entries if one.did == did)


def rows(seen: Seen) -> list[Row]:
    """Give all rows: skills, then kinds of cases, then kinds of rounds."""
    return [*_skills(seen), *_cases(seen), *_rounds(seen)]


def _skills(seen: Seen) -> Iterable[Row]:
    for one in skills():
        asked = [q.id for q in questions() if q.family is one.family]
        cases = [case for case in seen.cases if case.skill == one.name]
        mine = [item for item in seen.items if item.skill == one.name]
        yield _row(
            seen,
            "skill",
            one.name,
            covered=[
                (asked, seen.done(ANSWERED)),
                (one.lessons, seen.done(TAUGHT)),
                ([case.id for case in cases], frozenset(play.case for play in seen.finished)),
            ],
            items=mine,
            cases=cases,
            stated=[pair for skill, pair in _stated(seen) if skill == one.name],
        )


def _cases(seen: Seen) -> Iterable[Row]:
    for case in seen.cases:
        plays = [play for play in seen.finished if play.case == case.id]
        yield _row(
            seen,
            "case",
            f"{case.id} {case.title}",
            covered=[([case.id], frozenset(play.case for play in plays))],
            items=items_of((), plays),
            cases=[case],
            stated=[pair for play in plays for pair in _claims(play)],
        )


def _rounds(seen: Seen) -> Iterable[Row]:
    for kind in Round:
        asked = [one for one in questions() if kind in one.rounds]
        yield _row(
            seen,
            "round",
            kind.value,
            covered=[([one.id for one in asked], seen.done(ANSWERED))],
            items=_read(seen, asked),
            cases=[],
            stated=[],
        )


def _read(seen: Seen, asked: Sequence[Question]) -> list[Item]:
    """Readings of answers to some questions."""
    names = {one.id for one in asked}
    return items_of([one for one in seen.entries if one.what in names], ())


def _row(  # noqa: PLR0913 - columns of one row
    seen: Seen,
    group: str,
    name: str,
    *,
    covered: Sequence[tuple[Sequence[str], frozenset[str]]],
    items: Sequence[Item],
    cases: Sequence[Shelved],
    stated: Sequence[tuple[float, bool]],
) -> Row:
    newest = max((one.wall for one in items), default=None)
    return Row(
        group=group,
        name=name,
        done=sum(one in done for there, done in covered for one in there),
        of=sum(len(there) for there, _ in covered),
        plays=_held(items, "plays"),
        own=_held(items, "self", "cards"),
        peer=_held(items, "peer"),
        chances=chances(stated),
        days_since=None if newest is None else max(0, (seen.today - seen.day(newest)).days),
        due=sum(case.due is not None and case.due <= seen.today for case in cases),
    )


def _held(items: Iterable[Item], *sources: str) -> Held:
    return held(one for one in items if one.source in sources)


def chances(stated: Sequence[tuple[float, bool]]) -> Chances:
    """Hold chances against what came, on the side each was given to.

    Args:
        stated: (chance, was it so) of each claim.
    """
    if len(stated) < ENOUGH:
        return Chances(count=len(stated), stated=None, came=None)
    sides = [(max(p, 1 - p), so if p >= 0.5 else not so) for p, so in stated]
    return Chances(
        count=len(stated),
        stated=sum(p for p, _ in sides) / len(sides),
        came=sum(so for _, so in sides) / len(sides),
    )


def _stated(seen: Seen) -> Iterable[tuple[str | None, tuple[float, bool]]]:
    """(skill, (chance, was it so)) of every claim, in plays and in diagnostics."""
    for play in seen.finished:
        for pair in _claims(play):
            yield skill_of_case(play.case), pair
    for one in seen.entries:
        if one.did == DIAGNOSED and one.held.get("part") == CLAIM:
            yield str(one.held["skill"]), (float(one.held["stated"]), bool(one.held["so"]))


def _claims(play: Finished) -> list[tuple[float, bool]]:
    if play.repeat:
        return []
    told: Sequence[Mapping[str, float | bool]] = play.score.get("claims") or ()
    return [(float(one["stated"]), bool(one["so"])) for one in told]
