"""Portfolio: one page of what a person chooses, with what was not met, and no grade."""

from pathlib import Path

import pytest

from flights import OFFER, STORY
from shipcall.app.practise_room import open_room
from shipcall.app.prepare import desk_at, lock_answer, read_answer
from shipcall.app.prepare_forms import form_told
from shipcall.app.prepare_frames import Found, rubric_rated
from shipcall.app.prepare_offers import offers_added
from shipcall.app.prepare_portfolio import Chosen, portfolio_markdown, write_portfolio
from shipcall.app.prepare_simulations import Given, simulation_told
from shipcall.app.prepare_stories import story_added
from shipcall.core import UsageError

NAME = "ship-new-recommender"
ORDER = """
seed = 7
order = ["meter-photos", "damp-photos", "call-notes", "repair-sorting", "craft-invoices"]
probability = 0.6
"""


def text_of(root: Path, **chosen: tuple[str, ...]) -> str:
    return portfolio_markdown(open_room(root), desk_at(root), Chosen(**chosen))  # type: ignore[arg-type]


def test_an_answer_is_shown_with_what_was_not_met_and_by_whom_it_was_read(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    lock_answer(desk, NAME, "We agree before training. *Bold* <b>.", seconds=120.0)
    read_answer(desk, NAME, {"together-before-training": [1]})
    read_answer(desk, NAME, {}, reader="Ada")
    rubric_rated(desk, "research-bar", NAME, Found("mixed", [1], "Ada"))
    text = text_of(tmp_path, answers=(NAME,))
    assert "Answer 1, locked on" in text
    assert "2 minutes" in text
    assert r"> We agree before training. \*Bold\* &lt;b>." in text
    assert text.count("not met") == 8 + 9
    assert "Read by myself:" in text
    assert "Read by Ada:" in text
    assert "* mixed on research-bar, as Ada read it" in text
    assert "invented unless a piece says otherwise" in text


def test_a_second_answer_says_that_a_strong_one_was_seen(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    lock_answer(desk, NAME, "First.", seconds=1.0)
    lock_answer(desk, NAME, "Second.", seconds=0.0)
    text = text_of(tmp_path, answers=(NAME,))
    assert "Answer 2, locked on" in text
    assert "A strong answer had been shown to me before." in text
    assert "time not taken" in text
    assert "Nobody has read it" in text


def test_stories_forms_and_simulations_stand_on_one_page_and_an_offer_never_does(
    tmp_path: Path,
) -> None:
    desk = desk_at(tmp_path)
    story_added(desk, STORY)
    offers_added(desk, OFFER)
    (tmp_path / "order.toml").write_text(ORDER, encoding="utf-8")
    form_told(desk, "dvl", tmp_path / "order.toml")
    simulation_told(desk, "sales", Given("It is ```always``` good.", 3))
    file = tmp_path / "page.md"
    chosen = Chosen(stories=("late-prices",), forms=("dvl",), simulations=("sales",))
    view = write_portfolio(open_room(tmp_path), desk, chosen, file)
    text = file.read_text(encoding="utf-8")
    assert view == {"kind": "portfolio", "file": str(file), "pieces": 3}
    heads = [line for line in text.splitlines() if line.startswith("# ")]
    assert heads == ["# Portfolio", "# Prices that came late", "# Form: dvl", "# Simulation: sales"]
    assert "without a clock" in text
    assert "Still to be asked:" in text
    assert "walk_away" not in text
    assert "````json" in text


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({}, "nothing was chosen"),
        ({"answers": (NAME,)}, "nothing was answered to"),
        ({"stories": ("charm",)}, "no story 'charm'"),
        ({"forms": ("dvl",)}, "the form 'dvl' was not answered"),
        ({"simulations": ("sales",)}, "was not answered yet"),
        ({"plays": ("2026-01-01-abcd",)}, "no play"),
    ],
)
def test_what_is_not_there_is_not_shown(
    tmp_path: Path, chosen: dict[str, tuple[str, ...]], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        text_of(tmp_path, **chosen)
