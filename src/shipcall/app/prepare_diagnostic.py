"""The diagnostic: drawn once, gone through part by part, resumed where it stopped, and told."""

import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shipcall.app import practise
from shipcall.app.prepare_study import Study
from shipcall.core import UsageError, plain
from shipcall.practice.journal import Entry
from shipcall.practice.shelf import load_case, slugs
from shipcall.preparation.aim import GENERIC, aim_from
from shipcall.preparation.cards import every_card, grade_of
from shipcall.preparation.diagnostic import (
    APART as COMPARED,
)
from shipcall.preparation.diagnostic import (
    ASKED,
    Phase,
    claim_text,
    claims,
    draw,
    is_so,
)
from shipcall.preparation.diary import ANSWERED, BEGUN, RECALLED
from shipcall.preparation.loop import load_loop
from shipcall.preparation.question import load_question
from shipcall.preparation.seen import APART, CLAIM, DIAGNOSED, items_of, placed
from shipcall.preparation.skills import ENOUGH, held, skills, weights

View = dict[str, Any]
DRAWN, SPOT = "drawn", "spot"
NOTE = (
    "Twenty items over eleven skills: they order what you do first, and say little else. "
    f"Below {ENOUGH} items what is open of a skill is drawn towards a half."
)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One diagnostic as far as it went."""

    drawn: Mapping[str, Any]
    begun: float
    entries: Sequence[Entry]
    """What the diary holds since it was drawn."""

    def of(self, part: str) -> dict[str, Entry]:
        """Parts of one kind that are done, by what they are about."""
        return {
            one.what: one
            for one in self.entries
            if one.did == DIAGNOSED and one.held.get("part") == part
        }

    @property
    def recalled(self) -> dict[str, Entry]:
        """Cards of it that were recalled."""
        mine = (one for one in self.entries if one.did == RECALLED)
        return {one.what: one for one in mine if one.what in self.drawn["cards"]}


def diagnostic_view(place: Path) -> View:
    """Show what comes next, and the table once everything but the writing is done.

    Raises:
        UsageError: If a play of it cannot be read.
    """
    study = Study.at(place)
    run = _run(study)
    if run is None:
        return {"kind": "diagnostic", "phase": "ready", "note": NOTE, "next": None, "table": None}
    phase, following = _next(study, run)
    through = phase in {"write", "done"}
    return {
        "kind": "diagnostic",
        "phase": phase,
        "note": NOTE,
        "done": {
            "spots": [len(_played(study, run)), len(run.drawn["cases"])],
            "claims": [len(run.of(CLAIM)), len(run.drawn["claims"])],
            "cards": [len(run.recalled), len(run.drawn["cards"])],
            "apart": [len(run.of(APART)), 1],
        },
        "next": following,
        "table": _table(study) if through else None,
        "told": _told(study, run) if through else None,
    }


def begin_diagnostic(place: Path, *, seed: int | None = None) -> View:
    """Draw a diagnostic, for the loops of the aim or the generic one; the newest counts.

    Args:
        place: Folder in a workspace.
        seed: The same drawing again; None draws anew.
    """
    study = Study.at(place)
    begun = [one for one in study.entries if one.did == BEGUN]
    loops = aim_from(begun[-1].held).loops if begun else (load_loop(GENERIC),)
    rng = np.random.default_rng(secrets.randbelow(2**32) if seed is None else seed)
    played = {one.case for one in study.finished}
    shelf = [load_case(slug) for slug in slugs()]
    seen = [case.slug for case in shelf if case.id in played]
    drawn = draw(rng, weights(loops), shelf, seen=seen)
    _add(study, DRAWN, DRAWN, plain(drawn))
    return diagnostic_view(place)


def _add(study: Study, what: str, part: str, told: Mapping[str, Any]) -> None:
    entry = {"part": part, "of": DIAGNOSED, **told}
    study.desk.write().add(DIAGNOSED, what, entry)


def _run(study: Study) -> _Run | None:
    places = [
        place
        for place, one in enumerate(study.entries)
        if one.did == DIAGNOSED and one.held["part"] == DRAWN
    ]
    if not places:
        return None
    first = study.entries[places[-1]]
    rest = study.entries[places[-1] + 1 :]
    return _Run(drawn=first.held, begun=first.wall, entries=rest)


def _played(study: Study, run: _Run) -> list[str]:
    """Cases of it whose spot decision was revealed."""
    done = {one.id for one in study.finished}
    return [what for what, one in run.of(SPOT).items() if one.held["play"] in done]


def _next(study: Study, run: _Run) -> tuple[Phase, View | None]:
    """Say which part comes next, and what it asks; the parts have one order."""
    for phase, following in _COMING.items():
        found = following(study, run)
        if found is not None:
            return phase, found
    return "done", None


def _next_spot(study: Study, run: _Run) -> View | None:
    played, begun = _played(study, run), run.of(SPOT)
    slug = next((one for one in run.drawn["cases"] if one not in played), None)
    play = begun[slug].held["play"] if slug in begun else None
    return None if slug is None else {"case": slug, "play": play}


def _next_claim(study: Study, run: _Run) -> View | None:
    del study
    said = run.of(CLAIM)
    left = [(name, float(bar)) for name, bar in run.drawn["claims"] if name not in said]
    return {"id": left[0][0], "says": claim_text(*left[0])} if left else None


def _next_card(study: Study, run: _Run) -> View | None:
    del study
    left = [name for name in run.drawn["cards"] if name not in run.recalled]
    return {"id": left[0], "front": every_card()[left[0]][1].front} if left else None


def _next_apart(study: Study, run: _Run) -> View | None:
    del study
    return None if run.of(APART) else _two_answers(run)


def _next_writing(study: Study, run: _Run) -> View | None:
    del run
    if any(one.did == ANSWERED and one.what == ASKED for one in study.entries):
        return None
    return {"question": ASKED, "asks": load_question(ASKED).asks}


_COMING: Mapping[Phase, Callable[[Study, _Run], View | None]] = {
    "spots": _next_spot,
    "claims": _next_claim,
    "cards": _next_card,
    "apart": _next_apart,
    "write": _next_writing,
}
"""Parts in their order, each with what it asks next; None: it is through."""


def _two_answers(run: _Run) -> View:
    one = load_question(COMPARED)
    texts = {"weak": one.weak.strip(), "strong": one.strong.strip()}
    order = ("weak", "strong") if run.drawn["first"] == "weak" else ("strong", "weak")
    return {"asks": one.asks, "answers": [texts[name] for name in order]}


def _demand(place: Path, phase: Phase) -> tuple[Study, _Run, View]:
    study = Study.at(place)
    run = _run(study)
    if run is None:
        raise UsageError("no diagnostic was begun here. Begin one: shipcall practice diagnostic")
    now, following = _next(study, run)
    if now != phase or following is None:
        raise UsageError(f"the diagnostic is at {now!r}, not at {phase!r}.")
    return study, run, following


def spot_begun(place: Path) -> View:
    """Begin the spot decision that comes next, or go on with it; anew where it cannot go on.

    Returns:
        The view of the desk.

    Raises:
        UsageError: If no spot decision comes next.
    """
    study, _, following = _demand(place, "spots")
    if following["play"] is not None:
        with contextlib.suppress(UsageError):
            return practise.resumed(study.room, str(following["play"]))
    case = str(following["case"])
    view = practise.start(study.room, practise.Wish(case=case, mode="spot"))
    _add(study, case, SPOT, {"play": view["id"]})
    return view


def spot_answered(place: Path, option: str, chance: float) -> View:
    """Answer the spot decision that comes next, lock it and reveal it.

    Raises:
        UsageError: If no spot decision comes next, or the option is not there.
    """
    play = str(spot_begun(place)["id"])
    room = Study.at(place).room
    view = practise.at(room, play)
    if view["phase"] == "ready":
        view = practise.go(room, play)
    said: Mapping[str, Callable[[Any], Any]] = {
        "call": lambda _: option,
        "claims": lambda part: {part["asked"][0]["name"]: chance},
    }
    for part in view["parts"] if view["phase"] == "open" else ():
        practise.answer(room, play, part["part"], said[part["part"]](part))
    if practise.at(room, play)["phase"] == "open":
        practise.lock(room, play)
    practise.reveal(room, play)
    return diagnostic_view(place)


def claim_answered(place: Path, chance: float) -> View:
    """Put down with which chance the claim that comes next is so.

    Raises:
        UsageError: If no claim comes next, or this is no chance.
    """
    if not 0 <= chance <= 1:
        raise UsageError(f"give a chance from 0 to 100 percent; got {100 * chance:g}.")
    study, run, following = _demand(place, "claims")
    name = str(following["id"])
    bar = dict(run.drawn["claims"])[name]
    so = is_so(name, float(bar))
    well = placed(chance, so=so)
    told = {"skill": claims()[name].skill, "bar": bar, "stated": chance, "so": so, "held": well}
    _add(study, name, CLAIM, told)
    return diagnostic_view(place)


def card_answered(place: Path, grade: str) -> View:
    """Put down how the card that comes next was recalled.

    Raises:
        UsageError: If no card comes next, or this is no grade.
    """
    study, _, following = _demand(place, "cards")
    told = {"grade": str(grade_of(grade).value), "of": DIAGNOSED}
    study.desk.write().add(RECALLED, str(following["id"]), told)
    return diagnostic_view(place)


def back_of(card: str) -> str:
    """Give the back of a card."""
    return every_card()[card][1].back


def told_apart(place: Path, weak: int) -> View:
    """Put down which of the two answers is the weak one, 1 or 2.

    Raises:
        UsageError: If they are not what comes next, or there is no such answer.
    """
    if weak not in {1, 2}:
        raise UsageError(f"say 1 or 2: which of the two answers is the weak one? Got {weak}.")
    study, run, _ = _demand(place, "apart")
    so = 1 if run.drawn["first"] == "weak" else 2
    skill = load_question(COMPARED).family.value
    told = {"skill": skill, "said": weak, "so": so, "held": float(weak == so)}
    _add(study, COMPARED, APART, told)
    return diagnostic_view(place)


def _told(study: Study, run: _Run) -> View:
    """What was so, after everything was said."""
    one = load_question(COMPARED)
    return {
        "spots": _decided(study, run),
        "claims": [
            {
                "id": name,
                "says": claim_text(name, float(entry.held["bar"])),
                "stated": entry.held["stated"],
                "so": entry.held["so"],
                "lesson": claims()[name].lesson,
            }
            for name, entry in run.of(CLAIM).items()
        ],
        "apart": {name: run.of(APART)[COMPARED].held[name] for name in ("said", "so")},
        "red_flags": [flag.model_dump() for flag in one.red_flags],
        "question": COMPARED,
    }


def _decided(study: Study, run: _Run) -> list[View]:
    """What each spot decision of it lost on the panels that were shown."""
    begun, done = run.of(SPOT), {one.id: one for one in study.finished}
    rows = []
    for slug in _played(study, run):
        made = done[begun[slug].held["play"]]
        decision = made.score["decision"]
        row = {"call": decision["option"], "lost": decision["as_looked"]}
        rows.append({"play": made.id, "title": load_case(slug).title, **row})
    return rows


def _table(study: Study) -> list[View]:
    """A row for each skill: what plays and claims computed, apart from what the person said."""
    items = items_of(study.entries, study.finished)
    rows = []
    for skill in skills():
        mine = [one for one in items if one.skill == skill.name]
        computed = held(one for one in mine if one.source in {"plays", "claims", "apart"})
        said = held(one for one in mine if one.source in {"cards", "self"})
        rows.append(
            {
                "skill": skill.name,
                "items": len(mine),
                "enough": computed.enough,
                "computed": plain(computed),
                "said": plain(said),
            }
        )
    return sorted(rows, key=lambda row: (-int(row["items"]), str(row["skill"])))
