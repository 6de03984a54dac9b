"""Practice at the command line: scripts, lists and exports; nothing is told early, or lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from practice.screens import refused, sheet_of, typed
from practice.shelves import SECRET_WORDS, hidden
from shipcall.app.practise_room import Room, kept, open_room
from shipcall.cli import practise as door
from shipcall.cli.main import run
from shipcall.practice.journal import read_journal
from shipcall.practice.session import session_from
from shipcall.practice.shelf import slugs

TESTS = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.usefixtures("folder")


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
