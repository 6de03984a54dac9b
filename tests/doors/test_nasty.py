"""Nasty contracts and nasty evidence at the command line: one clear message, the right exit
code, and nothing written. Evidence that can be read but not trusted is a HOLD instead.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from builders import HEAD, write_contract
from shipcall.cli.main import run

NASTY = sorted((Path(__file__).parent.parent / "contract" / "nasty").glob("*.toml"))

CONTRACT = (
    HEAD.replace('kind = "llm"', 'kind = "classifier"').replace('id = "item"', 'id = "unit"')
    + """
[evidence]
predictions = { path = "rows.*", expect = { units = 40 } }
[metric]
loss = { level = "model", kind = "log_loss", positive = "1" }
[[check]]
id = "gate.loss"
stage = "gate"
role = "goal"
metric = "loss"
may_lose = 0.5
"""
)

LINES = [f"u{i},{i % 2},{0.2 + 0.6 * (i % 2)},{0.3 + 0.5 * (i % 2)}" for i in range(40)]
TABLE = "\n".join(["unit,label,baseline,candidate", *LINES]) + "\n"


def _text(change: Callable[[str], str], *, name: str = "rows.csv") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text(change(TABLE), encoding="utf-8")

    return write


def _bytes(content: bytes, name: str = "rows.csv") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def _truncated_parquet(folder: Path) -> None:
    path = folder / "rows.parquet"
    duckdb.sql("FROM range(1000)").write_parquet(str(path))
    path.write_bytes(path.read_bytes()[:-100])


def _mixed_zones(text: str) -> str:
    head, *rows = text.splitlines()
    at = ("2026-01-01T00:00:00", "2026-01-01T00:00:00+02:00")
    return "\n".join([head + ",at", *[f"{r},{at[i % 2]}" for i, r in enumerate(rows)]]) + "\n"


EVIDENCE: dict[str, Callable[[Path], None]] = {
    "NaN": _text(lambda t: t.replace("u3,1,0.8", "u3,1,NaN")),
    "infinity": _text(lambda t: t.replace("u3,1,0.8", "u3,1,inf")),
    "negative probability": _text(lambda t: t.replace("u3,1,0.8", "u3,1,-0.8")),
    "probability above one": _text(lambda t: t.replace("u3,1,0.8", "u3,1,8.0")),
    "words where numbers were": _text(lambda t: t.replace("u3,1,0.8", "u3,1,n/a")),
    "labels of another type": _text(lambda t: t.replace("u3,1,", "u3,yes,")),
    "latin-1 bytes": _bytes(TABLE.replace("u3", "ü3").encode("latin-1")),
    "utf-16": _bytes(TABLE.encode("utf-16")),
    "0-byte parquet": _bytes(b"", "rows.parquet"),
    "0-byte csv": _bytes(b""),
    "truncated parquet": _truncated_parquet,
    "not a parquet": _bytes(b"PAR1 this is no parquet PAR1", "rows.parquet"),
    "duplicate columns": _text(lambda t: t.replace("baseline,candidate", "baseline,baseline")),
    "missing column": _text(lambda t: t.replace("label", "lable")),
    "ragged rows": _text(lambda t: t.replace("u7,1,0.8,0.8", "u7,1,0.8")),
    "mixed time zones": _text(_mixed_zones),
    "directory for a file": lambda folder: (folder / "rows.csv").mkdir(),
    "broken JSON": _bytes(b'{"unit": "a", "label": 1\n', "rows.jsonl"),
    "JSON array": _bytes(b"[1, 2, 3]\n", "rows.jsonl"),
    "ten million characters in a cell": _text(lambda t: t.replace("u3,", "u" * 10_000_000 + ",")),
    "control bytes": _bytes(b"\x00\x01\x02\x03" * 100),
}

HOLDS: dict[str, Callable[[Path], None]] = {
    "header only": _text(lambda t: t.splitlines()[0] + "\n"),
    "no file": lambda _: None,
    "constant answers": _text(lambda t: "\n".join(
        [t.splitlines()[0], *[f"u{i},{i % 2},0.5,0.5" for i in range(40)]])),
    "duplicates": _text(lambda t: t + "\n".join(LINES[:5]) + "\n"),
    "half the rows": _text(lambda t: "\n".join(t.splitlines()[:20]) + "\n"),
    "no answers of the candidate": _text(lambda t: "\n".join(
        [t.splitlines()[0], *[line.rsplit(",", 1)[0] + "," for line in LINES]])),
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))


def files_in(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


def prepared(tmp_path: Path, write: Callable[[Path], None]) -> Path:
    """A sealed release whose evidence arrives afterwards."""
    folder = tmp_path / "release"
    file = write_contract(folder, CONTRACT)
    assert run(["seal", str(file)]) == 0
    write(folder)
    return file


@pytest.mark.parametrize("nasty", EVIDENCE.values(), ids=list(EVIDENCE))
def test_evidence_that_cannot_be_read_is_refused_and_nothing_is_written(
    nasty: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = prepared(tmp_path, nasty)
    before = files_in(tmp_path)
    capsys.readouterr()
    assert run(["gate", str(file)]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.startswith("rows.") or "rows." in said.err.splitlines()[0]
    assert "fix:" in said.err
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("poor", HOLDS.values(), ids=list(HOLDS))
def test_evidence_that_can_be_read_and_not_trusted_holds(
    poor: Callable[[Path], None], tmp_path: Path
) -> None:
    assert run(["gate", str(prepared(tmp_path, poor))]) == 10


@pytest.mark.parametrize("nasty", NASTY, ids=[path.stem for path in NASTY])
@pytest.mark.parametrize("command", ["check", "plan", "seal", "gate"])
def test_a_nasty_contract_is_two_and_writes_nothing(
    nasty: Path, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "contract.toml"
    file.write_bytes(nasty.read_bytes())
    assert run([command, str(file)]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert "contract.toml" in said.err
    assert set(files_in(tmp_path)) == {"contract.toml"}
