"""Every nasty file gives one clear error of our own, or is read for what it is."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.common.exceptions import IbisError

from data.nasty.files import GOOD, HEAD, NASTY, ROWS, Nasty, parquet
from data.tables import ALL, evidence, pair, request, sample, write
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.connect import Engine, guarded
from shipcall.data.evidence import Evidence, read_header
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import Source, UnitColumns

HOSTILE = ("'; DROP TABLE raw; --", 'say "hi"', "two\nlines", "naïve 🚢", "a,b;c\t", "{x}%s", "s0")


def ask(found: Evidence, *kinds: str) -> None:
    """Ask for everything that can be asked of predictions."""
    found.digests()
    found.columns("predictions")
    found.facts("predictions")
    found.levels([], "predictions")
    found.samples(StatisticsPlan(requests=tuple(request(k, name=k) for k in kinds)))


def lay(folder: Path, nasty: Nasty) -> None:
    for name, content in nasty.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("nasty", NASTY, ids=lambda nasty: nasty.name)
def test_a_nasty_file_gives_its_fault_with_its_place(tmp_path: Path, nasty: Nasty) -> None:
    lay(tmp_path, nasty)
    with pytest.raises(EvidenceError) as raised:
        ask(evidence(tmp_path, nasty.pattern), "accuracy")
    fault = raised.value.faults[0]
    assert {each.code for each in raised.value.faults} == {nasty.code}
    assert (fault.code, fault.line) == (nasty.code, nasty.line)
    assert raised.value.exit_code == 3
    assert fault.seen
    assert fault.expected
    assert fault.fix
    assert str(tmp_path) not in str(raised.value)


def test_a_folder_asks_for_the_glob(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    with pytest.raises(EvidenceError, match=r"E201.*\n.*\n.*\n.*evidence/\*\.parquet"):
        evidence(tmp_path, "evidence")


def test_a_folder_that_is_named_like_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "part.parquet").mkdir()
    with pytest.raises(EvidenceError, match="E201"):
        evidence(tmp_path, "*.parquet")


def test_a_file_that_may_not_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_bytes(HEAD + ROWS)

    def refuse(self: Path, *_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(EvidenceError, match=r"a\.csv: E202(.|\n)*Permission denied"):
        evidence(tmp_path, "a.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every file")
def test_a_file_without_read_permission_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(HEAD + ROWS)
    (tmp_path / "a.csv").chmod(0)
    with pytest.raises(EvidenceError, match="E202"):
        evidence(tmp_path, "a.csv")


def test_faults_of_all_tables_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.xlsx").write_bytes(b"x")
    sources = {
        "predictions": Source(format="predictions", path="a.csv"),
        "scores": Source(format="scores", path="b.xlsx"),
    }
    with pytest.raises(EvidenceError) as raised:
        Evidence(sources, root=tmp_path, unit=UnitColumns(id="unit"), metrics={})
    assert [fault.code for fault in raised.value.faults] == ["E203", "E204"]


@pytest.mark.parametrize("path", ["none.csv", "none/*.parquet", "**/*.jsonl"])
def test_what_matches_nothing_is_no_evidence_and_no_error(tmp_path: Path, path: str) -> None:
    found = evidence(tmp_path, path, expect_units=10)
    absent = sample(found, "accuracy")
    assert not found.present("predictions")
    assert found.digests() == {}
    assert found.columns("predictions") == ()
    assert found.levels(["x"], "predictions") == {}
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.NO_EVIDENCE
    facts = found.facts("predictions")
    assert facts.absent is not None
    assert facts.absent.reason is Reason.NO_EVIDENCE
    assert facts.expected_units == 10


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_header_without_rows_is_no_rows(tmp_path: Path, name: str) -> None:
    empty = parquet({n: pa.array([], pa.string()) for n in GOOD})
    (tmp_path / name).write_bytes(HEAD if name.endswith(".csv") else empty)
    found = evidence(tmp_path, name, expect_units=2)
    absent = sample(found, "accuracy")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.NO_ROWS
    assert found.facts("predictions").rows == 0
    assert found.facts("predictions").unfound_units == 2


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEAD + ROWS,
        (HEAD + ROWS).replace(b"\n", b"\r\n"),
        HEAD + b"\n" + ROWS + b"\n\n",
        (HEAD + ROWS).rstrip(),
        HEAD + b'"a","1","0.9","0.8"\nb,0,0.1,0.2\n',
    ],
    ids=["a mark", "CR LF", "blank lines", "no last line end", "quotes"],
)
def test_harmless_habits_of_csv_writers_change_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    given_ = pair(evidence(tmp_path, "a.csv"), "accuracy")
    assert (given_.rows, given_.baseline, given_.candidate) == (2, 1.0, 1.0)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_hostile_names_and_values_are_data(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"unit": f"{value}-{i}", "label": i % 2, "baseline": 0.9, "candidate": 0.2}
        | dict.fromkeys(HOSTILE, value)
        for i in range(2)
        for value in HOSTILE
    ]
    folder = tmp_path / "it's; DROP"
    write(folder / f"a'b.{suffix}", rows)
    found = evidence(folder, f"a'b.{suffix}")
    assert found.columns("predictions") == tuple(sorted(HOSTILE))
    for name in HOSTILE:
        levels = found.levels([name], "predictions")
        assert levels == {Slice.of({name: value}): 2 for value in HOSTILE}
        part = Slice.of({name: HOSTILE[0]})
        assert pair(found, "accuracy", part).rows == 2


def test_a_cell_of_ten_million_characters_is_text_in_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(parquet({**GOOD, "prompt": ["x" * 10_000_000, "y"]}))
    found = evidence(tmp_path, "a.parquet")
    assert pair(found, "accuracy").rows == 2
    assert max(len(s.pairs[0][1]) for s in found.levels(["prompt"], "predictions")) == 10_000_000


def test_a_long_value_is_cut_in_the_message(tmp_path: Path) -> None:
    answers = ["x" * 5_000, "0"]
    (tmp_path / "a.parquet").write_bytes(parquet({**GOOD, "baseline": answers}))
    with pytest.raises(EvidenceError, match=r"5,000 characters") as raised:
        sample(evidence(tmp_path, "a.parquet"), "accuracy")
    assert len(str(raised.value)) < 1_000


@settings(max_examples=30, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='ab,"\n\r{}:1.é', max_size=200).map(str.encode),
        st.lists(st.sampled_from([b"unit", b"label", b",", b"\n", b'"', b"1"])).map(b"".join),
    ),
    name=st.sampled_from(["a.csv", "a.jsonl", "a.parquet", "a.csv.gz", "a.ndjson.gz"]),
)
def test_whatever_the_bytes_only_our_error_is_raised(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / name).write_bytes(content)
    codes: set[str] = set()
    rows = 0
    try:
        rows = evidence(folder, name).facts("predictions").rows
    except EvidenceError as error:
        codes = {fault.code[:2] for fault in error.faults}
    assert codes == {"E2"} or rows < len(content)


@pytest.mark.parametrize("error", [duckdb.IOException, IbisError, pa.ArrowInvalid])
def test_no_error_of_the_engine_escapes(error: Callable[[str], Exception]) -> None:
    with pytest.raises(EvidenceError, match="E299"), guarded("a.csv"):
        raise error("out of paper")


def test_the_engine_opens_no_other_file(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.csv", tmp_path / "other.csv"
    mine.write_bytes(HEAD + ROWS)
    other.write_bytes(HEAD + ROWS)
    engine = Engine([mine])
    rows = engine.run(f"SELECT count(*) FROM read_csv('{mine}')")  # noqa: S608
    with pytest.raises(duckdb.PermissionException):
        engine.run(f"SELECT count(*) FROM read_csv('{other}')")  # noqa: S608
    with pytest.raises(duckdb.PermissionException):
        engine.run(f"COPY (SELECT 1) TO '{other}'")
    with pytest.raises(duckdb.InvalidInputException):
        engine.run("SET enable_external_access = true")
    engine.close()
    assert rows == [(2,)]


def test_the_header_of_a_file_comes_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'b,"a,c",a\n1,2,3\n')
    (tmp_path / "a.parquet").write_bytes(parquet({"b": [1], "a": [2]}))
    (tmp_path / "a.jsonl").write_bytes(b'{"b": 1}\n{"a": 2}\n')
    assert read_header(tmp_path / "a.csv") == ("b", "a,c", "a")
    assert read_header(tmp_path / "a.parquet") == ("b", "a")
    assert read_header(tmp_path / "a.jsonl") == ("a", "b")
    with pytest.raises(EvidenceError, match="E201"):
        read_header(tmp_path / "none.csv")


def test_a_partition_folder_adds_no_column(tmp_path: Path) -> None:
    path = tmp_path / "country=NZ" / "a.parquet"
    path.parent.mkdir()
    path.write_bytes(parquet(GOOD))
    found = evidence(tmp_path, "**/*.parquet")
    assert found.columns("predictions") == ()
    assert sample(found, "accuracy", ALL).rows == 2
