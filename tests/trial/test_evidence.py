"""Drawn evidence is summed as files with the same rows would be."""

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shipcall.contract.parse import parse_contract, read_contract
from shipcall.contract.plan import plan
from shipcall.data.evidence import Evidence
from shipcall.release.sources import open_evidence, read_levels
from shipcall.stages.gate import examine, statistics_plan
from shipcall.stats.sample import Sample
from shipcall.trial.benches import ONE_GOAL, contract_text
from shipcall.trial.evidence import DrawnEvidence, first_items
from shipcall.trial.release_benches import WHOLE, levels_of, write_scores
from shipcall.world.populations.compared import LENGTH, PLACES, K, judged_pairs, ranked_lists
from shipcall.world.populations.decisions import answered_numbers, calls, found_amounts
from shipcall.world.populations.means import Agreement, repeated, weighted_pairs
from shipcall.world.populations.releases import Items, Promise, release
from shipcall.world.populations.rows import Rows
from shipcall.world.populations.scores import binormal, latencies, one_sided_gaps, sharpened

RATES = one_sided_gaps(400, 0.03, 0.06)
CALLS = calls(300, "F1")
NUMBERS = answered_numbers(80, "mean error")
LABELLED = {
    "accuracy": (weighted_pairs(300), 'kind = "accuracy", positive = "1"', "may_lose = 0.1"),
    "precision": (RATES, 'kind = "precision", positive = "1"', "may_lose = 0.1"),
    "recall": (RATES, 'kind = "recall", positive = "1"', "may_lose = 0.1"),
    "false_positive_rate": (RATES, 'kind = "false_positive_rate"', "may_lose = 0.1"),
    "log_loss": (sharpened(200, (1.2, 1.5), "log"), 'kind = "log_loss"', "may_lose = 0.1"),
    "brier": (sharpened(200, (1.2, 1.5), "brier"), 'kind = "brier"', "may_lose = 0.1"),
    "ece": (RATES, 'kind = "ece"', "may_lose = 0.1"),
    "roc_auc": (binormal(200, 0.8, rows_each=2), 'kind = "roc_auc"', "may_lose = 0.1"),
    "average_precision": (binormal(200, 0.8), 'kind = "average_precision"', "may_lose = 0.1"),
    "specificity": (CALLS, 'kind = "specificity"', "may_lose = 0.1"),
    "balanced_accuracy": (CALLS, 'kind = "balanced_accuracy", positive = "1"', "may_lose = 0.1"),
    "f1": (CALLS, 'kind = "f1"', "may_lose = 0.1"),
    "net_benefit": (RATES, 'kind = "net_benefit", threshold = 0.3', "may_lose = 0.1"),
    "expected_cost": (
        CALLS,
        'kind = "expected_cost", prices = { false_positive = 1.0, false_negative = 5.0 }',
        "may_lose = 0.1",
    ),
    "weighted_recall": (
        found_amounts(300),
        'kind = "weighted_recall", weight = "weight"',
        "may_lose = 0.1",
    ),
    "calibration_slope": (RATES, 'kind = "calibration_slope"', "within = [0, 2]"),
    "calibration_intercept": (RATES, 'kind = "calibration_intercept"', "within = [-1, 1]"),
    "mae": (NUMBERS, 'kind = "mae"', "may_lose = 0.1"),
    "rmse": (NUMBERS, 'kind = "rmse"', "may_lose = 0.1"),
    "mean_error": (NUMBERS, 'kind = "mean_error"', "within = [-1, 1]"),
    "pinball": (NUMBERS, 'kind = "pinball", q = 0.8', "may_lose = 0.1"),
}
GRADED = {
    "mean": (latencies(50, 0.9, runs=3), 'kind = "mean", better = "lower"', "may_lose = 20"),
    "quantile": (
        latencies(50, 0.5, runs=3),
        'kind = "quantile", q = 0.5, better = "lower"',
        "may_lose = 20",
    ),
    "proportion": (
        repeated(40, 3, Agreement(mean=0.7, correlation=0.3), loss=0.05),
        'kind = "proportion", better = "higher"',
        "may_lose = 0.1",
    ),
    "disagreement": (
        repeated(40, 3, Agreement(mean=0.7, correlation=0.3), loss=0.05),
        'kind = "disagreement", format = "scores"',
        "at_most = 0.1",
    ),
    "pass_k": (
        repeated(40, 3, Agreement(mean=0.7, correlation=0.3), loss=0.05),
        'kind = "pass_k", k = 2',
        "may_lose = 0.1",
    ),
    "pass_at_k": (
        repeated(40, 3, Agreement(mean=0.4, correlation=0.3), loss=0.05),
        'kind = "pass_at_k", k = 2',
        "may_lose = 0.1",
    ),
}


