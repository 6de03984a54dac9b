"""Run the tests against the lowest versions that pyproject.toml allows.

Every `>=` becomes `==` in an environment of its own, below the one in use; what the direct
dependencies pull in stays free. Arguments are handed to pytest. Versions differ in what they can
do, and that shows in the first case of the test nearest to the call. So these are left out:
simulations; all but one case of a test; pages that are run as tests, and the browser, which say it
again; and the folders of NO_CALLS_OF_THEIR_OWN.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(sys.prefix) / "lowest"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
NO_CALLS_OF_THEIR_OWN = ("app", "core", "formats", "metrics", "report")
"""Packages that ask nothing of a dependency but what others ask as well, whose tests are run.

A test holds this against the imports of the package.
"""
ONLY_NUMBERS = ("properties", "reference")
"""Folders of tests that compare numbers; tests of `stats` and `core` make the same calls."""
TESTS = (
    "tests",
    *(f"--ignore=tests/{folder}" for folder in (*NO_CALLS_OF_THEIR_OWN, *ONLY_NUMBERS)),
    "--ignore=tests/packaging/test_constraints.py",
    "--ignore=tests/packaging/test_floors.py",
    "--ignore=tests/docs",
    "--ignore=tests/browser",
    "--few=1",
)
"""Not what speaks of the pins or needs the tools of the `dev` extra, nor what says it again."""
LONGEST = 1_800
"""Seconds; an old version that never comes back has to be noticed too."""
LEAST = re.compile(r"^([A-Za-z0-9-]+)(?:\[[^]]*\])?>=([0-9][0-9.]*)")


def lowest(project: dict[str, list[str]], extra: list[str]) -> list[str]:
    """Turn every lower bound into a pin."""
    found = (LEAST.match(line) for line in [*project["dependencies"], *extra])
    return [f"{bound[1]}=={bound[2]}" for bound in found if bound]


def install(pins: list[str]) -> None:
    """Make the environment and install the project with its `test` extra at the pins."""
    if not PYTHON.exists():
        venv.create(VENV)
    file = VENV / "lowest.txt"
    file.write_text("\n".join(pins) + "\n", encoding="utf-8")
    what = ["install", "-q", "-c", str(file), "-e", ".[test]"]
    uv = shutil.which("uv")
    if uv:
        tried = subprocess.run(
            [uv, "pip", *what, "--python", str(PYTHON)], cwd=ROOT, check=False
        ).returncode
        if tried == 0:
            return
    subprocess.run([PYTHON, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([PYTHON, "-m", "pip", *what], cwd=ROOT, check=True)


def main(arguments: list[str]) -> int:
    """Install, say what was installed, run the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = lowest(project, project["optional-dependencies"]["test"])
    print("lowest:", " ".join(pins), flush=True)
    try:
        install(pins)
    except subprocess.CalledProcessError:
        print("lowest: these versions cannot be installed together; the reason stands above")
        return 1
    line = [str(PYTHON), "-m", "pytest", "-q", "-n", "auto", "-m", "not slow", *TESTS, *arguments]
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        return subprocess.run(line, cwd=ROOT, env=own, check=False, timeout=LONGEST).returncode
    except subprocess.TimeoutExpired:
        print(f"lowest: the tests did not end within {LONGEST} s")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
