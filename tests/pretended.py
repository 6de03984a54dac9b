"""Pretended: a PATH on which programs only note what they were asked, for scripts that install."""

import shutil
import subprocess
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


def pretend(folder: Path) -> Path:
    """Make a PATH on which apt-get and sudo do nothing but note it."""
    programs = folder / "bin"
    for name in ("apt-get", "sudo"):
        program(programs / name, f'echo {name} "$@" >> "{folder}/asked"')
    return programs


def program(path: Path, does: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)


def run(script: str, programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash is not None
    return subprocess.run(
        [bash, str(SCRIPTS / script)],
        env={"PATH": str(programs), **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def asked(programs: Path) -> str:
    noted = programs.parent / "asked"
    return noted.read_text(encoding="utf-8") if noted.exists() else ""
