"""Drawn samples get the standings that the gate would give them."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import Plan, plan
from shipcall.core import Absent, Reason, Slice, Standing
from shipcall.core.finding import judge
from shipcall.release.foresight.drawn import Bench, DrawnEvidence
from shipcall.release.foresight.laws import NormalLaw, Place
from shipcall.release.foresight.nuisance import Known, Nuisance, assumed
from shipcall.release.foresight.outlook import Question
from shipcall.release.foresight.rehearsal import Shift
from shipcall.release.foresight.rowlaws import EceLaw
from shipcall.stages import Samples
from shipcall.stages.gate import measured
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import BinSample, PairSample, Sample

TEXT = """
shipcall = 1
[release]
id = "r"
kind = "llm"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "prompt"
[unit]
id = "item"
cluster = "talk"
[evidence]
scores = {{ path = "scores.csv", expect = {{ units = 600 }} }}
[metric]
right = {{ level = "model", kind = "proportion", better = "higher" }}
kind = {{ level = "model", kind = "mean", better = "higher", range = [0, 1] }}
[[check]]
id = "goal"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.0
[[check]]
id = "kind"
stage = "gate"
role = "goal"
metric = "kind"
better_by = 0.0
[slices]
by = ["part"]
metric = "{metric}"
may_lose = 0.02
correction = "{correction}"
"""
PARTS = [Slice.of({"part": f"p{i}"}) for i in range(6)]
ALL = Slice()


def contract(metric: str = "right", correction: str = "max-t") -> Contract:
    return parse_contract(TEXT.format(metric=metric, correction=correction), file="contract.toml")


def levels() -> dict[Slice, int]:
    return dict.fromkeys(PARTS, 100)


def rows(metric: str, seed: int) -> dict[tuple[str, Slice], Sample | Absent]:
    """Six slices of a hundred rows, one of them with a loss; every cluster's part is kept."""
    rng = np.random.default_rng(seed)
    part = np.repeat(np.arange(6), 100)
    loss = np.where(part == 2, 0.4, 0.03)
    baseline = (rng.random(600) < 0.8).astype(float)
    candidate = np.where(rng.random(600) < loss, 0.0, baseline)
    candidate = np.where(rng.random(600) < 0.1, 1.0, candidate)
    if metric == "kind":
        baseline, candidate = (
            np.clip(0.6 * v + 0.2 + rng.normal(0, 0.1, 600), 0, 1) for v in (baseline, candidate)
        )
    found: dict[tuple[str, Slice], Sample | Absent] = {}
    for name in ("right", "kind"):
        for number, where in [(None, ALL), *enumerate(PARTS)]:
            held = np.flatnonzero((part == number) | (number is None))
            one = np.ones(held.size)
            found[name, where] = pair_sample(
                baseline[held],
                one,
                candidate[held],
                one,
                Clusters.of(held),
                range=(0.0, 1.0),
                binary=metric == "right",
                influence=True,
            )
    return found


def standings(promised: Plan, found: dict[str, Standing]) -> list[Standing]:
    return [found[c.id] for c in promised.checks if c.id.startswith("slice.")]


@pytest.mark.parametrize("metric", ["right", "kind"])
@pytest.mark.parametrize("correction", ["holm", "max-t"])
def test_families_stand_as_the_gate_has_them(metric: str, correction: str) -> None:
    of = contract(metric, correction)
    promised = plan(of, "gate", levels())
    breached = 0
    for seed in range(6):
        samples: Samples = rows(metric, seed)
        bench = Bench(promised, {metric: samples})
        checks = {c.id: c for c in promised.checks}
        quick, whole = bench(promised, samples), measured(promised, samples)
        ours, theirs = (
            standings(promised, {i: judge(checks[i], m) for i, m in found.items()})
            for found in (quick, whole)
        )
        assert ours == theirs
        breached += sum(one is Standing.BREACH for one in ours)
    assert breached >= 2


def test_a_member_without_a_sample_stays_absent_and_the_others_are_judged() -> None:
    for correction in ("holm", "max-t"):
        promised = plan(contract(correction=correction), "gate", levels())
        samples = rows("right", 1)
        samples["right", PARTS[0]] = Absent(reason=Reason.NO_ROWS, detail="none")
        found = Bench(promised, {"right": samples})(promised, samples)
        assert isinstance(found["slice.part=p0"], Absent)
        assert not isinstance(found["slice.part=p1"], Absent)


