"""Draw docs/img/report.png: the top of the demo's first report, as a browser shows it.

Needs a Chromium on PATH; nothing else of the project does. Run it when the report changes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "docs" / "img" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZE = "1240,690"
LARGEST = 150_000
"""Bytes: more than that slows the page it stands on."""


def browser() -> str:
    """Find a Chromium.

    Raises:
        SystemExit: If there is none.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"no browser on PATH; any of {', '.join(BROWSERS)} will do")
    return found


def main() -> int:
    """Make the demo in a folder of its own, and take a picture of its first report."""
    with tempfile.TemporaryDirectory(prefix="shipcall-picture-") as name:
        demo, key = Path(name) / "demo", Path(name) / "key"
        subprocess.run(
            [sys.executable, "-m", "shipcall", "demo", "--no-browser", "--dir", demo.name],
            cwd=name,
            env={**os.environ, "SHIPCALL_KEY": str(key)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        TARGET.parent.mkdir(exist_ok=True)
        subprocess.run(
            [
                browser(),
                "--headless",
                "--no-sandbox",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                f"--user-data-dir={name}/profile",
                f"--window-size={SIZE}",
                f"--screenshot={TARGET}",
                (demo / "digit-reader" / "report.html").as_uri(),
            ],
            stderr=subprocess.DEVNULL,
            check=True,
        )
    size = TARGET.stat().st_size
    print(f"{TARGET.name}: {size:,} bytes")
    return 0 if size < LARGEST else 1


if __name__ == "__main__":
    sys.exit(main())
