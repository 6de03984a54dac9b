"""scripts/browser: a browser is installed where everything has to run, and nowhere else."""

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
    return pretended.run("browser", programs, **environment)


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
