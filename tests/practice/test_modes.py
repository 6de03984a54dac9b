"""Modes, the queue and the rating; plays that are found again, given up and kept."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from practice.rooms import MINUTES, Watch, begun
from practice.shelves import hidden, use_shelf
from shipcall.app import practise, practise_kept
from shipcall.app.practise_room import Room, kept, open_room
from shipcall.app.practise_seat import seat
from shipcall.core import UsageError
from shipcall.practice.journal import Entry, read_journal
from shipcall.practice.play import draw_play
from shipcall.practice.session import happened, session_from

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
    later = "shipcall.app.practise_seat.draw_play"
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
