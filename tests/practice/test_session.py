"""A play under a clock: what may be done when, and what it costs."""

from functools import partial

import pytest

from practice.rooms import MINUTES, Watch, begun, left
from shipcall.app import practise
from shipcall.app.practise_room import Room, kept, open_room
from shipcall.app.practise_seat import seat
from shipcall.core import UsageError
from shipcall.practice.finished import finished_from
from shipcall.practice.session import UNTIMED
from shipcall.practice.sheet import Sheet

# ── the clock


def test_the_clock_does_not_run_while_the_case_is_read(room: Room, watch: Watch) -> None:
    play = practise.start(room, practise.Wish(case="tiny"))["id"]
    watch.wait(30)
    assert left(room, play) == 5
    with pytest.raises(UsageError, match="the clock does not run yet"):
        practise.look(room, play, "effect")


def test_the_clock_counts_on_while_nobody_is_there(room: Room, watch: Watch) -> None:
    play = begun(room)
    watch.wait(2)
    other = open_room(room.root, watch)
    assert left(other, play) == 3


def test_at_zero_the_sheet_locks_as_it_is(room: Room, watch: Watch) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    watch.wait(7)
    view = practise.at(room, play)
    assert (view["phase"], view["clock"]["ran_out"], view["clock"]["left"]) == ("locked", True, 0)
    session = seat(room, play).session
    assert session.sheet == Sheet(option="hold")
    assert session.steps[-1].seconds == 5 * MINUTES


def test_an_answer_after_zero_is_too_late(room: Room, watch: Watch) -> None:
    play = begun(room)
    watch.wait(5.01)
    with pytest.raises(UsageError, match="the clock ran out"):
        practise.answer(room, play, "call", "hold")
    assert seat(room, play).session.sheet == Sheet()


def test_evidence_minutes_and_the_clock_are_apart(room: Room, watch: Watch) -> None:
    play = begun(room)
    view = practise.look(room, play, "tickets")["desk"]
    assert (view["evidence"]["minutes_left"], view["clock"]["left"]) == (3, 5 * MINUTES)
    watch.wait(4)
    view = practise.at(room, play)
    assert (view["evidence"]["minutes_left"], view["clock"]["left"]) == (3, 1 * MINUTES)


@pytest.mark.parametrize(("factor", "minutes"), [(1.0, 5), (1.5, 7.5), (2.0, 10), (None, None)])
def test_extra_time_is_kept_with_the_play(
    room: Room, watch: Watch, factor: float | None, minutes: float | None
) -> None:
    play = begun(room, extra_time=factor)
    assert left(room, play) == minutes
    watch.wait(4)
    practise.lock(room, play)
    practise.reveal(room, play)
    (finished,) = kept(room).finished
    assert finished.extra_time == (UNTIMED if factor is None else factor)
    assert finished.seconds == 4 * MINUTES


@pytest.mark.parametrize("factor", [0.5, 0.0, -1.0, 11.0, float("nan"), float("inf")])
def test_no_factor_makes_the_clock_shorter_or_endless(room: Room, factor: float) -> None:
    with pytest.raises(UsageError, match="extra time is a factor"):
        practise.start(room, practise.Wish(extra_time=factor))


def test_without_a_clock_the_sheet_stays_open(room: Room, watch: Watch) -> None:
    play = begun(room, extra_time=None)
    watch.wait(10_000)
    assert practise.at(room, play)["phase"] == "open"


def test_a_wall_clock_that_is_put_back_gives_no_time_back(room: Room, watch: Watch) -> None:
    play = begun(room)
    watch.wait(3)
    practise.answer(room, play, "call", "hold")
    watch.wait(-60)
    assert left(room, play) == 2


# ── panels


def test_a_panel_that_does_not_fit_is_refused_and_costs_nothing(room: Room) -> None:
    play = begun(room)
    for name in ("tickets", "flags"):
        practise.look(room, play, name)
    with pytest.raises(UsageError, match="costs 3 evidence-minutes and 1 are left"):
        practise.look(room, play, "effect")
    view = practise.look(room, play, "changes")["desk"]
    assert view["evidence"]["minutes_left"] == 0
    assert seat(room, play).session.opened == ["tickets", "flags", "changes"]


