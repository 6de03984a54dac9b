"""For tests of tables in databases: one PostgreSQL server for all of them."""

from collections.abc import Iterator
from itertools import count

import pytest

from clusters import Cluster, running

NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    with running() as cluster:
        yield cluster


@pytest.fixture
def cluster(server: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """The server, and its password where it is looked for."""
    for name in ("PGUSER", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSWORD", server.password)
    return server


@pytest.fixture
def table() -> str:
    """A name that no other test uses."""
    return f"public.scores_{next(NUMBERS)}"
