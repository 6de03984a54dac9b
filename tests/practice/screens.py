"""Screens for tests: what the terminal says while somebody types, and what is kept of it."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from shipcall.cli.main import shipcall
from shipcall.core import UsageError
from shipcall.practice.journal import read_journal
from shipcall.practice.session import session_from


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
