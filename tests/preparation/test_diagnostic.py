"""The diagnostic: truths that labs decide, one part after the other, kept wherever it stops."""

from pathlib import Path

import numpy as np
import pytest

from shipcall.app import prepare_diagnostic as told
from shipcall.app.practise import at
from shipcall.app.practise_room import open_room
from shipcall.app.prepare import desk_at, lock_answer
from shipcall.app.prepare_plan import begin_plan, plan_view, today_view
from shipcall.core import UsageError
from shipcall.practice.shelf import load_case, slugs
from shipcall.preparation.cards import every_card
from shipcall.preparation.diagnostic import (
    APART,
    ASKED,
    CARDS,
    CLAIMS,
    SPOTS,
    came,
    claim_text,
    claims,
    draw,
    is_so,
)
from shipcall.preparation.loop import load_loop
from shipcall.preparation.question import load_question
from shipcall.preparation.skills import skill_of_case, weights


@pytest.mark.parametrize("name", claims())
def test_a_bar_lies_well_below_or_well_above_what_the_lab_gives(name: str) -> None:
    """Further than three seeds lie apart, and than a tenth of the way between the bars."""
    found = [came(name, seed=seed) for seed in (1, 2, 3)]
    low, high = claims()[name].bars
    spread = max(found) - min(found)
    assert low < min(found) <= max(found) < high
    assert min(min(found) - low, high - max(found)) > max(spread, 0.1 * (high - low))


@pytest.mark.parametrize("name", claims())
def test_a_claim_is_written_out_and_is_so_below_the_bar_only(name: str) -> None:
    low, high = claims()[name].bars
    assert not set("{}") & set(claim_text(name, low))
    assert (is_so(name, low), is_so(name, high)) == (True, False)


def test_a_drawing_spreads_over_what_the_loop_asks() -> None:
    shelf = [load_case(slug) for slug in slugs()]
    asked = weights([load_loop("anthropic")])
    found = draw(np.random.default_rng(1), asked, shelf)
    skills = [skill_of_case(load_case(slug).id) for slug in found.cases]
    assert len(set(skills)) == SPOTS
    assert len(dict(found.claims)) == CLAIMS
    assert len({claims()[name].skill for name, _ in found.claims}) == CLAIMS
    assert len({every_card()[name][0] for name in found.cards}) == CARDS


def test_cases_that_were_played_come_last() -> None:
    shelf = [load_case(slug) for slug in slugs()]
    asked = weights([load_loop("generic")])
    seen = [one.slug for one in shelf if skill_of_case(one.id) == "evaluation"][:1]
    drawn = [draw(np.random.default_rng(n), asked, shelf, seen=seen).cases for n in range(20)]
    assert not any(seen[0] in cases for cases in drawn)


def test_both_bars_and_both_orders_are_drawn() -> None:
    asked = weights([load_loop("generic")])
    drawn = [draw(np.random.default_rng(n), asked, ()) for n in range(30)]
    assert {one.first for one in drawn} == {"weak", "strong"}
    assert {claims()[n].bars.index(bar) for one in drawn for n, bar in one.claims} == {0, 1}


def test_the_two_answers_are_not_to_the_question_that_is_written() -> None:
    """Whoever saw the strong answer cannot lock one of their own to it."""
    assert APART != ASKED
    assert load_question(APART).family is load_question(ASKED).family


def test_looking_draws_nothing(tmp_path: Path) -> None:
    assert told.diagnostic_view(tmp_path)["phase"] == "ready"
    assert desk_at(tmp_path).diary is None


def test_a_part_is_answered_only_when_it_is_next(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no diagnostic was begun"):
        told.claim_answered(tmp_path, 0.5)
    told.begin_diagnostic(tmp_path, seed=1)
    with pytest.raises(UsageError, match="is at 'spots'"):
        told.claim_answered(tmp_path, 0.5)
    with pytest.raises(UsageError, match="is at 'spots'"):
        told.card_answered(tmp_path, "good")
    with pytest.raises(UsageError, match="is at 'spots'"):
        told.told_apart(tmp_path, 1)


def _spot(place: Path) -> None:
    desk = told.spot_begun(place)
    option = at(open_room(place), desk["id"])["options"][0]["name"]
    told.spot_answered(place, option, 0.6)


@pytest.mark.slow
def test_a_newcomer_goes_through_it_and_gets_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipcall.preparation.diagnostic.SPOTS", 1)
    begin_plan(tmp_path, "Anthropic", "30d")
    before = plan_view(tmp_path)["needs"]
    assert told.begin_diagnostic(tmp_path, seed=1)["phase"] == "spots"
    _spot(tmp_path)
    view = told.diagnostic_view(tmp_path)
    for _ in range(CLAIMS):
        assert (view["phase"], view["table"]) == ("claims", None)
        with pytest.raises(UsageError):
            told.claim_answered(tmp_path, 1.2)
        view = told.claim_answered(tmp_path, 0.8)
    for _ in range(CARDS):
        assert view["phase"] == "cards"
        assert "back" not in view["next"]
        view = told.card_answered(tmp_path, "hard")
    assert view["phase"] == "apart"
    assert plan_view(tmp_path)["needs"] == before
    view = told.told_apart(tmp_path, 1)
    assert view["phase"] == "write"
    assert len(view["told"]["claims"]) == CLAIMS
    assert not _ticked(tmp_path)
    lock_answer(
        desk_at(tmp_path), ASKED, "Before training we write down what better means.", seconds=9
    )
    assert told.diagnostic_view(tmp_path)["phase"] == "done"
    assert _ticked(tmp_path)
    _the_table_is_modest(view["table"])
    after = plan_view(tmp_path)
    assert after["needs"] != before
    tasks = {one["id"] for day in after["days"] for one in day["tasks"]}
    assert f"question-{APART}" not in tasks


def _ticked(place: Path) -> bool:
    tasks = today_view(place)["day"]["tasks"]
    return next(bool(one["done"]) for one in tasks if one["kind"] == "diagnostic")


def _the_table_is_modest(table: list[dict[str, object]]) -> None:
    few = [row for row in table if not row["enough"]]
    assert len(few) >= 10
    assert sum(int(str(row["items"])) for row in table) == 2 + CLAIMS + CARDS + 1
    for row in table:
        for name in ("computed", "said"):
            held = row[name]
            assert isinstance(held, dict)
            assert (held["low"] is None) == (held["items"] == 0)


def test_a_spot_decision_that_cannot_go_on_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.begin_diagnostic(tmp_path, seed=1)
    first = told.spot_begun(tmp_path)["id"]
    assert told.spot_begun(tmp_path)["id"] == first
    monkeypatch.setattr("shipcall.app.practise_seat.case_digest", lambda _: "another")
    with pytest.raises(UsageError, match="changed"):
        at(open_room(tmp_path), first)
    assert told.spot_begun(tmp_path)["id"] != first
