"""Memory: the engine takes as much as it was told, and spills the rest."""

import duckdb
import pytest

from shipcall.core import EvidenceError, UsageError
from shipcall.data.connect import MEMORY, Engine, guarded, unless_told


def limit(engine: Engine) -> str:
    ((told,),) = engine.run("SELECT current_setting('memory_limit')")
    return str(told)


def test_the_engine_takes_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY, "200MB")
    engine = Engine([])
    assert limit(engine) == "190.7 MiB"
    engine.close()


@pytest.mark.parametrize("told", ["lots", "2", "-1GB", "2GB; DROP"])
def test_what_is_no_amount_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(MEMORY, told)
    with pytest.raises(UsageError, match="no amount"):
        Engine([])


@pytest.mark.parametrize(
    ("most", "threads", "taken"),
    [
        ("18.8 GiB", 2, "2GiB"),
        ("100.0 GiB", 16, "8GiB"),
        ("1.5 TiB", 4, "2GiB"),
        ("800.0 MiB", 2, "800.0 MiB"),
        ("3.0 GiB", 16, "3.0 GiB"),
        ("17 bytes", 1, "17 bytes"),
    ],
)
def test_untold_the_engine_takes_a_part_of_the_machine(most: str, threads: int, taken: str) -> None:
    assert unless_told(most, threads) == taken


def test_untold_the_engine_still_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MEMORY, raising=False)
    engine = Engine([])
    bare = duckdb.connect()
    settings = "SELECT current_setting('memory_limit'), current_setting('threads')"
    ((most, threads),) = bare.execute(settings).fetchall()
    bare.execute(f"SET memory_limit = '{unless_told(most, threads)}'")
    ((wanted, _),) = bare.execute(settings).fetchall()
    assert limit(engine) == wanted
    engine.close()


@pytest.mark.parametrize("amount", ["800.0 MiB", "3.0 GiB", "2GiB"])
def test_an_amount_is_told_as_the_engine_writes_it(amount: str) -> None:
    bare = duckdb.connect()
    bare.execute(f"SET memory_limit = '{amount}'")
    ((wanted,),) = bare.execute("SELECT current_setting('memory_limit')").fetchall()
    assert str(wanted).replace(".0", "").replace(" ", "") == amount.replace(".0", "").replace(
        " ", ""
    )


def test_what_finds_no_room_says_how_to_make_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY, "1MB")
    with pytest.raises(EvidenceError, match="SHIPCALL_MEMORY=8GB"), guarded("rows.parquet"):
        Engine([]).run("SELECT list(range) FROM range(10_000_000)")