def contract_of(folder: Path, body: str, *, keep: str) -> Any:
    """Write a contract that reads one of the two formats."""
    drop = {"scores": "predictions", "predictions": "scores"}[keep]
    text = contract_text(body).replace(f'{drop} = "{drop}.csv"\n', "")
    if keep == "scores":
        text = text.replace('id = "unit"', 'id = "item"')
    (folder / "contract.toml").write_text(text, encoding="utf-8")
    return read_contract(folder / "contract.toml")


def write_predictions(path: Path, rows: Rows) -> None:
    truths = np.zeros(0) if rows.label is None else rows.label
    weight = np.ones(truths.size) if rows.weight is None else rows.weight
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("unit", "cluster", "label", "baseline", "candidate", "weight"))
        columns = (rows.cluster, truths, rows.baseline, rows.candidate, weight)
        for place, (cluster, truth, before, after, heavy) in enumerate(zip(*columns, strict=True)):
            cells = (repr(float(before)), repr(float(after)), repr(float(heavy)))
            label = int(truth) if float(truth).is_integer() else repr(float(truth))
            writer.writerow((f"u{place:04}", f"c{cluster:04}", label, *cells))


def write_repeats(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("arm", "item", "repeat", "metric", "status", "value"))
        for arm, grades in (("baseline", rows.baseline), ("candidate", rows.candidate)):
            for place, (item, grade) in enumerate(zip(rows.cluster, grades, strict=True)):
                writer.writerow((arm, f"q{item:04}", place, "m", "ok", repr(float(grade))))


