"""scripts/browser: a browser is installed where everything has to run, and nowhere else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "browser"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH on which apt-get and sudo only note what they were asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("apt-get", "sudo"):
        program(folder / name, f'echo {name} "$@" >> "{tmp_path}/asked"')
    return folder


def program(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)


def run(programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash is not None
    return subprocess.run(
        [bash, str(SCRIPT)],
        env={"PATH": str(programs), **environment},
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
    assert "tests in a browser are skipped" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_that_is_there_is_taken(programs: Path, name: str) -> None:
    program(programs / name, "exit 1")
    assert run(programs, CI="true").stderr == ""
    assert asked(programs) == ""


def test_in_ci_a_lacking_browser_is_installed_and_it_says_so(programs: Path) -> None:
    done = run(programs, CI="true")
    lines = asked(programs).splitlines()
    before = "" if os.geteuid() == 0 else "sudo "
    assert [line.startswith(f"{before}apt-get") for line in lines] == [True, True]
    assert lines[1].endswith("--no-install-recommends chromium")
    assert "installing Chromium" in done.stderr
    assert done.stdout == ""
