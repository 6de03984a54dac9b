"""Practice at the command line: one prompt, short commands, and the truth only after the lock."""

import io
import sys
from pathlib import Path

import pytest

from practice.screens import sheet_of, typed
from shipcall.app import practise
from shipcall.app.practise_room import kept, open_room
from shipcall.cli.practise_loop import Loop
from shipcall.cli.practise_typed import extra_time, number, share, shares
from shipcall.core import UsageError

pytestmark = pytest.mark.usefixtures("folder")


# ── a play


def test_practice_alone_begins_a_case_and_says_in_three_lines_what_to_do() -> None:
    told = typed("quit", arguments=())
    steps = [line for line in told.splitlines() if line.startswith(("  1  ", "  2  ", "  3  "))]
    assert [line[5:].split()[0] for line in steps[:3]] == ["Read", "Open", "Type"]
    assert "A filter with another text cleaning" in told
    assert "1  tickets" in told
    assert "3  back" in told
    assert "Sealed truth, SHA-256: " in told


def test_a_case_is_played_from_the_first_panel_to_the_rule_that_is_carried_on() -> None:
    told = typed(
        "", "3", "call 3", "causes 20 50 30", "claims 70% 0.2", "forecast 5 10 20 30 35",
        "trigger nz 0.5 3", "size 77", "why NZ loses 2 pp.", "estimate 3 80", "lock", "reveal",
        "Ask what was lost.",
    )  # fmt: skip
    assert "The model got worse  █████░░░░░░░░░░░░░░░░░░░  20%" in told
    assert "ROLL BACK where the mean of mails lost over 3 days in nz is above 0.5 pp" in told
    assert "12  What is next" in told
    assert "The seal, opened." in told
    (play,) = kept(open_room(Path.cwd())).finished
    assert play.rule == "Ask what was lost."
    assert play.sheet["option"] == "back"
    assert play.rated


def test_time_and_evidence_minutes_stand_at_every_prompt() -> None:
    told = typed("", "tickets", "look 2")
    prompts = [line for line in told.splitlines() if line.startswith("[")]
    assert prompts[0].startswith("[Enter: start] > ")
    for line, minutes in zip(prompts[1:], ("7", "3", "1"), strict=True):
        assert f"left · {minutes} of 7 evidence-minutes] > " in line
        assert line.startswith("[4:5")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("help", "Look     NUMBER or NAME"),
        ("?", "Answer   call, causes"),
        ("sheet", "[ ] causes     how likely is each cause?"),
        ("panels", "  5  notes      1  What did people say?"),
        ("look", "  5  notes      1  What did people say?"),
        ("case", "A filter with another text cleaning"),
        ("notes", "Everybody is pleased with the launch slide."),
        ("hold", "call: hold, Stay another week"),
        ("CALL Hold", "call: hold, Stay another week"),
        ("dance", "no panel 'dance'. There are: 1 tickets"),
        ("call 7", "no option '7'. There are: 1 advance, 2 hold, 3 back."),
        ("causes 50 60", "these causes add up to 110 %"),
        ("causes 1 2 3 4", "4 shares for 3 entries"),
        ("causes -5", "'-5' is no share"),
        ("claims many", "'many' is no number"),
        ("forecast 1 2", "the forecast has 5 bins"),
        ("trigger all", "a trigger is three words"),
        ("estimate 3", "an estimate is two numbers"),
        ("size none", "'none' is no number"),
        ("contract nowhere.toml", "nowhere.toml cannot be read as text"),
        ("reveal", "you cannot reveal: the sheet is open. Next: lock"),
        ("retry", "you cannot try again: the sheet is open"),
        ("pause", "a pause is for learn mode"),
        ("hint", "a hint is for learn mode"),
    ],
)
def test_a_line_says_what_it_did_or_what_there_is_instead(line: str, said: str) -> None:
    told = typed("", line)
    assert " ".join(said.split()) in " ".join(told.split())


def test_a_first_command_starts_the_clock_and_is_obeyed() -> None:
    told = typed("effect")
    assert "The clock runs." in told
    assert "What do the effect say?" in told.split("The clock runs.")[1]


def test_reading_help_and_the_case_does_not_start_the_clock() -> None:
    assert "The clock runs." not in typed("help", "case", "panels", "quit")


def test_causes_are_asked_one_by_one_and_stay_within_one_hundred_percent(folder: Path) -> None:
    told = typed("", "causes", "50", "60", "huh", "30", "")
    assert "60% is more than the 50% that are left." in told
    assert "'huh' is no number." in told
    assert dict(sheet_of(folder).causes) == {"rot": 0.5, "sound": 0.3}


def test_parts_ask_for_what_was_not_said_in_the_same_line(folder: Path) -> None:
    typed(
        "", "call", "2", "claims", "80", "-", "10", "forecast", "10 20 40 20 10", "trigger",
        "1 0.25 1", "size", "1,200", "why", "It loses mails.", "estimate", "5 60",
    )  # fmt: skip
    sheet = sheet_of(folder)
    assert (sheet.option, sheet.size, sheet.reason) == ("hold", 1200, "It loses mails.")
    assert sheet.forecast == (0.1, 0.2, 0.4, 0.2, 0.1)
    assert (sheet.trigger.scope, sheet.trigger.bar, sheet.trigger.window_days) == ("all", 0.25, 1)
    assert (sheet.estimate.loss_below, sheet.estimate.probability) == (0.05, 0.6)


