"""For tests of pages: the workspace of `flights`, and somebody who asks for pages of it."""

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import flights
from asking import Pages, client_of


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
