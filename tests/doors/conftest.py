"""What tests of practice at the doors share: a folder with a shelf of two cases."""

from pathlib import Path

import pytest

from practice.shelves import use_shelf


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_shelf(tmp_path / "shelf", monkeypatch)
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("NO_COLOR", "1")
    return place
