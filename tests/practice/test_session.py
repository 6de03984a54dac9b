"""A session goes one way: brief, looks, call, truth."""

import pytest

from shipcall.core import Action, Call, UsageError, plain
from shipcall.practice.case import Case, load_case
from shipcall.practice.session import begin, commit, look, minutes_left, reveal, session_from


@pytest.fixture
def case() -> Case:
    return load_case("hidden-slice")


def said(action: Action) -> Call:
    return Call(action=action, probability=0.2, why="one group loses", by="me", blind=True)


def test_a_look_spends_its_minutes_once(case: Case) -> None:
    once = look(begin(case), case, "slices")
    twice = look(once, case, "slices")
    assert minutes_left(once, case) == minutes_left(twice, case) == 6
    assert twice.looked == ("slices",)


def test_a_look_that_no_minutes_are_left_for_is_refused(case: Case) -> None:
    spent = look(look(look(begin(case), case, "slices"), case, "flips"), case, "checks")
    with pytest.raises(UsageError, match="1 are left"):
        look(spent, case, "notes")


def test_an_unknown_panel_is_refused_with_the_names_of_the_others(case: Case) -> None:
    with pytest.raises(UsageError, match="headline, checks, sanity, notes, slices, flips"):
        look(begin(case), case, "dashboard")


def test_the_truth_cannot_be_had_before_the_call(case: Case) -> None:
    with pytest.raises(UsageError, match="make your call first"):
        reveal(begin(case))


def test_a_call_stays(case: Case) -> None:
    called = commit(begin(case), case, said(Action.HOLD))
    with pytest.raises(UsageError, match="your call is HOLD"):
        commit(called, case, said(Action.NO_SHIP))


def test_what_is_looked_at_after_the_call_cannot_be_its_reason(case: Case) -> None:
    called = commit(begin(case), case, said(Action.HOLD))
    with pytest.raises(UsageError, match="cannot be its reason"):
        look(called, case, "slices")


def test_a_call_that_the_case_does_not_offer_is_refused(case: Case) -> None:
    with pytest.raises(UsageError, match="SHIP, HOLD, NO SHIP"):
        commit(begin(case), case, said(Action.ROLL_BACK))


def test_a_session_survives_being_written_down(case: Case) -> None:
    fresh = look(begin(case), case, "headline")
    done = reveal(commit(fresh, case, said(Action.NO_SHIP)))
    assert session_from(plain(fresh)) == fresh
    assert session_from(plain(done)) == done
    assert done.revealed
