"""scripts/postgres: a server is installed where everything has to run, and nowhere else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "postgres"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH on which apt-get and sudo only note what they were asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("apt-get", "sudo"):
        program(folder / name, f'echo {name} "$@" >> "{tmp_path}/asked"')
    return folder


def program(path: Path, does: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)


def run(programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash is not None
    home = str(programs.parent / "versions")
    return subprocess.run(
        [bash, str(SCRIPT)],
        env={"PATH": str(programs), "POSTGRES_HOME": home, **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def asked(programs: Path) -> str:
    noted = programs.parent / "asked"
    return noted.read_text(encoding="utf-8") if noted.exists() else ""


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
