"""Practice at the command line: one prompt, short commands, and the truth only after the lock."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from practice.shelves import SECRET_WORDS, hidden, use_shelf
from shipcall.app import practise
from shipcall.app.practise_room import Room, kept, open_room
from shipcall.cli import practise as door
from shipcall.cli.main import run, shipcall
from shipcall.cli.practise_loop import Loop
from shipcall.cli.practise_typed import extra_time, number, share, shares
from shipcall.core import UsageError
from shipcall.practice.journal import read_journal
from shipcall.practice.session import session_from
from shipcall.practice.shelf import slugs

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_shelf(tmp_path / "shelf", monkeypatch)
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("NO_COLOR", "1")
    return place


def typed(*lines: str, arguments: tuple[str, ...] = ("start", "tiny")) -> str:
    """Everything on the screen when these lines are typed and nobody answers after them."""
    said = "".join(f"{line}\n" for line in lines)
    done = CliRunner().invoke(
        shipcall, ["practice", *arguments], input=said, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(shipcall, ["practice", *arguments])
    assert isinstance(done.exception, UsageError)
    return str(done.exception)


def sheet_of(folder: Path) -> Any:
    (path,) = (folder / ".shipcall" / "practice").glob("*.jsonl")
    return session_from(read_journal(path).entries).current


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


# ── scripts, lists, export, delete


def test_a_play_from_a_script_prints_the_debrief_as_json(folder: Path) -> None:
    script = {"look": ["effect", "changes"], "sheet": {"option": "hold", "causes": {"rot": 0.4}}}
    (folder / "answers.json").write_text(json.dumps(script), encoding="utf-8")
    arguments = ("start", "C99", "--seed", "7", "--answers", "answers.json", "--json")
    told = [json.loads(typed(arguments=arguments)) for _ in range(2)]
    for view in told:
        assert view["kind"] == "practice_debrief"
        assert view["finished"]["repeat"]
        assert [part["number"] for part in view["debrief"]["parts"]] == list(range(1, 13))
    assert told[0]["finished"]["score"] == told[1]["finished"]["score"]
    assert told[0]["finished"]["so"] == told[1]["finished"]["so"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "expected"),
        ("{", "cannot be read as JSON"),
        ('{"looked": []}', "a script has look, sheet and rule; got 'looked'"),
        ('{"sheet": {"mood": 1}}', "'mood' is not asked here"),
    ],
)
def test_a_script_that_is_none_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / "answers.json").write_text(text, encoding="utf-8")
    assert said in refused("start", "tiny", "--answers", "answers.json")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("start", "no-such-case"), "no case 'no-such-case'"),
        (("start", "--extra-time", "0.5"), "extra time is a factor from 1 to 10"),
        (("start", "--extra-time", "much"), "'much' is no number"),
        (("start", "--json"), "Add --answers FILE"),
        (("resume",), "no play is unfinished here"),
        (("resume", "2026-01-01-abcd"), "no play '2026-01-01-abcd' here"),
        (("portfolio", "2026-01-01-abcd", "x.md"), "no play '2026-01-01-abcd' here"),
        (("delete",), "Nothing was."),
    ],
)
def test_what_makes_no_sense_is_a_usage_fault(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)
    assert run(["practice", *arguments]) == 2


def test_the_list_names_every_case() -> None:
    told = typed(arguments=("list",))
    assert "C99  tiny" in told
    view = json.loads(typed(arguments=("list", "--json")))
    assert [one["slug"] for one in view["cases"]] == ["tinier", "tiny"]


def test_an_unfinished_play_is_mentioned_and_a_damaged_one_too(folder: Path) -> None:
    typed("quit")
    assert "1 play is unfinished, the last one tiny (ready)." in typed("quit", arguments=())
    path = min((folder / ".shipcall" / "practice").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"stress", b"spotty"))
    assert f"not read: {path}:1" in typed(arguments=("list",))


def test_a_revealed_play_is_told_again_and_shown_to_others(folder: Path) -> None:
    typed("", "call 3", "lock now", "reveal", "My rule.")
    (play,) = kept(open_room(folder)).finished
    again = typed(arguments=("resume", play.id))
    assert "12  What is next" in again
    assert json.loads(typed(arguments=("resume", play.id, "--json")))["finished"]["rule"]
    assert "wrote page.md" in typed(arguments=("portfolio", play.id, "page.md"))
    assert "My rule." in (folder / "page.md").read_text(encoding="utf-8")


def test_export_and_delete_are_complete(folder: Path) -> None:
    typed("", "call 3", "quit")
    assert "wrote 1 play to all.json" in typed(arguments=("export", "all.json"))
    assert len(json.loads((folder / "all.json").read_text(encoding="utf-8"))["plays"]) == 1
    assert "removed 1 play" in typed(arguments=("delete", "--yes"))
    assert not list((folder / ".shipcall" / "practice").iterdir())
    assert not list((folder / "practice").iterdir())
    assert json.loads(typed(arguments=("export", "none.json", "--json")))["plays"] == 0
    assert json.loads(typed(arguments=("delete", "--yes", "--json")))["plays"] == 0


# ── nothing is told before the reveal, and nothing is lost


def test_no_screen_before_the_reveal_tells_what_is_so() -> None:
    told = typed(
        "help", "", "1", "2", "4", "causes 20 50 30", "sheet", "case", "lock now", "retry",
        "effect", "lock now", "sheet",
    ).lower()  # fmt: skip
    assert [word for word in (*SECRET_WORDS, "trap", "twin") if word in told] == []
    revealed = typed("reveal", arguments=("resume",))
    assert any(word in revealed for word in SECRET_WORDS)


PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from shipcall.practice import shelf
shelf._shelf = lambda: Path({cases!r})
from shipcall.cli.main import run
raise SystemExit(run(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a word of POSIX")
def test_killing_the_program_at_any_prompt_loses_no_answer(folder: Path, tmp_path: Path) -> None:
    """A real process that gets no chance to say goodbye, three times in one play."""
    program = PROGRAM.format(tests=str(TESTS), cases=str(tmp_path / "shelf" / "cases"))
    command = [sys.executable, "-u", "-c", program, "practice"]
    lives = [
        (["start", "tiny"], ["", "effect", "call 3"]),
        (["resume"], ["causes", "20", "50"]),
        (["resume"], ["why It loses mails."]),
    ]
    for arguments, lines in lives:
        with subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as process:
            assert process.stdin is not None
            for line in lines:
                _wait_for_prompt(process)
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
            _wait_for_prompt(process)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    sheet = sheet_of(folder)
    assert (sheet.option, dict(sheet.causes)) == ("back", {"rot": 0.2, "sound": 0.5})
    assert sheet.reason == "It loses mails."
    (path,) = (folder / ".shipcall" / "practice").glob("*.jsonl")
    assert session_from(read_journal(path).entries).opened == ["effect"]


def _wait_for_prompt(process: "subprocess.Popen[str]") -> None:
    """Read until the program waits: a prompt ends with "> " or ": " and no line end."""
    assert process.stdout is not None
    text = ""
    while not text.endswith(("> ", "worse: ", "left): ", "wrong: ")):
        char = process.stdout.read(1)
        assert char, text
        text += char


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


# ── the cases that come along


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the work of a process is counted by POSIX")
def test_a_first_case_is_on_screen_within_ten_seconds() -> None:
    """Of those that come along. Work is counted, not time: other programs may run beside it."""
    import resource  # noqa: PLC0415

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "shipcall", "practice"],
        input="quit\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "Enter starts the clock" in done.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10


def test_rooms_are_found_from_where_the_person_is(folder: Path) -> None:
    room: Room = door._room()  # noqa: SLF001 - the one place where the door looks around
    assert room.root == folder


def test_the_shelf_of_these_tests_has_two_cases() -> None:
    assert slugs() == ["tinier", "tiny"]
    assert hidden()["stage"] == "gate"
