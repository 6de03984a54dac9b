"""scores: what is stated against what is drawn, and what the gate reads."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import integrate, special, stats

from builders import run_gate, scores_contract
from offline_worlds import make, plain, rich, rows
from shipcall.core import Estimate, Standing
from shipcall.world.chance.draws import Floats
from shipcall.world.evaluation.scores import Runs, kinds, scores_laws, scores_truth
from shipcall.world.models.quadrature import ANSWERED, LOST
from shipcall.world.people.cells import Fact, strata
from shipcall.world.truth import ARMS, World


def fact(world: World, metric: str, where: str = "all") -> Fact:
    (found,) = [f for f in scores_truth(world) if (f["metric"], f["slice"]) == (metric, where)]
    return found


def law(world: World) -> Runs:
    found = scores_laws(world)["runs"]
    assert isinstance(found, Runs)
    return found


def test_the_share_of_right_answers_is_the_logistic_normal_mean() -> None:
    """scipy.integrate.quad: difficulty of variance 1 + .25 around a skill of 1 or 1.4."""
    world = make(items={}, model={"candidate": {"skill": 1.4}})
    expected = [
        integrate.quad(
            lambda x, s=s: special.expit(s - np.sqrt(1.25) * x) * stats.norm.pdf(x), -9, 9
        )[0]
        for s in (1.0, 1.4)
    ]
    found = fact(world, "right")
    assert [found[arm] for arm in ARMS] == pytest.approx(expected, abs=1e-9)


def test_the_share_for_everybody_is_the_weighted_mean_of_its_slices() -> None:
    """By hand: 1/4 NZ, 3/4 BR."""
    world = rich("scores")
    parts = [fact(world, "right", f"country={level}")["candidate"] for level in ("NZ", "BR")]
    everybody = fact(world, "right")["candidate"]
    assert everybody == pytest.approx(0.25 * float(parts[0]) + 0.75 * float(parts[1]))


def test_leaked_items_are_easier_for_the_candidate_alone() -> None:
    world = rich("scores")
    clean, leaked = (fact(world, "right", f"overlap={x}") for x in ("none", "training"))
    assert leaked["baseline"] == pytest.approx(clean["baseline"])
    assert float(leaked["candidate"]) > float(clean["candidate"]) + 0.1


def test_a_judge_moves_the_grades_and_not_what_is_so() -> None:
    """By hand: right answers keep .95 of their grades, wrong ones gain .05."""
    world = make(items={}, judge={"noise": 0.1})
    so, seen = fact(world, "right"), fact(world, "right_graded")
    assert so == fact(make(items={}), "right")
    assert seen["baseline"] == pytest.approx(0.05 + 0.9 * float(so["baseline"]))


def test_failures_are_wrong_answers_and_losses_are_none() -> None:
    """By hand: a tenth fails."""
    usual = fact(make(items={}), "right")
    world = make(items={}, model={"candidate": {"error": 0.1, "lost": 0.4}})
    assert fact(world, "right")["candidate"] == pytest.approx(0.9 * float(usual["candidate"]))


def test_failures_count_as_unsafe_where_the_file_is_read() -> None:
    """By hand: .1 + .9 * .2."""
    world = make(items={}, model={"candidate": {"error": 0.1, "unsafe": 0.2}})
    assert fact(world, "unsafe")["candidate"] == pytest.approx(0.2)
    assert fact(world, "unsafe_graded")["candidate"] == pytest.approx(0.28)


@pytest.mark.parametrize("judge", [None, {"noise": 0.2, "leniency": 1.0}])
def test_the_law_of_the_panel_has_the_stated_shares(judge: dict[str, float] | None) -> None:
    """The panel's expectation, weighted by stratum, against the truth as graded."""
    world = rich("scores", judge=judge)
    found, runs = strata(world), law(world)
    chance = found.weights @ runs.kinds.marginal
    for i, arm in enumerate(ARMS):
        states = np.array(kinds(world))[:, i]
        known = chance @ (states != LOST)
        right = chance @ np.maximum(states - ANSWERED, 0) / 2
        whole = chance @ (states == ANSWERED + 2)
        assert right / known == pytest.approx(fact(world, "right_graded")[arm])
        assert whole / known == pytest.approx(fact(world, "pass_2_graded")[arm])


def test_the_chance_of_a_panel_is_that_of_its_parts() -> None:
    """scipy.stats: a multinomial law of kinds, a binomial law of unsafe answers for each model."""
    world = make(
        items={"count": 40}, model={"baseline": {"unsafe": 0.2}, "candidate": {"lost": 0.2}}
    )
    runs = law(world)
    panel = runs.draw(np.random.default_rng(1))
    counts, marks = panel[0, :-2], panel[0, -2:]
    answers = counts @ runs.answers
    expected = stats.multinomial.logpmf(counts, 40, runs.kinds.marginal[0])
    expected += np.sum(stats.binom.logpmf(marks, answers, [0.2, 0.002]))
    assert runs.log_likelihood(panel) == pytest.approx(expected, abs=1e-9)
    panel[0, -1] = 41
    assert runs.log_likelihood(panel) == -np.inf


@pytest.mark.parametrize("unsafe", [0.0, 1.0])
def test_certain_safety_is_no_matter_of_chance(unsafe: float) -> None:
    world = make(items={"count": 10}, model={arm: {"unsafe": unsafe} for arm in ARMS})
    runs = law(world)
    panel = runs.draw(np.random.default_rng(1))
    assert panel[0, -2:].tolist() == [10 * unsafe] * 2
    assert np.isfinite(runs.log_likelihood(panel))


