"""For every test: a key and a home of its own, and no limit on time.

No test signs with the key of the person who runs it, or writes into that person's home.
"""

import itertools
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def settings_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder below which every test has a place for a key and for settings."""
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(autouse=True)
def own_settings(settings_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the signing key and the settings folder to places that nobody used before."""
    folder = settings_folder / str(next(_NUMBERS))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
