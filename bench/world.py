"""Write exposures and their outcomes to Parquet, and say how long it took and what it needed.

    python bench/world.py [EXPOSURES] [STAGES]

STAGES is 1 (default: one stage at 50 %, so that every exposure is another unit) or 4 (the ramp of
1, 10, 50 and 100 %). The number of people follows from how many of them are expected to enter a
stage. Prints rows, seconds, peak memory and files. Nothing is asserted: machines differ.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from shipcall.world.chance.draws import Table
from shipcall.world.rollout import exposures, outcomes
from shipcall.world.truth import Outcome, People, Rollout, Trait, World

ROLLOUTS = {
    1: Rollout(shares=[0.5], hours=[168.0]),
    4: Rollout(shares=[0.01, 0.1, 0.5, 1.0], hours=[24.0, 48.0, 72.0, 48.0], holdback=0.01),
}


def bench_world(people: int, stages: int) -> World:
    """Two traits, one outcome that is lost now and then."""
    return World(
        shipcall_world=1,
        name="bench",
        seed=7,
        people=People(count=people),
        trait=[
            Trait(column="country", levels={"US": 6, "BR": 3, "NZ": 1}),
            Trait(column="tenure", levels={"old": 3, "new": 1}, visits={"old": 1.2, "new": 0.6}),
        ],
        rollout=ROLLOUTS[stages],
        outcome=[Outcome(name="useful", lift=0.01, habit=0.3, lost=0.01)],
    )


def write(world: World, table: Table, path: Path) -> int:
    """Write one table chunk by chunk; how many rows there were."""
    rows = 0
    writer = None
    for chunk in range(table.chunks(world)):
        part = table.rows(world, chunk)
        writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
        rows += part.num_rows
    if writer is not None:
        writer.close()
    return rows


def main(wanted: int, stages: int) -> None:
    """Draw, write, print."""
    trial = bench_world(1_000_000, stages)
    each = sum(
        float(fact["baseline"]) + float(fact["candidate"])
        for fact in exposures.exposures_truth(trial)
        if fact["slice"] == "all"
    )
    people = round(wanted / each * 1_000_000)
    world = bench_world(people, stages)
    print(f"{people:,} people, {len(world.rollout.shares) if world.rollout else 0} stages")
    total = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for table in (exposures.TABLE, outcomes.TABLE):
            path = Path(folder) / f"{table.format}.parquet"
            wall, cpu = time.perf_counter(), time.process_time()
            rows = write(world, table, path)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            total += wall
            size = path.stat().st_size / 2**20
            print(
                f"{table.format:10} {rows:12,} rows {wall:7.1f} s wall {cpu:7.1f} s CPU "
                f"{size:8.1f} MiB in {path.name}"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"together   {total:34.1f} s wall, peak memory {peak:.0f} MiB, numpy {np.__version__}")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(numbers[0] if numbers else 1_000_000, numbers[1] if len(numbers) > 1 else 1)
