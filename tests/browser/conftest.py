"""For tests in a browser: a server on the workspace of `flights`, and visitors of it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

import flights
from browsing import Visitor, chromium, served


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


Opens = Callable[..., Visitor]


@pytest.fixture
def visits(browser: Browser, reading: str) -> Iterator[Opens]:
    """Open windows on pages that are only read."""
    opened: list[Visitor] = []

    def visit(**context: Any) -> Visitor:
        opened.append(Visitor(browser, reading, **context))
        return opened[-1]

    yield visit
    for one in opened:
        one.leaves()


@pytest.fixture
def visitor(visits: Opens) -> Visitor:
    """A window on pages that are only read."""
    return visits()


@pytest.fixture
def owner(browser: Browser, writing: str) -> Iterator[Visitor]:
    """A window of somebody who calls, signs, reads pairs and plays."""
    one = Visitor(browser, writing)
    yield one
    one.leaves()
