"""What tests of practice share: a clock, and a room that reads it."""

from pathlib import Path

import pytest

from practice.rooms import Watch
from practice.shelves import use_shelf
from shipcall.app.practise_room import Room, open_room


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def room(tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Room:
    use_shelf(tmp_path / "shelf", monkeypatch)
    (tmp_path / "work").mkdir()
    return open_room(tmp_path / "work", watch)
