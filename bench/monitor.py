"""Replay a drawn ramp through the evidence of a rollout, against a bare scan of the same columns.

    python bench/monitor.py [OUTCOMES]

Writes exposures and outcomes of a tenth of so many outcomes (10 million unless said), and of all,
and reads each in a process of its own. Prints seconds, the greatest memory of that process, the
bytes of the state that is kept, and the ratio to the scan. Nothing is asserted: machines differ.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from shipcall.core import Slice
from shipcall.data.evidence import Evidence
from shipcall.data.ramp import Entered, OutcomeRequest
from shipcall.data.sources import Source, UnitColumns
from shipcall.world.populations.ramps import Ramp, events

OUTCOMES, EACH = 10_000_000, 5
"""Outcomes in all, and of one unit."""
LAUNCH = datetime(2026, 11, 2, tzinfo=UTC)

UNITS = """
CREATE TABLE units AS
SELECT 'u' || (row_number() OVER ())::VARCHAR AS unit, arm, stage, share, place < y AS event,
       TIMESTAMPTZ '2026-11-02 00:00:00+00' + to_seconds(3600 * hour + 3600.0 * place / n) AS "at"
FROM (SELECT *, unnest(range(n)) AS place FROM read_csv('{cells}'))
"""
TABLES = {
    "exposures": 'SELECT unit, arm, stage, share, "at" FROM units',
    "outcomes": """
        SELECT unit, 'failed' AS metric, (event AND k = 0)::INT AS value,
               "at" + to_seconds(3600 * k) AS "at"
        FROM units, range({each}) AS t(k)
    """,
}
SCANS = {
    "exposures": """
        SELECT max(unit), max(arm), max(stage), max(share), epoch(max("at")) FROM '{}'
    """,
    "outcomes": """SELECT max(unit), max(metric), sum(value), epoch(max("at")) FROM '{}'""",
}


def write(folder: Path, outcomes: int) -> None:
    """Draw a ramp of three weeks and write its rows."""
    ramp = Ramp(name="bench", outcomes=events(0.01), units=outcomes / EACH / 21)
    cells = ramp.draw(np.random.default_rng(1), 1, 0.0)
    lines = ["hour,stage,share,arm,n,y"]
    for hour, (stage, share) in enumerate(zip(cells.stage, cells.share, strict=True)):
        for arm, name in enumerate(("baseline", "candidate")):
            n, y = cells.n[0, arm, hour], int(cells.y[0, arm, hour])
            lines.append(f"{hour},{stage},{share},{name},{n},{y}")
    (folder / "cells.csv").write_text("\n".join(lines), encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(UNITS.format(cells=folder / "cells.csv"))
        for name, rows in TABLES.items():
            path = folder / f"{name}.parquet"
            connection.execute(f"COPY ({rows.format(each=EACH)}) TO '{path}' (FORMAT parquet)")


def replay(folder: Path) -> None:
    """Read the rollout as a verdict does, and print what it took."""
    sources = {name: Source(format=name, path=f"{name}.parquet") for name in TABLES}
    request = OutcomeRequest(metric="failed", name="failed", per_unit="any", window_hours=24.0)
    began, used = time.perf_counter(), time.process_time()
    evidence = Evidence(sources, root=folder, unit=UnitColumns(id="unit"), metrics={})
    states = evidence.entered([request], LAUNCH + timedelta(days=23))
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    entered = states["failed", Slice()]
    if not isinstance(entered, Entered) or entered.epochs is None:
        raise TypeError(f"nothing entered: {entered}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    state = len(json.dumps(entered.epochs.plain()))
    units = sum(arm.n for pair in entered.epochs.cells.values() for arm in pair)
    print(
        f"  {units:,} units: {wall:.1f} s ({cpu:.1f} s of processor), {peak:,.0f} MB at most; "
        f"state of {len(entered.epochs.cells):,} cells, {state:,} bytes"
    )
    used, began = time.process_time(), time.perf_counter()
    with duckdb.connect() as connection:
        for name, scan in SCANS.items():
            connection.execute(scan.format(folder / f"{name}.parquet")).fetchall()
    bare, scanned = time.perf_counter() - began, time.process_time() - used
    print(
        f"  scan of the same columns: {bare:.1f} s ({scanned:.1f} s of processor); "
        f"ratio {wall / bare:.0f} ({cpu / scanned:.0f} of processor)"
    )


def main() -> None:
    """Write and replay a tenth of the outcomes, then all of them."""
    if sys.argv[1:2] == ["--replay"]:
        replay(Path(sys.argv[2]))
        return
    total = int(sys.argv[1]) if len(sys.argv) > 1 else OUTCOMES
    for outcomes in (total // 10, total):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), outcomes)
            print(f"{outcomes:,} outcomes", flush=True)
            command = [sys.executable, __file__, "--replay", folder]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
