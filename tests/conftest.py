"""For every test: a key and a home of its own, and no limit on time.

No test signs with the key of the person who runs it, or writes into that person's home.
"""

import itertools
from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")
_NUMBERS = itertools.count()
COUNTED = 1
"""Cases of a test of which the covered lines are counted, as counting takes as long as running."""
DRAWN = ("hypothesis", "large", "slow")
"""Marks of tests that do again and again, or with thousands, what others do once: not counted."""
SHOWN_NEARER = frozenset({"browser", "docs", "packaging"})
"""Folders whose tests run whole commands and pages; what these run has tests of its own."""
_COUNTED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run take only some cases of each parametrised test."""
    parser.addoption("--few", type=int, metavar="N", help="at most N cases of each test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --few, keep few cases of each test; count the lines of what shows them quickly."""
    most = config.getoption("few")
    if most is not None:
        kept = spread(items, most)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [item for item in items if item in kept]
    counted = spread(items, COUNTED)
    for item in items:
        item.stash[_COUNTED] = item in counted and SHOWN_NEARER.isdisjoint(item.path.parts)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count lines from before a test's fixtures until after them, or none at all.

    Python 3.11 runs every line of every library at less than half its speed while lines are
    counted; pytest-cov itself would stop for the test and go on for its fixtures.
    """
    drawn = any(item.get_closest_marker(mark) for mark in DRAWN)
    cov = item.config.pluginmanager.getplugin("_cov")
    if cov is None or cov.cov_controller is None or (item.stash[_COUNTED] and not drawn):
        return (yield)
    cov.cov_controller.pause()
    try:
        return (yield)
    finally:
        cov.cov_controller.resume()


def spread(items: Sequence[pytest.Item], most: int) -> set[pytest.Item]:
    """Take of each test at most so many cases, spread over all of them."""
    tests = [item.nodeid.partition("[")[0] for item in items]
    cases, seen = Counter(tests), Counter[str]()
    taken = set()
    for test, item in zip(tests, items, strict=True):
        place, of = seen[test], cases[test]
        seen[test] += 1
        first_of_its_part = place * most // of != (place - 1) * most // of
        if of <= most or first_of_its_part:
            taken.add(item)
    return taken


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