def test_a_metric_without_a_reference_keeps_its_own_levels() -> None:
    promised = plan(contract(), "gate", levels())
    samples = rows("right", 1)
    assert set(Bench(promised, {})(promised, samples)) == set(
        Bench(promised, {"right": samples})(promised, samples)
    )


def test_drawn_evidence_answers_for_its_tables() -> None:
    evidence = DrawnEvidence({}, {})
    with pytest.raises(KeyError):
        evidence.facts("scores")


def taken(of: Contract, cluster: float = 1.0) -> Nuisance:
    found = assumed(of, plan(of, "gate", None))
    table = replace(found.tables["scores"], cluster=Known(cluster, "pilot"))
    return replace(found, tables={"scores": table})


def question(of: Contract, nuisance: Nuisance) -> Question:
    return Question(contract=of, nuisance=nuisance, levels=None, gains={}, seed="s")


def gains(asked: Question, draws: int, *names: str) -> list[np.ndarray]:
    outcomes = asked.at(1.0).fold({}, draws)
    found = []
    for name in names:
        samples = [cast("PairSample", o.held[name, ALL]) for o in outcomes]
        found.append(np.array([(s.candidate or 0) - (s.baseline or 0) for s in samples]))
    return found


@pytest.mark.parametrize("wanted", [-0.6, 0.0, 0.9])
def test_metrics_move_together_as_much_as_they_are_known_to(wanted: float) -> None:
    of = contract()
    nuisance = taken(of)
    if wanted:
        nuisance = replace(nuisance, correlation={("kind", "right"): Known(wanted, "pilot")})
    one, other = gains(question(of, nuisance), 800, "right", "kind")
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(wanted, abs=0.08)


def test_metrics_that_gain_together_are_shown_together_more_often() -> None:
    of = contract()
    apart, tied = taken(of), taken(of)
    tied = replace(tied, correlation={("kind", "right"): Known(0.9, "pilot")})
    shifts = {"right": Shift(0.03), "kind": Shift(0.012)}
    both = [
        sum(not {"goal", "kind"} & o.unmet for o in question(of, n).at(1.0).fold(shifts, 600))
        for n in (apart, tied)
    ]
    assert both[1] > both[0] + 30


def test_units_of_one_cluster_count_as_one() -> None:
    of = contract()
    here = question(of, taken(of, cluster=6.0)).at(1.0)
    (outcome,) = here.fold({}, 1)
    for name in ("right", "kind"):
        assert cast("PairSample", outcome.held[name, ALL]).clusters == 100
    assert all(isinstance(model.law, NormalLaw) for model in here.models.values())


def test_runs_of_one_cluster_that_agree_spread_the_mean_more() -> None:
    """Mean of 100 clusters of 6 rows: correlation s of the rows multiplies the variance by
    1 + 5 s for differences that are wholly the cluster's own."""
    of = contract()
    spreads = []
    for together in (0.01, 0.8):
        nuisance = taken(of, cluster=6.0)
        metrics = {
            name: replace(metric, together=Known(together, "pilot"))
            for name, metric in nuisance.metrics.items()
        }
        (found,) = gains(question(of, replace(nuisance, metrics=metrics)), 600, "kind")
        spreads.append(found.std())
    assert (spreads[1] / spreads[0]) ** 2 == pytest.approx((1 + 5 * 0.8) / (1 + 5 * 0.01), rel=0.2)


def test_more_rows_shrink_the_noise_of_calibration_gaps() -> None:
    law = EceLaw(value=0.05, bins=5, noise=0.02)
    members = np.array([[True]])
    found = []
    for units in (4_000, 64_000):
        where = Place(units=np.array([[units]]), parts=(ALL,), members=members)
        drawn = law.draw(where, np.zeros(1), np.random.default_rng(1), 6)[-1][ALL]
        found.append(cast("BinSample", drawn[0]))
    few, many = found
    assert many.rows == 16 * few.rows
    assert np.allclose(many.covariance, few.covariance / 16)


def test_a_slice_of_rows_that_nobody_has_is_absent() -> None:
    law = EceLaw(value=0.05, bins=5, noise=0.02)
    where = Place(units=np.array([[0, 30]]), parts=(PARTS[0],), members=np.array([[True, False]]))
    drawn = law.draw(where, np.zeros(2), np.random.default_rng(1), 2)[-1][PARTS[0]]
    assert all(isinstance(sample, Absent) for sample in drawn)