def test_a_panel_that_was_seen_is_free_and_the_same(room: Room, watch: Watch) -> None:
    play = begun(room)
    first = practise.look(room, play, "tickets")
    again = practise.look(open_room(room.root, watch), play, "1")
    assert first["rows"] == again["rows"]
    assert again["desk"]["evidence"]["minutes_left"] == 3


def test_the_menu_says_what_is_open_and_what_still_fits(room: Room) -> None:
    play = begun(room)
    practise.look(room, play, "tickets")
    view = practise.look(room, play, "flags")["desk"]
    menu = {one["name"]: (one["opened"], one["fits"]) for one in view["panels"]}
    assert menu["tickets"] == menu["flags"] == (True, True)
    assert menu["effect"] == (False, False)
    assert menu["changes"] == (False, True)


def test_an_unknown_panel_is_told_with_those_there_are(room: Room) -> None:
    with pytest.raises(UsageError, match=r"no panel '9'\. There are: 1 tickets, 2 flags"):
        practise.look(room, begun(room), "9")


# ── lock, second try, reveal


def test_a_locked_sheet_cannot_be_changed(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    practise.lock(room, play)
    for act in (
        partial(practise.answer, part="call", said="back"),
        partial(practise.look, panel="effect"),
        practise.lock,
    ):
        with pytest.raises(UsageError, match="the sheet is locked"):
            act(room, play)


def test_nothing_is_revealed_before_the_lock(room: Room) -> None:
    play = begun(room)
    with pytest.raises(UsageError, match=r"the sheet is open\. Next: lock"):
        practise.reveal(room, play)
    with pytest.raises(UsageError, match="was not revealed"):
        practise.told(room, play)


def test_a_second_try_is_kept_apart_and_scores_nothing(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    practise.look(room, play, "changes")
    practise.lock(room, play)
    practise.retry(room, play)
    for name in ("tickets", "flags", "effect"):
        practise.look(room, play, name)
    practise.answer(room, play, "call", "back")
    practise.lock(room, play)
    session = seat(room, play).session
    assert (session.sheet.option, session.current.option) == ("hold", "back")
    assert (session.opened, session.minutes) == (["changes"], 1)
    told = practise.reveal(room, play)
    assert told["finished"]["score"]["decision"]["option"] == "hold"
    assert told["second"]["option"] == "back"


def test_there_is_one_second_try(room: Room) -> None:
    play = begun(room)
    practise.lock(room, play)
    practise.retry(room, play)
    practise.lock(room, play)
    with pytest.raises(UsageError, match="there is one second try"):
        practise.retry(room, play)


def test_no_clock_runs_in_the_second_try(room: Room, watch: Watch) -> None:
    play = begun(room)
    practise.lock(room, play)
    practise.retry(room, play)
    watch.wait(600)
    assert practise.at(room, play)["phase"] == "retrying"


def test_a_reveal_is_kept_and_told_again_alike(room: Room, watch: Watch) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    practise.look(room, play, "effect")
    practise.lock(room, play)
    told = practise.reveal(room, play)
    practise.carry(room, play, "Ask what was lost.")
    again = practise.told(open_room(room.root, watch), play)
    assert again["debrief"] == told["debrief"]
    assert again["finished"] == told["finished"] | {"rule": "Ask what was lost."}
    assert finished_from(again["finished"]) == kept(room).finished[0]
    with pytest.raises(UsageError, match="this play is over"):
        practise.reveal(room, play)


def test_what_was_so_is_drawn_and_not_chosen_by_the_answer(room: Room) -> None:
    script = {"look": ["effect"], "sheet": {"option": "hold"}}
    one = practise.scripted(room, practise.Wish(case="tiny", seed=5), script)
    other = practise.scripted(room, practise.Wish(case="tiny", seed=5), {"sheet": {"call": "back"}})
    assert one["finished"]["so"] == other["finished"]["so"]
    assert (
        one["finished"]["score"]["decision"]["expected"]
        == (other["finished"]["score"]["decision"]["expected"])
    )
