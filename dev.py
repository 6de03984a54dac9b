"""Set up and run: `python3 dev.py demo`, `python3 dev.py test`. Needs Python 3.11 and nothing else.

Makes .venv, installs the project with the exact versions of constraints.txt (with uv if it is on
PATH, else with pip), then runs what was asked. Later runs skip what has not changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "shipcall-installed"
COMMANDS = {
    "demo": ("", ["shipcall", "demo"]),
    "run": ("", ["shipcall"]),
    "test": ("[dev]", ["scripts/test"]),
    "check": ("[dev]", ["scripts/check"]),
    "docs": ("[dev]", ["scripts/docs"]),
}


def fingerprint(extra: str) -> str:
    """Digest of everything that decides what has to be installed."""
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    text = b"".join(file.read_bytes() for file in files) + extra.encode() + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def install(extra: str) -> None:
    """Make .venv and install the project, unless that was done for these very files."""
    installed = STAMP.read_text().split() if STAMP.exists() else []
    if fingerprint(extra) in installed:
        return
    wanted = ["-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}{extra}"]
    print("shipcall: installing into .venv (once)", file=sys.stderr, flush=True)
    uv = shutil.which("uv")
    if uv:
        subprocess.run([uv, "venv", "-q", "--allow-existing", str(VENV)], check=True)
        pip = [uv, "pip", "install", "-q", "--python", str(BIN / "python")]
    else:
        if not (BIN / "python").exists():
            venv.create(VENV, with_pip=True)
        pip = [str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True, cwd=ROOT)
    STAMP.write_text("\n".join([*installed, fingerprint(extra)]))


def main(arguments: list[str]) -> int:
    """Install what the command needs and run it with the rest of the arguments."""
    if sys.version_info < (3, 11):
        print(f"shipcall needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 2
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: python3 dev.py {'|'.join(COMMANDS)} [ARGUMENTS]")
        return 2
    extra, command = COMMANDS[arguments[0]]
    install(extra)
    program = BIN / command[0] if command[0] == "shipcall" else ROOT / command[0]
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV)}
    line = [str(program), *command[1:], *arguments[1:]]
    return subprocess.run(line, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
