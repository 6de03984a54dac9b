"""Time the pages of a release with thousands of slices, as a browser on this machine waits.

    python bench/pages.py [SLICES]

Prints medians of five answers of every page, after one that warms up: processor time of this
process, and what a person would have waited. Nothing is asserted: machines differ.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import duckdb
from starlette.testclient import TestClient

from shipcall.app.release import judge_release, seal_release
from shipcall.web.server import Place, create_app

RUNS = 5
EACH = 50
"""Rows of one slice."""
RELEASE = "many-slices"
TABS = (
    "",
    "/gate",
    "/gate.json",
    "/slices",
    "/slices?sort=worst&page=2",
    "/slices?q=n17",
    "/check/gate.right",
    "/contract",
    "/report",
)
ELSEWHERE = ("/", "/releases", "/ledger", "/ledger/verify", "/static/app.css")

ROWS_SQL = """
COPY (
    SELECT 'u' || i AS item, arm, 'right' AS metric, 0 AS repeat, 'ok' AS status,
           'n' || (i % {slices}) AS node,
           (random() < CASE arm WHEN 'baseline' THEN 0.80 ELSE 0.82 END)::INT AS value
    FROM range({units}) AS t(i), (VALUES ('baseline'), ('candidate')) AS arms(arm)
) TO '{path}' (FORMAT parquet)
"""
CONTRACT = """
shipcall = 1
[release]
id = "{release}"
kind = "llm"
owner = "bench"
baseline = "a"
candidate = "b"
change = "prompt"
[unit]
id = "item"
[evidence]
scores = {{ path = "rows.parquet", expect = {{ units = {units} }} }}
[metric]
right = {{ level = "model", kind = "proportion", better = "higher" }}
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
may_lose = 0.02
[slices]
by = ["node"]
metric = "right"
may_lose = 0.5
min_units = 10
"""


def make(folder: Path, slices: int) -> None:
    """Seal and judge a release with so many slices."""
    units = slices * EACH
    contract = folder / "contract.toml"
    contract.write_text(CONTRACT.format(release=RELEASE, units=units), encoding="utf-8")
    seal_release(contract, even_so="a bench")
    path = folder / "rows.parquet"
    duckdb.sql(ROWS_SQL.format(slices=slices, units=units, path=path))
    judge_release(contract, "gate")


class Answer(NamedTuple):
    """Medians of several answers."""

    busy: float
    waited: float
    size: int


def answer(client: TestClient, address: str) -> Answer:
    """Ask several times; seconds, and bytes of the answer."""
    busy, waited, size = [], [], 0
    for _ in range(RUNS + 1):
        began, from_ = time.process_time(), time.perf_counter()
        got = client.get(address)
        busy.append(time.process_time() - began)
        waited.append(time.perf_counter() - from_)
        if got.status_code != 200:
            raise SystemExit(f"{address}: {got.status_code}")
        size = len(got.content)
    return Answer(statistics.median(busy[1:]), statistics.median(waited[1:]), size)


def main(arguments: list[str]) -> int:
    """Make the release, ask for its pages, print."""
    slices = int(arguments[0]) if arguments else 2_000
    with tempfile.TemporaryDirectory(prefix="shipcall-bench-") as name:
        folder = Path(name)
        os.environ["SHIPCALL_KEY"] = str(folder / "signing.key")
        began = time.perf_counter()
        make(folder, slices)
        print(f"{slices:,} slices, judged in {time.perf_counter() - began:.1f} s")
        app = create_app(Place(root=folder, port=7788))
        client = TestClient(app, base_url="http://127.0.0.1:7788")
        for address in (*(f"/releases/{RELEASE}{tab}" for tab in TABS), *ELSEWHERE):
            got = answer(client, address)
            print(
                f"{1000 * got.busy:8.0f} ms busy {1000 * got.waited:8.0f} ms waited "
                f"{got.size / 1000:8.0f} kB  {address}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
