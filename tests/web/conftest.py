"""For tests of pages: the workspace of `flights`, who asks for pages of it, and `persons`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import flights
from asking import Pages, client_of
from practice.shelves import use_shelf
from shipcall.web.practice import halls
from web.persons import SHEET, Person, Player


@pytest.fixture(scope="session")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace as it was made; nobody writes into it."""
    return flights.flown(tmp_path_factory.mktemp("flights"))


@pytest.fixture
def at_home(flown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and the shelf with which the workspace was made, and time to wait for plays."""
    monkeypatch.setenv("SHIPCALL_KEY", str(flown.parent / "signing.key"))
    flights.shelved(tmp_path / "shelf", monkeypatch)


@pytest.fixture(scope="session")
def pages(flown: Path) -> Pages:
    """Pages of the workspace as it was made."""
    return Pages(flown)


@pytest.fixture
def workspace(flown: Path, tmp_path: Path) -> Path:
    """A copy of it, to write into."""
    return Path(shutil.copytree(flown, tmp_path / "workspace"))


@pytest.fixture
def desk(workspace: Path) -> TestClient:
    """Pages of a workspace into which one may write."""
    return client_of(workspace)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who prepares in an empty folder, and waits for every job."""
    monkeypatch.chdir(tmp_path)
    flights.patient(monkeypatch)
    return Person(tmp_path)


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """Somebody with a small shelf of cases, who waits for every job."""
    flights.patient(monkeypatch)
    use_shelf(tmp_path / "shelf", monkeypatch)
    root = tmp_path / "work"
    root.mkdir()
    monkeypatch.chdir(root)
    yield Player(root)
    halls.hall_of.cache_clear()


@pytest.fixture
def playing(player: Player) -> Player:
    """The same, in a play whose clock runs."""
    player.begin(case="tiny")
    player.does("go")
    return player


@pytest.fixture
def locked(playing: Player) -> Player:
    """The same, with an answer that is locked."""
    playing.does("look", panel="effect")
    playing.does("lock", **SHEET)
    return playing


@pytest.fixture
def revealed(locked: Player) -> Player:
    """The same, who was told what is so."""
    locked.does("reveal")
    return locked
