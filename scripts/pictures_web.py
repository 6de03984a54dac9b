"""Draw docs/img/web/: every page in light and dark, as the guide on pages shows them.

Needs a Chromium on PATH and the `test` extra: the pages are those of the workspace of the tests.
Run it when pages change.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import pytest  # noqa: E402

import flights  # noqa: E402 - found in the folder that was just named
from browsing import Visitor, chromium, served  # noqa: E402
from visits import VISITS, picture_of  # noqa: E402

TARGET = ROOT / "docs" / "img" / "web"
THEMES = ("light", "dark")
SIZE = {"width": 720, "height": 450}
LARGEST = 60_000
"""Bytes of one picture: a page shows many."""


def main() -> int:
    """Make the workspace, go to every page in both themes, take its picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory(prefix="shipcall-pictures-") as name,
        pytest.MonkeyPatch.context() as patch,
        sync_playwright() as playwright,
    ):
        folder = Path(name)
        workspace = flights.flown(folder)
        patch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        flights.shelved(folder / "again", patch)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        with served(workspace) as site:
            for theme in THEMES:
                visitor = Visitor(browser, site, color_scheme=theme, viewport=SIZE)
                for path, visits in VISITS.items():
                    page = visitor.goes(visits[0].address)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=TARGET / picture_of(path, theme))
                visitor.leaves()
        browser.close()
    sizes = {file.name: file.stat().st_size for file in sorted(TARGET.glob("*.png"))}
    for file, size in sizes.items():
        print(f"{size:>7,} bytes  {file}{'  TOO LARGE' if size > LARGEST else ''}")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
