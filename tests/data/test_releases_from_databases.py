"""A release whose evidence lies in a database, from the seal to the report."""

# ruff: noqa: S608 - the statements are those of the tests themselves

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from builders import score_rows, scores_contract, write_contract, write_csv
from clusters import Cluster
from shipcall.cli.main import run, shipcall

TABLE = "public.released"
ROWS = score_rows(*np.random.default_rng(1).integers(0, 2, (2, 200)).astype(float).tolist())


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def code(*arguments: object) -> int:
    return run([str(argument) for argument in arguments])


@pytest.fixture
def release(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    cluster.fill(TABLE, ROWS)
    text = scores_contract(200, bar="may_lose = 0.2", path=cluster.address(TABLE))
    yield write_contract(tmp_path / "stored", text)
    cluster.run(f"DROP TABLE IF EXISTS {TABLE}")


def test_it_is_judged_as_the_same_rows_in_a_file_are(release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "file"
    write_csv(folder / "scores.csv", ROWS)
    file = write_contract(folder, scores_contract(200, bar="may_lose = 0.2"))
    found = []
    for contract in (release, file):
        assert code("seal", contract) == 0
        told = json.loads(call("gate", contract, "--json").output)["verdict"]
        found.append((told["call"], told["findings"], told["rule"]))
    assert found[0] == found[1]
    assert found[0][0] == "SHIP"


def test_the_same_rows_are_no_second_look_and_other_rows_are(
    release: Path, cluster: Cluster
) -> None:
    """One look is promised; the law of looks counts evidence, not readings."""
    assert code("seal", release) == 0
    assert code("gate", release) == 0
    cluster.fill(TABLE, [*reversed(ROWS)])
    assert code("gate", release) == 0
    cluster.run(f"UPDATE {TABLE} SET value = 1 - value WHERE item = 'q1'")
    assert code("gate", release) == 10


def test_a_table_that_is_gone_holds_and_a_server_that_is_gone_gives_no_verdict(
    release: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code("seal", release) == 0
    cluster.run(f"DROP TABLE {TABLE}")
    assert code("gate", release) == 10
    monkeypatch.setenv("PGPASSWORD", "wrong")
    assert code("gate", release) == 3


def test_the_password_is_nowhere_in_what_is_kept_or_shown(
    release: Path, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ("check", release),
        ("seal", release),
        ("gate", release),
        ("gate", release, "--json"),
        ("ledger", "show", release),
        ("export", "html", release),
    ):
        assert code(*arguments) == 0
    shown = capsys.readouterr()
    assert cluster.password not in shown.out + shown.err
    kept = [path for path in release.parent.rglob("*") if path.is_file()]
    assert len(kept) > 1
    assert all(cluster.password.encode() not in path.read_bytes() for path in kept)
