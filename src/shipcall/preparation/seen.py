"""Seen: everything that was seen of a person, as items of 0 to 1, each with its skill and source.

What plays computed, what a person said of itself and what a peer read are different sources. They
are used together to deal time, where being somewhat wrong costs minutes; they are never added up
where a person reads where it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from shipcall.practice.finished import Finished
from shipcall.practice.journal import Entry
from shipcall.preparation.cards import every_card, grade_of
from shipcall.preparation.diary import READ, RECALLED
from shipcall.preparation.lesson import lesson_slugs
from shipcall.preparation.question import load_question, question_ids
from shipcall.preparation.skills import Item, skill_of_case, skill_of_lesson

DIAGNOSED = "diagnosed"
"""What the diary says of a part of the diagnostic."""
CLAIM, APART = "claim", "apart"
"""Parts of it that say something about a skill by themselves."""
RECALL = (0.0, 0.5, 1.0, 1.0)
"""How much of a card was held, in the person's own eyes: again, hard, good, easy."""


def items_of(entries: Sequence[Entry], finished: Iterable[Finished]) -> list[Item]:
    """Read every item from a diary and from plays.

    Args:
        entries: Of the diary, oldest first.
        finished: Plays that were revealed; one of a drawing seen before tells nothing.
    """
    return [*_plays(finished), *_cards(entries), *_readings(entries), *_diagnosed(entries)]


def placed(stated: float, *, so: bool) -> float:
    """Say how well one chance was placed, from 0 to 1: its quadratic score against saying a half.

    1 for being sure and right, 0 for a half, as nothing was known then, and 0 for anything on the
    wrong side: less than nothing is not counted against other items.

    Examples:
        >>> placed(0.9, so=True), placed(0.5, so=True), placed(0.9, so=False)
        (0.96, 0.0, 0.0)
    """
    missed = stated - so
    return max(0.0, round(1 - 4 * missed * missed, 12))


def wall_of(at: str) -> float:
    """Read an instant with its zone into seconds since 1970."""
    return datetime.fromisoformat(at).timestamp()


def _plays(finished: Iterable[Finished]) -> Iterator[Item]:
    """Share of the stake that a call kept; of spot decisions, on the panels that were shown."""
    for play in finished:
        skill = skill_of_case(play.case)
        if skill is None or play.repeat or play.mode == "replay":
            continue
        made = play.score["decision"]
        lost = float(made["as_looked"] if play.mode == "spot" else made["loss_share"])
        share = 1 - min(max(lost, 0.0), 1.0)
        yield Item(skill=skill, source="plays", held=share, wall=wall_of(play.at))
        for claim in play.score.get("claims") or ():
            well = placed(float(claim["stated"]), so=bool(claim["so"]))
            yield Item(skill=skill, source="claims", held=well, wall=wall_of(play.at))


def _cards(entries: Sequence[Entry]) -> Iterator[Item]:
    """The newest recall of each card, in the person's own eyes."""
    slugs = {int(slug[:2]): slug[3:] for slug in lesson_slugs()}
    newest = {one.what: one for one in entries if one.did == RECALLED}
    every = every_card()
    for name, one in newest.items():
        lesson = every[name][0] if name in every else 0
        skill = skill_of_lesson(slugs.get(lesson, ""))
        if skill is not None:
            share = RECALL[grade_of(str(one.held["grade"])) - 1]
            yield Item(skill=skill, source="cards", held=share, wall=one.wall)


def _readings(entries: Sequence[Entry]) -> Iterator[Item]:
    """Share of criteria met: the newest reading of each answer by each reader."""
    known = frozenset(question_ids())
    newest = {
        (one.held["answer"], one.held["reader"]): one
        for one in entries
        if one.did == READ and one.what in known and one.held["met"]
    }
    for (_, reader), one in newest.items():
        met = [bool(criterion["quotes"]) for criterion in one.held["met"]]
        yield Item(
            skill=load_question(one.what).family.value,
            source="self" if reader == "self" else "peer",
            held=sum(met) / len(met),
            wall=one.wall,
        )


def _diagnosed(entries: Sequence[Entry]) -> Iterator[Item]:
    """Claims of the diagnostic, and whether the weak answer was told from the strong one."""
    for one in entries:
        if one.did != DIAGNOSED or one.held.get("part") not in {CLAIM, APART}:
            continue
        skill, source = str(one.held["skill"]), "claims" if one.held["part"] == CLAIM else "apart"
        yield Item(skill=skill, source=source, held=float(one.held["held"]), wall=one.wall)