def test_measures_have_their_stated_quantiles_and_means() -> None:
    """60,000 runs of each model: quantiles within 2 %, means within 1 %."""
    world = plain(
        "scores",
        count=60_000,
        trait=[{"column": "c", "levels": {"a": 1, "b": 2}}],
        model={"candidate": {"latency_spread": 0.6, "cost": 0.01, "tokens": 500}},
        effect=[{"where": {"c": "a"}, "latency": 3.0}],
    )
    drawn = rows("scores", world)
    metric, arms, levels = (drawn[name].to_numpy() for name in ("metric", "arm", "c"))
    for arm in ARMS:
        own = (metric == "right") & (arms == arm)
        for name, mask in (("all", own), ("c=a", own & (levels == "a"))):
            latency = drawn["latency_ms"].to_numpy()[mask]
            for suffix, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
                stated = fact(world, f"latency_ms_{suffix}", name)[arm]
                assert np.quantile(latency, q) == pytest.approx(stated, rel=0.025)
            for column in ("cost", "tokens"):
                mean = drawn[column].to_numpy()[mask].mean()
                assert mean == pytest.approx(fact(world, column, name)[arm], rel=0.01)


def test_the_quantile_of_one_lognormal_law_is_its_own() -> None:
    """scipy.stats.lognorm.ppf."""
    world = make(items={}, model={"baseline": {"latency_ms": 500, "latency_spread": 0.7}})
    expected = stats.lognorm.ppf(0.99, 0.7, scale=500)
    assert fact(world, "latency_ms_p99")["baseline"] == pytest.approx(expected)


def test_what_never_ran_has_no_measures_and_what_is_lost_no_grade() -> None:
    world = rich("scores", model={"candidate": {"lost": 0.4, "error": 0.2}})
    seen = {"ok": 0, "model_error": 0, "infra_error": 0, "judge_error": 0, "not_run": 0}
    for row in rows("scores", world).to_pylist():
        seen[row["status"]] += 1
        assert (row["value"] is None) == (row["status"] != "ok")
        assert (row["latency_ms"] is None) == (row["status"] in {"infra_error", "not_run"})
    assert min(seen.values()) > 100


def test_both_models_were_asked_the_same() -> None:
    """One hash of content and of prompt for each item, whoever answers and how often."""
    drawn = rows("scores", rich("scores")).to_pylist()
    for name in ("item_hash", "prompt_hash", "cluster"):
        pairs = {(row["item"], row[name]) for row in drawn}
        assert len(pairs) == len({row["item"] for row in drawn})


def test_the_gate_finds_the_stated_difference_and_nothing_wrong_with_the_file(
    tmp_path: Path,
) -> None:
    world = make(items={"count": 4_000}, judge={}, model={"candidate": {"skill": 1.6}})
    pq.write_table(rows("scores", world), tmp_path / "scores.parquet")
    verdict = run_gate(tmp_path, scores_contract(4_000, path="scores.parquet")).verdict
    (found,) = [f.measured for f in verdict.findings if f.check.id == "gate.right"]
    assert isinstance(found, Estimate)
    assert found.low < float(fact(world, "right_graded")["difference"]) < found.high
    assert {f.standing for f in verdict.findings} == {Standing.CLEAR}


@pytest.mark.slow
def test_clustered_intervals_hold_the_truth_as_often_as_they_should() -> None:
    """scipy.stats.t on means of 100 clusters, two-sided .95, over 200 worlds.

    Repeats, clusters and the make-up of the evaluation set all vary. Binomial limits at 1e-3 on
    either side; rows taken for independent hold it far less often.
    """
    held, naive = 0, 0
    for seed in range(200):
        world = make(
            seed=seed,
            items={"count": 800, "repeats": 2, "cluster": 8, "cluster_spread": 1.5},
            model={"candidate": {"skill": 2.0}},
        )
        drawn = rows("scores", world)
        right = drawn["value"].to_numpy()[drawn["metric"].to_numpy() == "right"]
        apart = np.diff(right.reshape(2, 100, 16), axis=0)[0]
        so = float(fact(world, "right")["difference"])
        held += _holds(apart.mean(axis=1), so)
        naive += _holds(apart.ravel(), so)
    assert stats.binom.ppf(1e-3, 200, 0.95) <= held <= stats.binom.ppf(1 - 1e-3, 200, 0.95)
    assert naive < held


def _holds(values: Floats, so: float) -> bool:
    t = (values.mean() - so) / (values.std(ddof=1) / np.sqrt(len(values)))
    return bool(abs(t) <= stats.t.ppf(0.975, len(values) - 1))


def test_panels_of_one_world_differ_by_chance_alone() -> None:
    """The share of right answers over 2,000 panels has the binomial error around the truth."""
    world = make(items={"count": 500})
    runs, rng = law(world), np.random.default_rng(1)
    states = np.array(kinds(world))[:, 0]

    def share(panel: Floats) -> float:
        return float(panel[0, :-2] @ (states == ANSWERED + 1)) / 500

    seen = [share(runs.draw(rng)) for _ in range(2_000)]
    p = float(fact(world, "right")["baseline"])
    assert np.mean(seen) == pytest.approx(p, abs=0.002)
    assert np.std(seen) == pytest.approx(np.sqrt(p * (1 - p) / 500), rel=0.06)
