"""Certify: draw every row in blocks, over processes, so that it can be stopped and taken up again.

A block of a row has a generator of its own, named by the seed, the row and its number, and blocks
are added up in their order: neither the number of processes nor an interruption changes a count.
"""

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

import shipcall
from shipcall.trial.benches import OneCheck
from shipcall.trial.row import CLOSED, Row
from shipcall.trial.rows import row_named
from shipcall.trial.tally import Tally
from shipcall.world.populations.rows import Tabled

SEED = 20_261_121
BLOCKS = 10
"""Parts into which the runs of a row are cut."""
PROBE = 25
"""Runs by which the cost of a row is estimated."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_CODE = (
    *(f"{name}/**/*.py" for name in ("core", "stats", "metrics", "data", "contract", "stages")),
    "release/**/*.py",
    "world/populations/*.py",
    *(
        f"trial/{name}.py"
        for name in ("benches", "classes", "columns", "evidence", "release_benches", "row")
    ),
    "trial/*rows.py",
    "trial/ramp*.py",
    "trial/people.py",
)
"""Files that decide what is counted."""


class Block(NamedTuple):
    """Some runs of one row."""

    row: str
    number: int
    runs: int


class Done(NamedTuple):
    """What a block came to."""

    tally: Tally
    seconds: float
    """Of one core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A row with everything that was drawn of it."""

    row: Row
    tally: Tally
    seconds: float


@dataclass(slots=True)
class Journal:
    """Finished blocks, one line of JSON each; what another code or seed drew is left alone."""

    path: Path | None
    seed: int
    kept: dict[Block, Done] = field(default_factory=dict)

    def read(self) -> None:
        """Take up what an earlier run finished. A line that was cut off is passed over."""
        if self.path is None or not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                one = json.loads(line)
            except json.JSONDecodeError:
                continue
            if one["seed"] == self.seed and one["code"] == code_digest():
                block = Block(one["row"], one["block"], one["tally"]["runs"])
                self.kept[block] = Done(Tally.of(one["tally"]), one["seconds"])

    def start(self) -> None:
        """Begin an empty journal."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("", encoding="utf-8")

    def keep(self, block: Block, done: Done) -> None:
        """Write one finished block to the end, on a line of its own."""
        self.kept[block] = done
        if self.path is None:
            return
        line = {
            "row": block.row,
            "block": block.number,
            "seed": self.seed,
            "code": code_digest(),
            "tally": done.tally.plain,
            "seconds": round(done.seconds, 3),
        }
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, sort_keys=True) + "\n")


def certify(  # noqa: PLR0913 - what is drawn, how long, where it is kept
    rows: Sequence[Row],
    *,
    seed: int = SEED,
    runs: int = CLOSED,
    minutes: float | None = None,
    processes: int | None = None,
    journal: Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Measured]:
    """Draw rows and count what they come to.

    Args:
        rows: Any; those that other processes draw have to be among `rows.rows()`.
        seed: Of everything.
        runs: Most runs of a row.
        minutes: After so long no further block is begun; rows then have fewer runs, and the
            first block of every row comes before the second of any.
        processes: How many are started, each with one thread; None: this one. The number does
            not change what is counted.
        journal: File to which finished blocks are written.
        resume: Take up what the journal has, instead of beginning anew.
        progress: Is told how many blocks of how many are done.

    Returns:
        The rows of which at least one block was drawn, in the given order.
    """
    kept = Journal(journal, seed)
    if resume:
        kept.read()
    else:
        kept.start()
    blocks = planned_blocks(rows, runs)
    todo = [block for block in blocks if block not in kept.kept]
    until = None if minutes is None else time.monotonic() + 60 * minutes
    drawn = _drawn(rows, todo, seed, until, processes)
    for count, (block, done) in enumerate(drawn, len(blocks) - len(todo) + 1):
        kept.keep(block, done)
        progress(count, len(blocks))
    return _added(rows, blocks, kept.kept)


