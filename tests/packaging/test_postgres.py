"""scripts/postgres: a server is installed where everything has to run, and nowhere else."""

import os
import subprocess
from pathlib import Path

import pytest

import pretended
from pretended import asked, program


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    return pretended.pretend(tmp_path)


def run(programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    home = str(programs.parent / "versions")
    return pretended.run("postgres", programs, POSTGRES_HOME=home, **environment)


def test_without_ci_nothing_is_installed_and_it_says_what_is_skipped(programs: Path) -> None:
    done = run(programs)
    assert asked(programs) == ""
    assert "tests of tables in PostgreSQL are skipped" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("place", ["bin/initdb", "versions/15/bin/initdb"])
def test_a_server_that_is_there_is_taken(programs: Path, place: str) -> None:
    program(programs.parent / place, "exit 1")
    assert run(programs, CI="true").stderr == ""
    assert asked(programs) == ""


def test_in_ci_a_lacking_server_is_installed_and_it_says_so(programs: Path) -> None:
    done = run(programs, CI="true")
    lines = asked(programs).splitlines()
    before = "" if os.geteuid() == 0 else "sudo "
    assert [line.startswith(f"{before}apt-get") for line in lines] == [True, True]
    assert lines[1].endswith("--no-install-recommends postgresql")
    assert "installing PostgreSQL" in done.stderr
    assert done.stdout == ""
