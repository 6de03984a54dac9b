"""For tests in a browser: a server on the workspace of `flights`, and visitors of it."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

import flights
from browsing import LONGEST, Visitor, chromium, served

WINDOWS: Mapping[str, Mapping[str, Any]] = {
    "visitor": {},
    "plain_visitor": {"java_script_enabled": False},
    "examiner": {"bypass_csp": True},
}
"""Fixture -> how its window is; one of each is opened, as opening takes longer than a page."""

expect.set_options(timeout=LONGEST)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this system, without a screen."""
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace as it was made; nobody writes into it."""
    return flights.flown(tmp_path_factory.mktemp("flights"))


@pytest.fixture(autouse=True)
def at_home(flown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and the shelf with which the workspace was made."""
    monkeypatch.setenv("SHIPCALL_KEY", str(flown.parent / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "noor")
    flights.shelved(tmp_path / "shelf", monkeypatch)


@pytest.fixture(scope="session")
def reading(flown: Path) -> Iterator[str]:
    """Address of a server whose pages are only read."""
    with served(flown) as site:
        yield site


@pytest.fixture
def writing(flown: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a server on a copy, for one test that writes."""
    with served(Path(shutil.copytree(flown, tmp_path / "workspace"))) as site:
        yield site


@pytest.fixture(scope="session")
def windows(browser: Browser, reading: str) -> Iterator[Mapping[str, Visitor]]:
    """Windows on pages that are only read; tests take turns."""
    opened = {name: Visitor(browser, reading, **how) for name, how in WINDOWS.items()}
    yield opened
    for one in opened.values():
        one.leaves()


@pytest.fixture
def visitor(windows: Mapping[str, Visitor]) -> Iterator[Visitor]:
    """A window on pages that are only read; it remembers nothing that a test does not leave."""
    yield windows["visitor"]
    windows["visitor"].rests()


@pytest.fixture
def plain_visitor(windows: Mapping[str, Visitor]) -> Iterator[Visitor]:
    """A window that runs no script."""
    yield windows["plain_visitor"]
    windows["plain_visitor"].rests()


@pytest.fixture
def examiner(windows: Mapping[str, Visitor]) -> Iterator[Visitor]:
    """A window into which axe-core may be put, which the content rules would refuse."""
    yield windows["examiner"]
    windows["examiner"].rests()


@pytest.fixture
def stranger(browser: Browser, reading: str) -> Iterator[Visitor]:
    """A window of somebody who was never here, for tests of what a browser remembers."""
    one = Visitor(browser, reading)
    yield one
    one.leaves()


@pytest.fixture
def owner(browser: Browser, writing: str) -> Iterator[Visitor]:
    """A window of somebody who calls, signs, reads pairs and plays."""
    one = Visitor(browser, writing)
    yield one
    one.leaves()