def write_lists(path: Path, rows: Rows) -> None:
    """Ten items of each query; the relevant one stands where each model put it."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("query", "item", "relevance", "baseline", "candidate"))
        for query, (before, after) in enumerate(zip(rows.baseline, rows.candidate, strict=True)):
            others = [
                [place for place in range(1, LENGTH + 1) if place != rank]
                for rank in (before, after)
            ]
            places = [(before, after), *zip(*others, strict=True)]
            for item, (one, other) in enumerate(places):
                name = f"q{query:04}", f"i{item:04}", int(item == 0)
                writer.writerow((*name, LENGTH - int(one), LENGTH - int(other)))


def write_comparisons(path: Path, rows: Rows) -> None:
    assert rows.columns is not None
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("item", "first", "second", "winner", "rater", "rater_kind", "order"))
        columns = rows.cluster, rows.columns["won"], rows.columns["first"]
        for place, (item, won, ahead) in enumerate(zip(*columns, strict=True)):
            models = ("candidate", "baseline") if ahead else ("baseline", "candidate")
            winner = "first" if (won == 1) == bool(ahead) else "second"
            writer.writerow((f"q{item:04}", *models, winner, "j", "judge", place))


def same(one: Any, other: Any) -> None:
    """Are two samples or estimates the same in every field, to rounding?"""
    assert type(one) is type(other)
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        for mine, yours in zip(one, other, strict=True):
            same(mine, yours)
    elif isinstance(one, np.ndarray | float):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-15)
    else:
        assert one == other


def sample_of(evidence: Evidence | DrawnEvidence, contract: Any) -> Sample:
    (sample,) = evidence.samples(statistics_plan(plan(contract, "gate", None))).values()
    assert not hasattr(sample, "reason"), sample
    return sample


@pytest.mark.parametrize("kind", LABELLED)
def test_labelled_rows_are_summed_as_a_file_of_them(kind: str, tmp_path: Path) -> None:
    population, metric, bar = LABELLED[kind]
    rows = population.draw(np.random.default_rng(1))
    write_predictions(tmp_path / "predictions.csv", rows)
    body = ONE_GOAL.format(metric=metric, bar=bar)
    contract = contract_of(tmp_path, body, keep="predictions")
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    same(sample_of(drawn, contract), sample_of(open_evidence(contract, tmp_path), contract))


@pytest.mark.parametrize("kind", GRADED)
def test_graded_rows_are_summed_as_a_file_of_them(kind: str, tmp_path: Path) -> None:
    population, metric, bar = GRADED[kind]
    rows = population.draw(np.random.default_rng(2))
    write_repeats(tmp_path / "scores.csv", rows)
    contract = contract_of(tmp_path, ONE_GOAL.format(metric=metric, bar=bar), keep="scores")
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    same(sample_of(drawn, contract), sample_of(open_evidence(contract, tmp_path), contract))


def beside(folder: Path, table: str, unit: str, metric: str, bar: str) -> Any:
    body = f'[evidence.{table}]\npath = "{table}.csv"\n' + ONE_GOAL.format(metric=metric, bar=bar)
    text = contract_text(body).replace('id = "unit"', f'id = "{unit}"')
    for name in ("scores", "predictions"):
        text = text.replace(f'{name} = "{name}.csv"\n', "")
    text = text.replace("[evidence]\n", "").replace('"v1"', '"baseline"')
    (folder / "contract.toml").write_text(text.replace('"v2"', '"candidate"'), encoding="utf-8")
    return read_contract(folder / "contract.toml")


@pytest.mark.parametrize("kind", PLACES)
def test_lists_are_summed_as_a_file_of_them(kind: str, tmp_path: Path) -> None:
    rows = ranked_lists(60, kind).draw(np.random.default_rng(5))
    write_lists(tmp_path / "rankings.csv", rows)
    metric = f'kind = "{kind}", k = {K}'
    contract = beside(tmp_path, "rankings", "query", metric, "may_lose = 0.1")
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    same(sample_of(drawn, contract), sample_of(open_evidence(contract, tmp_path), contract))


def test_comparisons_are_summed_as_a_file_of_them(tmp_path: Path) -> None:
    rows = judged_pairs(60, 0.6, first=0.4).draw(np.random.default_rng(6))
    write_comparisons(tmp_path / "preferences.csv", rows)
    contract = beside(tmp_path, "preferences", "item", 'kind = "win_rate"', "at_least = 0.5")
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    same(sample_of(drawn, contract), sample_of(open_evidence(contract, tmp_path), contract))


def test_a_whole_release_has_the_findings_of_its_files(tmp_path: Path) -> None:
    """Every check, sanity among them: the value, both ends, the standing."""
    drawn = release(400, Promise(), correlation=0.5, name="r")
    items = drawn.draw(np.random.default_rng(3))
    write_scores(tmp_path / "scores.csv", items)
    contract = contract_of(tmp_path, WHOLE, keep="scores")
    evidence = open_evidence(contract, tmp_path)
    levels = levels_of(drawn)
    assert read_levels(contract, evidence) == levels
    promised = plan(contract, "gate", levels)
    mine = examine(promised, DrawnEvidence(items))
    yours = examine(promised, evidence)
    assert [one.check for one in mine] == [one.check for one in yours]
    assert [one.standing for one in mine] == [one.standing for one in yours]
    for one, other in zip(mine, yours, strict=True):
        same(one.measured, other.measured)


def test_lost_rows_are_counted_as_lost() -> None:
    rows = Rows(
        baseline=np.array([1.0, 0.0, np.nan, 1.0]),
        candidate=np.array([1.0, 1.0, np.nan, 0.0]),
        cluster=np.arange(4),
    )
    metric = 'kind = "proportion", better = "higher"'
    body = ONE_GOAL.format(metric=metric, bar="may_lose = 0.1")
    contract = parse_contract(contract_text(body), file="contract.toml")
    sample: Any = sample_of(DrawnEvidence(Items(metrics={"m": rows}, slices={})), contract)
    assert (sample.rows, sample.lost.rows) == (3, 1)


def test_grades_that_never_vary_are_said() -> None:
    ones = Rows(baseline=np.ones(3), candidate=np.array([1.0, 0.0, 1.0]), cluster=np.arange(3))
    facts = DrawnEvidence(Items(metrics={"m": ones}, slices={})).facts("scores")
    assert facts.constant == (("baseline", "m"),)
    assert (facts.rows, facts.units, facts.pairs) == (6, 3, 3)


def test_an_earlier_look_sees_the_first_items() -> None:
    items = release(100, Promise(), correlation=0.0, name="r").draw(np.random.default_rng(4))
    seen = first_items(items, 30)
    assert seen.metrics["right"].candidate.tolist() == (
        items.metrics["right"].candidate[:30].tolist()
    )
    assert seen.slices["country"].size == 30
