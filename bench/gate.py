"""Time a gate over generated rows against a bare scan of the same columns.

    python bench/gate.py [ROWS]
    python bench/gate.py ROWS more
    SHIPCALL_MEMORY=500MB python bench/gate.py 10_000_000

`more` asks for four metrics beside the eight, which need the order of scores, or steps.
Prints seconds (wall and CPU), the ratio, and the greatest memory of the gate, which runs in a
process of its own. Nothing is asserted: machines differ.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from shipcall.contract.parse import parse_contract
from shipcall.release.judge import judge

SLICES = 10
LEVELS = 10

ROWS_SQL = """
COPY (
    SELECT i AS unit, (i * 48271) % {clusters} AS cluster, label,
           greatest(0.001, least(0.999, 0.25 + 0.5 * label + 0.6 * (random() - 0.5))) AS baseline,
           greatest(0.001, least(0.999, 0.27 + 0.5 * label + 0.6 * (random() - 0.5))) AS candidate,
           {slices}
    FROM (SELECT range AS i, (random() < 0.4)::INT AS label FROM range({rows}))
) TO '{path}' (FORMAT parquet)
"""

CONTRACT = """
shipcall = 1
[release]
id = "bench"
kind = "classifier"
owner = "bench"
baseline = "a"
candidate = "b"
change = "weights"
[unit]
id = "unit"
cluster = "cluster"
[evidence]
predictions = {{ path = "rows.parquet", expect = {{ units = {rows} }} }}
[metric]
accuracy = {{ level = "model", kind = "accuracy" }}
precision = {{ level = "model", kind = "precision" }}
recall = {{ level = "model", kind = "recall" }}
alarms = {{ level = "safety", kind = "false_positive_rate" }}
log_loss = {{ level = "model", kind = "log_loss" }}
brier = {{ level = "model", kind = "brier" }}
ece = {{ level = "model", kind = "ece" }}
auc = {{ level = "model", kind = "roc_auc" }}
{metrics}{checks}
[slices]
by = [{by}]
metric = "brier"
may_lose = 0.01
"""

METRICS = ("accuracy", "precision", "recall", "alarms", "log_loss", "brier", "ece", "auc")
MORE = {
    "purity": "average_precision",
    "balanced": "balanced_accuracy",
    "slope": "calibration_slope",
    "intercept": "calibration_intercept",
}


def contract_text(rows: int, *, more: bool) -> str:
    """Eight or twelve metrics in the aggregate, all slices for one of them."""
    checks = "\n".join(
        f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nmetric = "{name}"\nmay_lose = 0.05\n'
        f'role = "{"goal" if name == "accuracy" else "guardrail"}"'.replace(
            'may_lose = 0.05\nrole = "goal"', 'better_by = 0.0\nrole = "goal"'
        )
        for name in METRICS
    )
    metrics = ""
    for name, kind in MORE.items() if more else ():
        metrics += f'{name} = {{ level = "model", kind = "{kind}" }}\n'
        bar = "within = 10.0" if kind.startswith("calibration") else "may_lose = 0.05"
        checks += (
            f'\n[[check]]\nid = "gate.{name}"\nstage = "gate"\nmetric = "{name}"\n'
            f'{bar}\nrole = "guardrail"'
        )
    by = ", ".join(f'"s{i}"' for i in range(SLICES))
    return CONTRACT.format(rows=rows, metrics=metrics, checks=checks, by=by)


def timed(work: object) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()  # type: ignore[operator]
    return time.perf_counter() - wall, time.process_time() - cpu


def gate(rows: int, folder: Path, *, more: bool) -> None:
    """Judge the rows of a folder, and print what it took."""
    contract = parse_contract(contract_text(rows, more=more), file="bench.toml")
    wall, cpu = timed(
        lambda: judge(
            contract, "gate", root=folder, as_of="2026-01-01T00:00:00Z", sealed=None, entries=[]
        )
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}))


def main(rows: int, *, more: bool) -> None:
    """Generate, scan, judge, print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        slices = ", ".join(
            f"('l' || ((i // {7 ** (n % 4) + n}) % {LEVELS})) AS s{n}" for n in range(SLICES)
        )
        sql = ROWS_SQL.format(clusters=rows // 10, slices=slices, rows=rows, path=path)
        duckdb.sql("SELECT setseed(0.5)")
        duckdb.sql(sql)
        columns = ["unit", "cluster", "label", "baseline", "candidate"]
        sums = ", ".join(f"sum({name})" for name in columns)
        levels = ", ".join(f"max(s{n})" for n in range(SLICES))
        scan = timed(lambda: duckdb.sql(f"SELECT {sums}, {levels} FROM '{path}'").fetchall())  # noqa: S608
        own = [sys.executable, __file__, str(rows), "more" if more else "", folder]
        took = json.loads(subprocess.run(own, check=True, stdout=subprocess.PIPE).stdout)
    told = os.environ.get("SHIPCALL_MEMORY", "not told")
    asked = len(METRICS) + len(MORE) * more
    print(f"{rows:,} rows, {asked} metrics, {SLICES} slice columns of {LEVELS} levels")
    print(f"bare scan of the same columns  {scan[0]:8.2f} s wall {scan[1]:8.2f} s CPU")
    print(f"gate                           {took['wall']:8.2f} s wall {took['cpu']:8.2f} s CPU")
    print(
        f"ratio                          {took['wall'] / scan[0]:8.1f}        "
        f"{took['cpu'] / scan[1]:8.1f}"
    )
    print(f"peak memory                    {took['peak']:8.0f} MiB, the engine's share {told}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    wanted = sys.argv[2:3] == ["more"]
    if len(sys.argv) > 3:
        gate(count, Path(sys.argv[3]), more=wanted)
    else:
        main(count, more=wanted)
