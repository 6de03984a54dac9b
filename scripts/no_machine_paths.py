"""Fail where a file of the project names a path of one machine or a server of packages.

Looked at is what git tracks or would track. `ada` is nobody: tests may invent a home for her.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATHS = re.compile(
    r"(?<![\w.])/(?:" + "|".join(("wor" + "k", "roo" + "t", "hom" + "e(?!/ada\\b)")) + r")/"
)
SERVERS = re.compile(
    r"https?://\S*(?:" + "|".join(("simpl" + "e/", r"\.wh" + "l", r"\.tar\.g" + "z")) + r")"
)


def main() -> int:
    """Look at every text file."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    found = []
    for name in names:
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if PATHS.search(line) or SERVERS.search(line):
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    print("\n".join(found) if found else f"{len(names)} files name no machine path")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
