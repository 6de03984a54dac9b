"""Portfolio: one Markdown page of what a person chooses to show."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.practise import told
from shipcall.app.practise_kept import portfolio_text
from shipcall.app.practise_room import Room
from shipcall.app.prepare import Desk, question_view
from shipcall.app.prepare_forms import FORMED
from shipcall.app.prepare_frames import rubric_view
from shipcall.app.prepare_simulations import simulation_view
from shipcall.app.prepare_stories import story_view
from shipcall.app.release import check_release
from shipcall.app.writing import write_whole
from shipcall.core import UsageError
from shipcall.preparation.diary import instant
from shipcall.preparation.rubric import LEVELS, rubric_ids
from shipcall.preparation.showing import (
    answer_piece,
    contract_piece,
    form_piece,
    portfolio,
    simulation_piece,
    story_piece,
)

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is to be shown, in this order."""

    contracts: tuple[Path, ...] = ()
    plays: tuple[str, ...] = ()
    """Ids of revealed plays."""
    answers: tuple[str, ...] = ()
    """Ids of questions; the newest answer to each."""
    stories: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    """Names of forms; the newest answer to each."""
    simulations: tuple[str, ...] = ()

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        every = (self.contracts, self.plays, self.answers, self.stories, self.forms)
        return sum(len(one) for one in every) + len(self.simulations)


def write_portfolio(room: Room, desk: Desk, chosen: Chosen, file: Path) -> View:
    """Write what was chosen into one Markdown file.

    Raises:
        UsageError: If nothing was chosen, a piece is not there, or the file cannot be written.
    """
    text = portfolio_markdown(room, desk, chosen)
    write_whole(file, text)
    return {"kind": "portfolio", "file": str(file), "pieces": chosen.pieces}


def portfolio_markdown(room: Room, desk: Desk, chosen: Chosen) -> str:
    """Write what was chosen as Markdown; one play alone says all there is to say by itself.

    Raises:
        UsageError: If nothing was chosen or a piece is not there.
    """
    if not chosen.pieces:
        raise UsageError(
            "nothing was chosen. Name plays, or use --answer, --story, --form, --simulation or "
            "--contract."
        )
    pieces = list(_pieces(room, desk, chosen))
    alone = len(pieces) == len(chosen.plays) == 1
    return pieces[0] if alone else portfolio(pieces)


def _pieces(room: Room, desk: Desk, chosen: Chosen) -> Iterator[str]:
    for file in chosen.contracts:
        checked = check_release(file)
        yield contract_piece(file.read_text(encoding="utf-8"), checked)
    for play in chosen.plays:
        yield portfolio_text(told(room, play))
    for name in chosen.answers:
        yield _answer(desk, name)
    for name in chosen.stories:
        yield story_piece(story_view(desk, name))
    for name in chosen.forms:
        yield _form(desk, name)
    for name in chosen.simulations:
        yield simulation_piece(simulation_view(desk, name))


def _answer(desk: Desk, name: str) -> str:
    view, diary = question_view(desk, name), desk.diary
    if not view["locked"] or diary is None:
        raise UsageError(f"nothing was answered to {name!r} yet, so there is nothing to show.")
    digest = view["answer"]["digest"]
    rated = [
        one
        for rubric in rubric_ids()
        for one in rubric_view(desk, rubric)["rated"]
        if one["answer"] == digest
    ]
    return answer_piece({**view, "place": len(diary.answers(name))}, rated, LEVELS)


def _form(desk: Desk, name: str) -> str:
    diary = desk.diary
    every = list(diary.of(FORMED, name)) if diary else []
    if not every:
        raise UsageError(f"the form {name!r} was not answered yet, so there is nothing to show.")
    return form_piece(name, instant(every[-1].wall), every[-1].held)