def test_a_contract_is_kept_as_its_text(folder: Path) -> None:
    (folder / "mine.toml").write_text("shipcall = 1\n# mine\n", encoding="utf-8")
    assert "2 lines" in typed("", "contract mine.toml")
    assert sheet_of(folder).contract == "shipcall = 1\n# mine\n"


def test_locking_with_open_parts_asks_once_more() -> None:
    told = typed("", "lock", "n", "lock", "y")
    assert told.count("Without a call you lose all that is at stake.") == 2
    assert told.count("Locked. The evidence lies in practice/") == 1


def test_a_second_sheet_is_offered_before_the_truth() -> None:
    told = typed("", "call 1", "lock now", "retry", "tickets", "call 2", "lock now", "reveal", "")
    assert "[second sheet, not rated; lock] > " in told
    assert "Your second sheet: hold, " in told
    (play,) = kept(open_room(Path.cwd())).finished
    assert play.sheet["option"] == "advance"


def test_leaving_keeps_everything_and_says_how_to_go_on(folder: Path) -> None:
    told = typed("", "call 1", "quit")
    assert "Everything is kept. The clock goes on counting." in told
    assert "shipcall practice resume 20" in told
    more = typed("sheet", arguments=("resume",))
    assert "advance" in more
    assert sheet_of(folder).option == "advance"


def test_when_the_clock_runs_out_the_screen_says_so(folder: Path) -> None:
    now = [1_800_000_000.0]
    room = open_room(folder, lambda: now[0])
    lines = iter(["", "call 2"])

    def ask(prompt: str) -> str:
        line = next(lines, None)
        if line is None:
            now[0] += 301
            return "reveal" if "locked" in prompt else "effect"
        return line

    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        Loop(room, practise.start(room, practise.Wish(case="tiny")), ask).run()
    told = stream.getvalue()
    assert "the clock ran out, and the sheet locked as it was" in " ".join(told.split())
    assert "Time is up: the sheet locked as it was. Next: retry or reveal" in told
    assert "12  What is next" in told


def test_learn_mode_pauses_and_hints() -> None:
    told = typed("", "hint", "pause", "sheet", "go", arguments=("start", "tiny", "--mode", "learn"))
    assert "Take the time you need." in told
    assert "Per minute, " in told
    assert "[paused; go] > " in told
    assert "used · 7 of 7 evidence-minutes] > " in told
    assert "not rated" in told


@pytest.mark.parametrize(
    ("factor", "shown"), [("1.5", "(7:30)"), ("2", "(10:00)"), ("none", "no clock presses you")]
)
def test_extra_time_is_an_option_and_a_setting(
    factor: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown in typed("quit", arguments=("start", "--extra-time", factor))
    monkeypatch.setenv("SHIPCALL_EXTRA_TIME", factor)
    assert shown in typed("quit", arguments=())


def test_a_screen_without_unicode_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipcall.cli.practise_screen.unicode_stream", lambda: False)
    told = typed("", "causes 50 30 20", "quit")
    assert "############............  50%" in told
    assert told.isascii()


# ── spot decisions


def test_spot_decisions_ask_two_things_and_tell_at_once() -> None:
    told = typed("", "3", "70", "", "x", "1", "", arguments=("spot", "-n", "2"))
    assert told.count("On these panels it loses") == 2
    assert "You said 70%; a careful reader of these panels" in told
    assert "no option 'x'" in told
    assert "2 spot decisions; on the panels shown you lost" in told
    assert all(play.mode == "spot" for play in kept(open_room(Path.cwd())).finished)


def test_a_spot_decision_that_was_left_goes_on_where_it_was() -> None:
    told = typed("", "3", arguments=("spot", "-n", "1"))
    assert "Everything is kept." in told
    more = typed("70", arguments=("resume",))
    assert "On these panels it loses" in more


# ── what was typed


@pytest.mark.parametrize("text", ["40", "40%", "0.4", "40.0", ".4", "+0.4", "40,"])
def test_a_share_may_be_typed_as_percent_or_as_share(text: str) -> None:
    assert share(text) == pytest.approx(0.4)


@pytest.mark.parametrize(("text", "is_"), [("1", 0.01), ("0.5%", 0.005), ("100", 1), ("0", 0)])
def test_one_is_one_percent(text: str, is_: float) -> None:
    assert share(text) == pytest.approx(is_)


@pytest.mark.parametrize("text", ["101", "-1", "nan", "much", "", "1e9"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no (share|number)"):
        share(text)


def test_shares_are_given_to_names_in_their_order() -> None:
    assert shares(["50", "-", "20"], ["a", "b", "c", "d"]) == {"a": 0.5, "c": 0.2}
    assert number("1.5,") == 1.5
    assert extra_time(" None ") is None
