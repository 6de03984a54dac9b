"""scores: every run of every item by both models, graded right or wrong and safe or not.

The panel `runs` counts items by what became of them under each model, and unsafe answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy import special

from shipcall.formats import FORMATS, STATUSES
from shipcall.world.chance.draws import Floats, Ints, Rng, Table, generator
from shipcall.world.chance.kinds import Kinds
from shipcall.world.chance.laws import Laws
from shipcall.world.chance.names import chosen, constant, hashes, ordered
from shipcall.world.models import quadrature
from shipcall.world.models.items import (
    Layout,
    chunks,
    clusters,
    hand,
    item_columns,
    items,
    layout,
    mark,
    pile,
    spread,
)
from shipcall.world.models.judge import grading
from shipcall.world.models.operations import Measures, measure, operations
from shipcall.world.people.cells import Cells, Fact, facts, strata, unsafe
from shipcall.world.truth import ARMS, ArmName, World

NAME = "scores"
METRICS = ("right", "unsafe")
_OK, _FAILED, _FIRST_LOSS = 0, 1, 2
_NEVER_RAN = [STATUSES.index("infra_error"), STATUSES.index("not_run")]


class Latent(NamedTuple):
    """A panel with what nobody sees of it."""

    counts: Ints
    """Items by stratum, node of difficulty and kind, shape (strata, nodes, kinds)."""
    unsafe: Ints
    """Unsafe answers, shape (strata, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Law of the panel: what became of items, then how many of the answers were unsafe.

    A panel has a line for each stratum: counts of `kinds(world)`, then unsafe answers of the
    baseline and of the candidate.
    """

    kinds: Kinds
    answers: Ints
    """Answers of the models to one item of each kind, shape (kinds, 2)."""
    unsafe: Floats
    """Chance that an answer is unsafe, shape (strata, 2)."""

    def latent(self, rng: Rng) -> Latent:
        """Draw counts by node of difficulty as well, then unsafe answers."""
        counts = self.kinds.latent(rng)
        return Latent(counts, rng.binomial(counts.sum(axis=1) @ self.answers, self.unsafe))

    def draw(self, rng: Rng) -> Floats:
        """Draw the panel, shape (strata, kinds + 2)."""
        counts, marks = self.latent(rng)
        return np.hstack([counts.sum(axis=1), marks]).astype(np.float64)

    def log_likelihood(self, seen: ArrayLike) -> float:
        """Log chance of the panel; see `Kinds.log_likelihood` about clusters."""
        panel = np.asarray(seen, dtype=np.float64)
        counts, marks = panel[:, :-2], panel[:, -2:]
        safe = counts @ self.answers - marks
        if (safe < 0).any():
            return -np.inf
        ways = special.gammaln(safe + marks + 1) - special.gammaln(safe + 1)
        terms = special.xlogy(marks, self.unsafe) + special.xlog1py(safe, -self.unsafe)
        return self.kinds.log_likelihood(counts) + float(
            (ways - special.gammaln(marks + 1) + terms).sum()
        )


def kinds(world: World) -> tuple[tuple[int, int], ...]:
    """Name the kinds of items: state under the baseline and under the candidate.

    States are `models.LOST`, `models.FAILED`, and `models.ANSWERED` plus runs graded right.
    """
    states = quadrature.ANSWERED + items(world).repeats + 1
    return tuple(np.ndindex(states, states))


def scores_laws(world: World) -> Laws:
    """Give the law of the panel `runs`; its lines are those of `strata(world)`.

    Counts of right runs are counts of right *grades*: what a reader of the file can count.
    """
    return {"runs": _law(world, strata(world))}


def _law(world: World, found: Cells) -> Runs:
    known = items(world)
    pairs = quadrature.right_pairs(world, known, found)
    graded = quadrature.with_silence(world, quadrature.graded_pairs(pairs, grading(world, found)))
    answers = [
        [known.repeats * (state >= quadrature.ANSWERED) for state in kind] for kind in kinds(world)
    ]
    return Runs(
        Kinds(
            clusters=clusters(world, found),
            cluster=known.cluster,
            nodes=quadrature.cluster_nodes(known).weights,
            chances=graded.reshape(*graded.shape[:2], -1),
        ),
        np.array(answers, dtype=np.int64),
        np.stack([unsafe(world, arm, found) for arm in ARMS], axis=1),
    )


def scores_truth(world: World) -> list[Fact]:
    """State what is so in every slice.

    * right: share of runs with a right answer; a failed run is a wrong one, a lost one is none.
    * pass_<repeats>: share of items with a right answer in every run.
    * unsafe: share of answers that break a safety rule.
    * right_graded, pass_<repeats>_graded, unsafe_graded: the same as the file says it: right is
      what was graded so, and a failed run counts as unsafe, which is the worst it can be.
    * cost, tokens: means. latency_ms_p50, _p90, _p99: quantiles, over answered and failed runs.
    """
    found, known = strata(world), items(world)
    pairs = quadrature.right_pairs(world, known, found)
    between = quadrature.cluster_nodes(known).weights
    stated: list[Fact] = []
    for ending, law in (
        ("", pairs),
        ("_graded", quadrature.graded_pairs(pairs, grading(world, found))),
    ):
        joint = np.einsum("q,sqkl->skl", between, law)
        share = {}
        whole = {}
        for axis, arm in ((2, ARMS[0]), (1, ARMS[1])):
            own = joint.sum(axis=axis) * (1 - world.model_of(arm).error)
            share[arm] = own @ np.arange(known.repeats + 1) / known.repeats
            whole[arm] = own[:, -1]
        stated += facts(NAME, f"right{ending}", found, share)
        if known.repeats > 1:
            stated += facts(NAME, f"pass_{known.repeats}{ending}", found, whole)
    return stated + _safety(world, found) + operations(world, NAME, found)


def _safety(world: World, found: Cells) -> list[Fact]:
    so = {arm: unsafe(world, arm, found) for arm in ARMS}
    failed = {arm: world.model_of(arm).error for arm in ARMS}
    read = {arm: failed[arm] + (1 - failed[arm]) * so[arm] for arm in ARMS}
    return facts(NAME, "unsafe", found, so) + facts(NAME, "unsafe_graded", found, read)


def _rows(world: World, chunk: int) -> pa.Table:
    found, known = strata(world), items(world)
    law = _law(world, found)
    counts, marks = law.latent(generator(world, NAME, "panels"))
    whole = pile(counts, known.cluster, marks, law.answers)
    held, place = hand(world, NAME, whole, found, chunk), layout(world, found, chunk)
    rng = generator(world, NAME, chunk)
    states = np.array(kinds(world))[spread(held, place, rng).kind]
    of_items = item_columns(found, place, FORMATS[NAME])
    if known.hashed:
        of_items["item_hash"] = hashes(world, "item", place.numbers)
        of_items["prompt_hash"] = hashes(world, "prompt", place.numbers)
    run = pa.array(np.repeat(np.arange(len(states)), known.repeats))
    of_runs = {name: values.take(run) for name, values in of_items.items()}
    repeat = np.tile(np.arange(known.repeats), len(states))
    of_runs["repeat"] = pa.array(repeat).cast(pa.string())
    tables = []
    for number, arm in enumerate(ARMS):
        runs = _draw_runs(place, states[:, number], known.repeats, held.marks[:, number], rng)
        measures = measure(world, arm, found, runs.stratum, rng)
        tables += [_table(world, arm, metric, runs, measures, of_runs) for metric in METRICS]
    return pa.concat_tables(tables)


class _Runs(NamedTuple):
    """Runs of one model, those of one item together, shape (runs,) each."""

    stratum: Ints
    status: Ints
    """Place in STATUSES."""
    grades: Mapping[str, NDArray[np.bool_]]
    """Metric -> is it so?"""


def _draw_runs(place: Layout, states: Ints, repeats: int, marks: Ints, rng: Rng) -> _Runs:
    lost = rng.integers(_FIRST_LOSS, len(STATUSES), len(states))
    status = np.select(
        [states == quadrature.LOST, states == quadrature.FAILED], [lost, _FAILED], _OK
    )
    ranks = rng.random((len(states), repeats)).argsort(axis=1)
    right = ranks < (states - quadrature.ANSWERED)[:, None]
    stratum, status = np.repeat(place.stratum, repeats), np.repeat(status, repeats)
    unsafe = np.zeros(len(stratum), dtype=bool)
    unsafe[status == _OK] = mark(stratum[status == _OK], marks, rng)
    return _Runs(stratum, status, {"right": right.ravel(), "unsafe": unsafe})


def _table(  # noqa: PLR0913, PLR0917 - the columns of one row come from six places
    world: World,
    arm: ArmName,
    metric: str,
    runs: _Runs,
    measures: Measures,
    of_runs: Mapping[str, pa.Array],
) -> pa.Table:
    rows = len(runs.status)
    never = np.isin(runs.status, _NEVER_RAN)
    grader = "judge" if world.judge else "labels"
    own = {
        "arm": constant(arm, rows),
        "metric": constant(metric, rows),
        "value": pa.array(runs.grades[metric].astype(np.float64), mask=runs.status != _OK),
        "status": chosen(STATUSES, runs.status),
        "scorer": constant(grader, rows),
        "eval_set": constant(f"{world.name}-items", rows),
        **{name: pa.array(value, mask=never) for name, value in measures._asdict().items()},
    }
    return ordered(FORMATS[NAME], {**own, **of_runs})


TABLE = Table(
    format=NAME,
    asked=lambda world: world.kind == "llm" and world.items is not None,
    chunks=chunks,
    rows=_rows,
)
