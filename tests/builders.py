"""Builders: a small release in a folder, sealed and judged as a person would do it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shipcall.contract.parse import read_contract
from shipcall.core import Verdict
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.release.history import sealed_contract
from shipcall.release.judge import Judgement, judge, record
from shipcall.release.sealing import seal

AT = "2026-11-20T12:00:00Z"

HEAD = """
shipcall = 1
[release]
id = "r1"
kind = "llm"
owner = "team"
baseline = "old"
candidate = "fresh"
change = "prompt"
[unit]
id = "item"
"""

SCORES = """
[evidence]
scores = {{ path = "{path}", expect = {{ units = {units} }}{more} }}
[metric]
right = {{ level = "model", kind = "{kind}", better = "higher"{options} }}
[[check]]
id = "gate.right"
stage = "gate"
role = "{role}"
metric = "right"
{bar}
"""

Row = Mapping[str, Any]


def scores_contract(
    units: int,
    *,
    kind: str = "proportion",
    options: str = "",
    role: str = "goal",
    bar: str = "may_lose = 0.02",
    more: str = "",
    path: str = "scores.csv",
    rest: str = "",
) -> str:
    """A contract with one check on `scores`."""
    body = SCORES.format(
        path=path, units=units, kind=kind, options=options, role=role, bar=bar, more=more
    )
    return HEAD + body + rest


def score_rows(
    baseline: Sequence[float | None],
    candidate: Sequence[float | None],
    *,
    repeats: int = 1,
    **columns: Any,
) -> list[dict[str, Any]]:
    """Long rows of one metric: item i got baseline[i] and candidate[i].

    Extra columns: a value for all rows, or a function of (arm, item number).
    """
    rows = []
    for arm, values in (("baseline", baseline), ("candidate", candidate)):
        for number, value in enumerate(values):
            row = {
                "arm": arm,
                "item": f"q{number // repeats}",
                "repeat": number % repeats,
                "metric": "right",
                "value": value,
                "status": "ok" if value is not None else "infra_error",
            }
            row |= {n: c(arm, number) if callable(c) else c for n, c in columns.items()}
            rows.append(row)
    return rows


def write_csv(path: Path, rows: Iterable[Row]) -> Path:
    """Write rows as CSV; None becomes an empty cell."""
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_contract(folder: Path, text: str) -> Path:
    """Write contract.toml into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "contract.toml"
    file.write_text(text, encoding="utf-8")
    return file


def run_gate(folder: Path, text: str, *, sealed: bool = True, stage: str = "gate") -> Judgement:
    """Seal the contract in a fresh ledger and judge what lies in the folder."""
    file = write_contract(folder, text)
    contract = read_contract(file)
    key = SigningKey.load_or_create(folder / "keys" / "signing.key")
    ledger = Ledger.open(folder / "ledger.db", create=not (folder / "ledger.db").exists())
    if sealed and sealed_contract(ledger.entries(), contract.release.id) is None:
        seal(contract, file, ledger=ledger, key=key, at=AT)
    entries = list(ledger.entries())
    judgement = judge(
        contract,
        stage,
        root=folder,
        as_of=AT,
        sealed=sealed_contract(entries, contract.release.id),
        entries=entries,
    )
    record(judgement, at=AT, shown=True, ledger=ledger, key=key)
    return judgement


def judge_scores(folder: Path, text: str, rows: Iterable[Row]) -> Verdict:
    """Write scores.csv, seal, judge."""
    write_csv(folder / "scores.csv", rows)
    return run_gate(folder, text).verdict


def standing(verdict: Verdict, check: str) -> str:
    """Standing of one check, as a word."""
    return next(str(f.standing) for f in verdict.findings if f.check.id == check)
