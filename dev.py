"""Set up and run: `python3 dev.py demo`, `python3 dev.py test`. Needs Python 3.11 and nothing else.

Makes .venv, installs the project with the exact versions of constraints.txt (with uv if it is on
PATH, else with pip), then runs what was asked. Later runs skip what has not changed. An
interrupted installation is started again from nothing. Whatever happens on the way is said on
stderr; stdout belongs to the command. Older Pythons can read this file, so that it can tell
them what is wrong: hence the quoted types.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "shipcall-installed.json"
UNFINISHED = VENV / "shipcall-unfinished"
COMMANDS = {
    "demo": ("", [str(PYTHON), "-m", "shipcall", "demo"]),
    "run": ("", [str(PYTHON), "-m", "shipcall"]),
    "test": ("dev", ["bash", "scripts/test"]),
    "check": ("dev", ["bash", "scripts/check"]),
    "docs": ("dev", ["bash", "scripts/docs"]),
    "lowest": ("dev", ["bash", "scripts/lowest"]),
}
"""Command -> the extra it needs, and what it runs."""


def say(text: str) -> None:
    """Tell the person at the keyboard."""
    print(f"shipcall: {text}", file=sys.stderr, flush=True)


def too_old() -> str:
    """Say what is wrong with this Python and what to do; empty if nothing is."""
    if sys.version_info >= OLDEST:
        return ""
    names = (f"python3.{minor}" for minor in (13, 12, 11))
    newer = next((name for name in names if shutil.which(name)), None)
    command = " ".join([newer or "python3.11", "dev.py", *sys.argv[1:]])
    return (
        f"this is Python {sys.version.split()[0]}, and 3.11 or newer is needed.\n"
        + ("Run: " if newer else "Install one, then run: ")
        + command
    )


def place() -> str:
    """Digest of what cannot change under an installation: the folder and the Python."""
    return hashlib.sha256(f"{ROOT}\0{sys.version}".encode()).hexdigest()


def wanted() -> str:
    """Digest of the files that decide what has to be installed."""
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def installed() -> "dict[str, Any]":
    """What an earlier run finished; empty if there was none or nobody can read it."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and not UNFINISHED.exists() else {}


def works() -> bool:
    """Say whether .venv holds a Python that starts and is new enough."""
    question = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    try:
        asked = subprocess.run([str(PYTHON), "-c", question], check=False, capture_output=True)
    except OSError:
        return False
    return asked.returncode == 0


def run_steadily(line: "list[str]") -> None:
    """Run a long step; say every ten seconds that it still runs. Its stdout goes to stderr."""
    began = time.monotonic()
    with subprocess.Popen(line, env=environment(), cwd=ROOT, stdout=sys.stderr) as step:
        while True:
            try:
                code = step.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                say(f"… {time.monotonic() - began:.0f} s")
            except KeyboardInterrupt:
                step.terminate()
                raise
    if code:
        raise subprocess.CalledProcessError(code, line)


def make() -> None:
    """Make .venv anew, unless a sound one is there. What pip is needed for comes later."""
    moved = installed().get("place", place()) != place()
    if not (UNFINISHED.exists() or moved) and works():
        return
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    venv.create(VENV, symlinks=os.name != "nt")


def with_uv(uv: str, what: "list[str]") -> bool:
    """Install with uv; say whether that went well. What pip can reach, uv sometimes cannot."""
    say("installing into .venv with uv, once")
    try:
        run_steadily([uv, "pip", "install", "-q", "--python", str(PYTHON), *what])
    except (OSError, subprocess.CalledProcessError):
        say("uv could not; the reason stands above. Trying with pip")
        return False
    return True


def with_pip(what: "list[str]") -> None:
    """Install with the pip of .venv."""
    say("installing into .venv with pip, once; this takes a minute or two")
    pip = [str(PYTHON), "-m", "pip"]
    asked = subprocess.run([*pip, "--version"], check=False, capture_output=True)
    if asked.returncode:
        own = [str(PYTHON), "-m", "ensurepip"]
        subprocess.run(own, check=True, stdout=subprocess.DEVNULL)
    run_steadily([*pip, "install", "-q", "--disable-pip-version-check", *what])


def install(extra: str) -> None:
    """Install the project with an extra, unless that was done for these very files and folder."""
    before = installed()
    same = before.get("place") == place() and before.get("files") == wanted()
    done = before.get("extras", []) if same else []
    if extra in done and works():
        return
    make()
    UNFINISHED.touch()
    what = ["-c", "constraints.txt", "-e", f".[{extra}]" if extra else "."]
    uv = shutil.which("uv")
    if not (uv and with_uv(uv, what)):
        with_pip(what)
    stamp = {"place": place(), "files": wanted(), "extras": sorted({"", *done, extra})}
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")
    UNFINISHED.unlink()
    say("installed")


def environment() -> "dict[str, str]":
    """Environment in which .venv comes first and no other installation is looked at."""
    lost = {"PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in lost}
    path = f"{BIN}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {"PIP_RETRIES": "2", **kept, "PATH": path, "VIRTUAL_ENV": str(VENV)}


def run(line: "list[str]", command: str) -> int:
    """Run what was asked for and give its exit code."""
    given = environment()
    if command == "demo":
        # A demo signs with a key of its own: nothing is written outside this folder.
        given.setdefault("SHIPCALL_KEY", str(VENV / "demo-signing.key"))
    # `run` and `demo` work where the person stands, the scripts find the project themselves.
    where = None if command in {"demo", "run"} else ROOT
    with subprocess.Popen(line, env=given, cwd=where) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:  # the program was interrupted too and ends in its own way
                continue


def advice(error: subprocess.CalledProcessError) -> str:
    """Say what to do after a step of the installation failed."""
    step = " ".join(str(part) for part in error.cmd)
    if "ensurepip" in step:
        return (
            "this Python cannot make environments: its module ensurepip is not there. Install "
            "it (Debian and Ubuntu: apt install python3-venv), or put uv on PATH, and run again."
        )
    return (
        f"the installation failed (exit code {error.returncode}); the reason stands above.\n"
        "If the package index could not be reached: connect to the network, or name a proxy in\n"
        "HTTPS_PROXY, or another index in PIP_INDEX_URL. Then run the same command again.\n"
        f"The step was: {step}"
    )


def main(arguments: "list[str]") -> int:
    """Install what the command needs and run it with the rest of the arguments."""
    if too_old():
        say(too_old())
        return 2
    if not arguments or arguments[0] not in COMMANDS:
        say(f"usage: python3 dev.py {'|'.join(COMMANDS)} [ARGUMENTS]")
        return 2
    extra, line = COMMANDS[arguments[0]]
    try:
        install(extra)
        return run([*line, *arguments[1:]], arguments[0])
    except subprocess.CalledProcessError as error:
        say(advice(error))
    except OSError as error:
        say(f"{error}. Nothing else was tried.")
    except KeyboardInterrupt:
        say("interrupted; run the same command to go on.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