def planned_blocks(rows: Sequence[Row], runs: int) -> list[Block]:
    """Cut rows into blocks: all first blocks, then all second ones, and so on."""
    cut = []
    for row in rows:
        total = min(row.runs, runs)
        ends = np.linspace(0, total, _parts(row) + 1).astype(int)
        sizes = [int(size) for size in np.diff(ends)]
        cut.append([Block(row.key, i, size) for i, size in enumerate(sizes) if size])
    return [blocks[place] for place in range(BLOCKS) for blocks in cut if place < len(blocks)]


def _parts(row: Row) -> int:
    """Tables of counts are drawn in one block, so that equal ones are judged once."""
    bench = row.bench
    return 1 if isinstance(bench, OneCheck) and isinstance(bench.population, Tabled) else BLOCKS


def block_generator(seed: int, block: Block) -> np.random.Generator:
    """Seed the generator of a block by its name; runs of the same name are the same draws."""
    name = int.from_bytes(hashlib.sha256(block.row.encode()).digest()[:16], "big")
    return np.random.default_rng(np.random.SeedSequence([seed, name, block.number]))


def estimate_seconds(rows: Sequence[Row], runs: int) -> Iterator[tuple[Row, float]]:
    """Measure on a few runs what each row would cost one process.

    Tables of counts are counted first, because equal ones are judged once.
    """
    for row in rows:
        total = min(row.runs, runs)
        bench = row.bench
        judged = bench.judged if isinstance(bench, OneCheck) else int
        probe = max(min(PROBE, total // BLOCKS), 1)
        rng = np.random.default_rng(0)
        bench.draw(rng, 1)
        began = time.process_time()
        bench.draw(rng, probe)
        yield row, (time.process_time() - began) / judged(probe) * judged(total)


@cache
def code_digest() -> str:
    """Name the code that draws and judges: a digest over its files, 12 hex digits."""
    root = Path(shipcall.__file__).parent
    files = sorted(file for pattern in _CODE for file in root.glob(pattern))
    total = hashlib.sha256()
    for file in files:
        total.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:12]


def _drawn(
    rows: Sequence[Row],
    todo: Sequence[Block],
    seed: int,
    until: float | None,
    processes: int | None,
) -> Iterator[tuple[Block, Done]]:
    if processes is not None:
        with _single_threads():
            yield from _spread(todo, seed, until, processes)
        return
    named = {row.key: row for row in rows}
    for block in todo:
        if until is not None and time.monotonic() >= until:
            return
        yield block, draw_block(named[block.row], block, seed)


def draw_block(row: Row, block: Block, seed: int) -> Done:
    """Draw the runs of one block."""
    began = time.process_time()
    tally = row.bench.draw(block_generator(seed, block), block.runs)
    return Done(tally, time.process_time() - began)


@contextmanager
def _single_threads() -> Iterator[None]:
    """Let new processes multiply matrices in one thread: the last bit may depend on it."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _spread(
    todo: Sequence[Block], seed: int, until: float | None, processes: int
) -> Iterator[tuple[Block, Done]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting: dict[Future[Done], Block] = {}
        blocks = iter(todo)
        while True:
            over = until is not None and time.monotonic() >= until
            while not over and len(waiting) < 2 * processes and (block := next(blocks, None)):
                waiting[pool.submit(_draw_named, block, seed)] = block
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()


def _draw_named(block: Block, seed: int) -> Done:
    return draw_block(row_named(block.row), block, seed)


def _added(
    rows: Sequence[Row], blocks: Sequence[Block], kept: Mapping[Block, Done]
) -> list[Measured]:
    found: list[Measured] = []
    mine: dict[str, list[Block]] = {}
    for block in blocks:
        mine.setdefault(block.row, []).append(block)
    for row in rows:
        tally, seconds = Tally(), 0.0
        for block in mine.get(row.key, []):
            if block in kept:
                tally.merge(kept[block].tally)
                seconds += kept[block].seconds
        if tally.runs:
            found.append(Measured(row=row, tally=tally, seconds=seconds))
    return found
