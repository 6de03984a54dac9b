"""A play under a clock: what may be done when, what it costs, and what is kept of it."""

import itertools
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from practice.shelves import case_of, hidden, use_shelf
from shipcall.app import practise, practise_kept
from shipcall.app.practise_room import Room, kept, open_room, seat
from shipcall.core import UsageError, plain
from shipcall.practice.answers import answered, asked, open_parts
from shipcall.practice.finished import finished_from
from shipcall.practice.journal import Entry, read_journal
from shipcall.practice.play import draw_play
from shipcall.practice.session import UNTIMED, happened, session_from
from shipcall.practice.sheet import SelfEstimate, Sheet, TriggerAnswer

CASE = case_of(hidden())
MINUTES = 60.0


class Watch:
    """A wall clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, minutes: float) -> None:
        self.now += minutes * MINUTES


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def room(tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Room:
    use_shelf(tmp_path / "shelf", monkeypatch)
    (tmp_path / "work").mkdir()
    return open_room(tmp_path / "work", watch)


def begun(room: Room, **wish: Any) -> str:
    """Id of a play of the tiny case whose clock runs."""
    play = str(practise.start(room, practise.Wish(**({"case": "tiny"} | wish)))["id"])
    practise.go(room, play)
    return play


def left(room: Room, play: str) -> float | None:
    view = practise.at(room, play)
    seconds = view["clock"]["left"]
    return None if seconds is None else seconds / MINUTES


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


# ── answers


def test_every_answer_is_in_the_journal_before_it_is_told(room: Room) -> None:
    play = begun(room)
    said: list[tuple[str, Any]] = [
        ("contract", "shipcall = 1\n"),
        ("call", "2"),
        ("causes", {"rot": 0.5, "sound": 0.25}),
        ("claims", {"worse": 0.75}),
        ("forecast", [0.1, 0.2, 0.3, 0.2, 0.2]),
        ("trigger", {"scope": "nz", "bar": 0.5, "window_days": 3}),
        ("size", 77),
        ("why", "Two in three."),
        ("estimate", {"loss_below": 0.03, "probability": 0.8}),
    ]
    for part, value in said:
        practise.answer(room, play, part, value)
        last = read_journal(room.journal_path(play)).entries[-1]
        assert (last.did, last.what) == ("answered", part)
    assert seat(room, play).session.sheet == Sheet(
        option="hold",
        causes={"rot": 0.5, "sound": 0.25},
        claims={"worse": 0.75},
        forecast=(0.1, 0.2, 0.3, 0.2, 0.2),
        trigger=TriggerAnswer(scope="nz", bar=0.5, window_days=3),
        size=77.0,
        contract="shipcall = 1\n",
        reason="Two in three.",
        estimate=SelfEstimate(loss_below=0.03, probability=0.8),
    )
    assert practise.at(room, play)["unanswered"] == ["causes", "claims"]


def test_a_contract_of_ones_own_is_never_counted_as_open(room: Room) -> None:
    view = practise.at(room, begun(room))
    assert view["parts"][0]["part"] == "contract"
    assert "contract" not in view["unanswered"]


@pytest.mark.parametrize(
    ("part", "said", "why"),
    [
        ("call", "ship it", "no option 'ship it'. There are: 1 advance"),
        ("causes", {"rot": 0.7, "sound": 0.6}, "add up to 130 %"),
        ("causes", {"rot": 0, "sound": 0, "log": 0}, "every cause has 0 %"),
        ("causes", {"rot": 1.2}, "a share lies between"),
        ("causes", {"rust": 0.2}, "no cause 'rust'"),
        ("causes", [0.2], "expected a share for each cause"),
        ("claims", {"worse": float("nan")}, "expected a number"),
        ("claims", {"worse": True}, "expected a number"),
        ("forecast", [0.5, 0.5], "has 5 bins"),
        ("forecast", "20202", "has 5 bins"),
        ("forecast", [0, 0, 0, 0, 0], "every bin has 0 %"),
        ("trigger", {"scope": "nz", "bar": 0.5}, "the trigger needs"),
        ("trigger", {"scope": "nz", "bar": 0.5, "window_days": 99}, "from 1 to 10"),
        ("trigger", {"scope": "nz", "bar": 0.5, "window_days": 1.5}, "whole days"),
        ("size", 0, "above 0"),
        ("size", "many", "expected a number"),
        ("why", 7, "expected a text"),
        ("why", "x" * 20_001, "at most 20,000"),
        ("contract", " \n", "is empty"),
        ("estimate", {"loss_below": 3, "probability": 0.8}, "a share lies between"),
        ("mood", "fine", "'mood' is not asked"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_kept(
    room: Room, part: str, said: Any, why: str
) -> None:
    play = begun(room)
    with pytest.raises(UsageError, match=why):
        practise.answer(room, play, part, said)
    assert seat(room, play).session.sheet == Sheet()


def test_causes_that_are_all_stated_are_brought_to_one_hundred_percent() -> None:
    sheet = answered(CASE, Sheet(), "causes", {"rot": 0.6, "sound": 0.6, "log": 0.3})
    assert plain(sheet.causes) == {"rot": 0.4, "sound": 0.4, "log": 0.2}


def test_an_answer_can_be_taken_back(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    view = practise.answer(room, play, "call", None)
    assert "call" in view["unanswered"]
    assert seat(room, play).session.sheet == Sheet()


def test_text_that_is_no_unicode_is_kept_as_far_as_it_is(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "why", "so \udcff what")
    assert seat(room, play).session.sheet.reason == "so ? what"


def test_a_contract_is_written_before_anything_is_looked_at(room: Room) -> None:
    play = begun(room)
    practise.look(room, play, "notes")
    with pytest.raises(UsageError, match="before anything was looked at; you have opened notes"):
        practise.answer(room, play, "contract", "shipcall = 1")


def test_parts_that_a_case_does_not_have_are_not_asked() -> None:
    bare = case_of({k: v for k, v in hidden().items() if k not in ("forecast", "trigger", "size")})
    assert asked(bare, "stress") == ["contract", "call", "causes", "claims", "why", "estimate"]
    assert open_parts(bare, "spot", Sheet(), "worse") == ["call", "claims"]


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


# ── modes, the queue, rating


@pytest.mark.parametrize(
    ("wish", "rated"),
    [
        ({"case": None}, True),
        ({"case": "tiny"}, True),
        ({"seed": 3}, False),
        ({"scripted": True}, False),
        ({"mode": "learn"}, False),
        ({"mode": "spot", "case": None}, True),
    ],
)
def test_what_is_rated_is_said_before_and_kept_after(
    room: Room, wish: dict[str, Any], *, rated: bool
) -> None:
    play = begun(room, **wish)
    assert practise.at(room, play)["rated"] is rated
    practise.lock(room, play)
    practise.reveal(room, play)
    (finished,) = kept(room).finished
    assert finished.rated is rated
    assert finished.chosen is (wish.get("case", "tiny") is not None)


def test_learn_has_pauses_hints_and_files_at_once(room: Room, watch: Watch) -> None:
    play = begun(room, mode="learn")
    assert (room.root / f"practice/{play}/evidence/predictions.parquet").is_file()
    watch.wait(1)
    practise.pause(room, play)
    watch.wait(600)
    with pytest.raises(UsageError, match="the play is paused"):
        practise.look(room, play, "effect")
    view = practise.go(room, play)
    assert view["clock"]["seconds"] == 1 * MINUTES
    told = practise.hint(room, play)
    assert any(name in told["text"] for name in ("effect", "changes", "flags", "tickets"))
    watch.wait(600)
    assert practise.at(room, play)["phase"] == "open"
    assert told["desk"]["hints"] == 1


def test_a_hint_names_no_panel_that_does_not_fit(room: Room) -> None:
    play = begun(room, mode="learn")
    for name in ("tickets", "flags", "changes"):
        practise.look(room, play, name)
    assert "No panel that still fits" in practise.hint(room, play)["text"]


def test_under_stress_there_is_neither_pause_nor_hint(room: Room) -> None:
    play = begun(room)
    for act in (practise.pause, practise.hint):
        with pytest.raises(UsageError, match="is for learn mode"):
            act(room, play)


def test_under_stress_the_evidence_comes_after_the_lock(room: Room) -> None:
    play = begun(room)
    folder = room.root / "practice" / play
    assert not (folder / "evidence").exists()
    view = practise.lock(room, play)
    assert view["filed"]
    assert (folder / "evidence" / "predictions.parquet").is_file()


def test_files_that_were_cut_off_are_written_again(room: Room) -> None:
    play = begun(room)
    evidence = room.root / "practice" / play / "evidence"
    evidence.mkdir(parents=True)
    (evidence / "half.parquet").write_bytes(b"PAR1")
    practise.lock(room, play)
    assert [path.name for path in evidence.iterdir()] == ["predictions.parquet"]


def test_a_spot_decision_shows_its_panels_and_asks_two_things(room: Room, watch: Watch) -> None:
    play = begun(room, case=None, mode="spot")
    view = practise.at(room, play)
    assert [one["name"] for one in view["panels"]] == ["effect"]
    assert [one["part"] for one in view["parts"]] == ["call", "claims"]
    assert len(view["parts"][1]["asked"]) == 1
    assert view["clock"]["limit"] == 90
    assert view["folder"] is None
    session = seat(room, play).session
    assert (session.opened, session.minutes) == (["effect"], 0)
    with pytest.raises(UsageError, match="on the panels that are shown"):
        practise.look(room, play, "tickets")
    with pytest.raises(UsageError, match="'causes' is not asked here"):
        practise.answer(room, play, "causes", {"rot": 0.2})
    watch.wait(1.6)
    assert practise.at(room, play)["phase"] == "locked"


def test_the_queue_lets_cases_rest_that_came_last(room: Room, watch: Watch) -> None:
    slugs = list[str]()
    for _ in range(6):
        watch.wait(1)
        slugs.append(practise.start(room, practise.Wish())["case"]["slug"])
    assert all(one != other for one, other in itertools.pairwise(slugs))


def test_the_queue_draws_afresh_and_a_seed_draws_the_same(room: Room) -> None:
    shown: dict[str, list[str]] = {"queue": [], "seed": []}
    for seed in (None, None, None, 4, 4):
        play = begun(room, seed=seed, extra_time=None)
        rows = practise.look(room, play, "effect")["rows"]
        shown["queue" if seed is None else "seed"].append(json.dumps(rows))
    assert len(set(shown["queue"])) == 3
    assert len(set(shown["seed"])) == 1


def test_a_mode_that_begins_elsewhere_is_refused(room: Room) -> None:
    with pytest.raises(UsageError, match="a replay begins from a release"):
        practise.start(room, practise.Wish(mode="replay"))
    with pytest.raises(UsageError, match="a seed is a whole number"):
        practise.start(room, practise.Wish(seed=-1))


# ── keeping, finding, giving up


def test_a_case_that_was_changed_meanwhile_does_not_go_on(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = begun(room)
    use_shelf(tmp_path / "later", monkeypatch, hidden(points="other points"))
    with pytest.raises(UsageError, match="the case tiny was changed"):
        practise.at(room, play)


def test_a_drawing_that_comes_out_otherwise_does_not_go_on(
    room: Room, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = begun(room)
    later = "shipcall.app.practise_room.draw_play"
    monkeypatch.setattr(later, lambda case, seed: draw_play(case, seed + 1))
    with pytest.raises(UsageError, match="draws the case otherwise"):
        practise.at(open_room(room.root, watch), play)


def test_a_play_is_found_from_its_own_folder(room: Room, watch: Watch) -> None:
    play = begun(room)
    inside = open_room(room.root / "practice" / play, watch)
    assert (inside.root, inside.at) == (room.root, room.root)
    assert [one["id"] for one in practise_kept.unfinished(inside)["plays"]] == [play]


def test_a_play_begun_in_a_folder_of_the_workspace_is_kept_in_the_workspace(
    room: Room, watch: Watch
) -> None:
    (room.root / ".shipcall").mkdir()
    below = room.root / "deep"
    below.mkdir()
    play = practise.start(open_room(below, watch), practise.Wish())
    assert play["folder"] == f"deep/practice/{play['id']}"
    assert room.journal_path(play["id"]).is_file()


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "", "a/b"])
def test_a_play_that_is_not_there_is_told_with_those_there_are(room: Room, name: str) -> None:
    play = begun(room)
    with pytest.raises(UsageError, match=f"Unfinished: {play}"):
        practise.at(room, name)


def test_one_damaged_play_does_not_hide_the_others(room: Room) -> None:
    one, other = begun(room), begun(room)
    path = room.journal_path(one)
    path.write_bytes(path.read_bytes().replace(b"stress", b"spotty"))
    view = practise_kept.unfinished(room)
    assert [play["id"] for play in view["plays"]] == [other]
    assert f"{path}:1" in view["damaged"][0]


def test_export_holds_everything_but_the_open_truth(room: Room, tmp_path: Path) -> None:
    done, open_ = begun(room), begun(room)
    practise.answer(room, open_, "why", "wait")
    practise.lock(room, done)
    practise.reveal(room, done)
    file = tmp_path / "out" / "plays.json"
    assert practise_kept.export(room, file)["plays"] == 2
    form = json.loads(file.read_text(encoding="utf-8"))
    plays = {one["id"]: one for one in form["plays"]}
    assert plays[done]["finished"]["so"]["state"].startswith("state_")
    assert plays[open_]["finished"] is None
    assert "wait" in json.dumps(plays[open_]["entries"])
    assert [Entry(**one) for one in plays[done]["entries"]] == list(
        read_journal(room.journal_path(done)).entries
    )


def test_delete_removes_every_play_and_nothing_else(room: Room) -> None:
    begun(room)
    (room.root / "practice" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r": 1\. They and their folders .* Nothing was"):
        practise_kept.delete(room, sure=False)
    assert practise_kept.delete(room, sure=True)["plays"] == 1
    assert [path.name for path in (room.root / "practice").iterdir()] == ["notes.txt"]
    assert practise_kept.unfinished(room)["plays"] == []


def test_delete_follows_no_link_out_of_the_workspace(room: Room, tmp_path: Path) -> None:
    play = begun(room)
    precious = tmp_path / "precious"
    (room.root / "practice" / play).rename(precious)
    (room.root / "practice" / play).symlink_to(precious)
    practise_kept.delete(room, sure=True)
    assert precious.is_dir()


# ── the fold


def test_the_same_lines_give_the_same_session(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    entries = read_journal(room.journal_path(play)).entries
    assert session_from(entries) == session_from(entries) == seat(room, play).session


def test_a_journal_of_a_later_version_is_not_guessed_at(room: Room) -> None:
    play = begun(room)
    entries = read_journal(room.journal_path(play)).entries
    session = session_from(entries)
    with pytest.raises(UsageError, match="says 'danced', which this version does not know"):
        happened(session, Entry(n=2, wall=0.0, seconds=0.0, did="danced"))
    later = Entry(n=0, wall=0.0, seconds=0.0, did="began", held={"form": 2})
    with pytest.raises(UsageError, match="reads form 1"):
        session_from([later])
    with pytest.raises(UsageError, match="ended before it began"):
        session_from([])


def test_the_account_tells_the_play_in_order(room: Room, watch: Watch) -> None:
    play = begun(room)
    watch.wait(1)
    practise.look(room, play, "flags")
    watch.wait(1)
    practise.answer(room, play, "call", "hold")
    practise.lock(room, play)
    steps = seat(room, play).session.account.steps
    assert [(s.did, s.what, s.seconds / MINUTES, s.minutes) for s in steps] == [
        ("began", "", 0, 0),
        ("opened", "flags", 1, 2),
        ("answered", "call", 2, 0),
        ("locked", "", 2, 0),
    ]
