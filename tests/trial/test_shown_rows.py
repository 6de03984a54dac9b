"""Drawn lists, logs and late answers are summed as files with the same rows would be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.tables import evidence, pair, write
from shipcall.contract.parse import parse_contract
from shipcall.core import Estimand
from shipcall.data.sources import UnitColumns
from shipcall.release.sources import open_evidence
from shipcall.trial.benches import ONE_GOAL, contract_text
from shipcall.trial.evidence import DrawnEvidence
from shipcall.world.populations.compared import K
from shipcall.world.populations.releases import Items
from shipcall.world.populations.rows import Drawn, Pairs, Rows, paired_share
from shipcall.world.populations.shown import (
    LATE_AT,
    LOG,
    POLICIES,
    REWARDS,
    covering_lists,
    expected_rewards,
    late_answers,
    logged_choices,
    novel_lists,
    varied_lists,
)
from trial.test_evidence import beside, contract_of, same, sample_of

ONE_FALLBACK = """
[evidence.shadow_pairs]
path = "shadow_pairs.csv"
""" + ONE_GOAL.format(metric='kind = "fallback_share"', bar="may_lose = 0.1")
ARMS = ("baseline", "candidate")
ALIKE = {0: "abcde", 1: "aabcd", 2: "aabbc", 3: "aaabc", 4: "aaabb", 6: "aaaab", 10: "aaaaa"}
"""Pairs of five that are alike -> categories of five items with so many."""


def held_against(rows: Rows, folder: Path, table: str, unit: str, metric: str, bar: str) -> None:
    """Sum the drawn rows and the file that lies in the folder."""
    contract = beside(folder, table, unit, metric, bar)
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    same(sample_of(drawn, contract), sample_of(open_evidence(contract, folder), contract))


def listed(rows: Rows, about: Any) -> list[dict[str, Any]]:
    """Lists of K items of each model; `about` says the column of a model's own items."""
    made = []
    for query, values in enumerate(zip(rows.baseline, rows.candidate, strict=True)):
        for arm, value in zip(ARMS, values, strict=True):
            for place, (name, cell) in enumerate(about(float(value))):
                made.append({
                    "query": f"q{query:04}", "item": f"{arm}{place}", "relevance": 0.0, name: cell,
                    **{other: 100.0 - place if other == arm else -place for other in ARMS},
                })  # fmt: skip
    return made


def in_categories(value: float) -> Sequence[tuple[str, str]]:
    alike = round((1.0 - value) * K * (K - 1) / 2)
    return [("category", letter) for letter in ALIKE[alike]]


def in_bits(value: float) -> Sequence[tuple[str, float]]:
    """All bits on one item; everybody has met the others."""
    return [("popularity", 2.0 ** -(K * value) if place == 0 else 1.0) for place in range(K)]


def test_varied_lists_are_summed_as_a_file_of_them(tmp_path: Path) -> None:
    rows = varied_lists(40).draw(np.random.default_rng(1))
    write(tmp_path / "rankings.csv", listed(rows, in_categories))
    metric = f'kind = "diversity", k = {K}, better = "higher"'
    held_against(rows, tmp_path, "rankings", "query", metric, "may_lose = 0.1")


def test_novel_lists_are_summed_as_a_file_of_them(tmp_path: Path) -> None:
    rows = novel_lists(40).draw(np.random.default_rng(2))
    write(tmp_path / "rankings.csv", listed(rows, in_bits))
    metric = f'kind = "novelty", k = {K}, better = "higher"'
    held_against(rows, tmp_path, "rankings", "query", metric, "may_lose = 0.1")


def test_covering_lists_are_summed_as_a_file_of_them(tmp_path: Path) -> None:
    rows = covering_lists(20, 50).draw(np.random.default_rng(3))
    columns: Any = rows.columns
    shown = dict(
        zip(
            zip(rows.cluster.tolist(), columns["item"].astype(int).tolist(), strict=True),
            zip(columns["shown_baseline"], columns["shown_candidate"], strict=True),
            strict=True,
        )
    )
    made = [
        {
            "query": f"q{query:02}", "item": f"i{item:02}", "relevance": 0.0,
            **dict(zip(ARMS, shown.get((query, item), (0.0, 0.0)), strict=True)),
        }
        for query in range(20) for item in range(50)
    ]  # fmt: skip
    write(tmp_path / "rankings.csv", made)
    metric = f'kind = "catalogue_coverage", k = {K}'
    held_against(rows, tmp_path, "rankings", "query", metric, "may_lose = 0.1")


@pytest.mark.parametrize("kind", ["ips", "snips", "doubly_robust"])
def test_logged_choices_are_summed_as_a_file_of_them(kind: str, tmp_path: Path) -> None:
    """Both weights of a choice name the kind of query and the item; no two have the same."""
    rows = logged_choices(60, kind).draw(np.random.default_rng(4))
    columns: Any = rows.columns
    made: list[dict[str, Any]] = []
    for query in range(60):
        weights = [columns[f"weight_{arm}"][query] for arm in ARMS]
        of, item = next(
            (of, item)
            for of in range(3)
            for item in range(2)
            if np.allclose(
                [_chance(p[of], item) / _chance(LOG[of], item) for p in POLICIES], weights
            )
        )
        said = expected_rewards()[of]
        reward = columns["surprise"][query] + (said[item] if kind == "doubly_robust" else 0.0)
        made += [
            {
                "query": f"q{query:02}", "item": "ab"[place], "relevance": None, "order": "chance",
                "baseline": _chance(POLICIES[0][of], place),
                "candidate": _chance(POLICIES[1][of], place),
                "propensity": _chance(LOG[of], place),
                "reward": round(reward) if place == item else None,
                "expected_reward": said[place],
            }
            for place in range(2)
        ]  # fmt: skip
    write(tmp_path / "rankings.csv", made)
    held_against(rows, tmp_path, "rankings", "query", f'kind = "{kind}"', "may_lose = 0.1")


def _chance(first: float, item: int) -> float:
    return float(first if item == 0 else 1.0 - first)


def test_late_answers_are_summed_as_a_file_of_them(tmp_path: Path) -> None:
    rows = late_answers(120, (0.2, 0.3)).draw(np.random.default_rng(5))
    made = [
        {"arm": arm, "item": f"q{i:03}", "metric": "m", "status": "ok", "value": 1.0,
         "latency_ms": float(ms)}
        for arm, times in zip(ARMS, (rows.baseline, rows.candidate), strict=True)
        for i, ms in enumerate(times)
    ]  # fmt: skip
    write(tmp_path / "scores.csv", made)
    metric = f'kind = "timeout_share", threshold = {LATE_AT}'
    body = f'[metric]\nm = {{ level = "model", {metric} }}\n'
    body += '[[check]]\nid = "c"\nstage = "gate"\nrole = "goal"\nmetric = "m"\nmay_lose = 0.1\n'
    contract = contract_of(tmp_path, body, keep="scores")
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    same(sample_of(drawn, contract), sample_of(open_evidence(contract, tmp_path), contract))


def test_fallbacks_are_summed_as_a_file_of_them(tmp_path: Path) -> None:
    rows = paired_share(80, Pairs(differing=0.2, loss=-0.02)).draw(np.random.default_rng(6))
    made = [
        {"request": f"r{i:03}", "at": "2026-10-05T08:00:00Z", "user": f"u{i:03}",
         "status_baseline": "ok", "status_candidate": "ok", "decision_baseline": "yes",
         "decision_candidate": "no", "fallback_baseline": before,
         "fallback_candidate": after}
        for i, (before, after) in enumerate(zip(rows.baseline, rows.candidate, strict=True))
    ]  # fmt: skip
    write(tmp_path / "shadow_pairs.csv", made)
    contract = parse_contract(contract_text(ONE_FALLBACK), file="contract.toml")
    drawn = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
    found = evidence(
        tmp_path, "shadow_pairs.csv", format="shadow_pairs", unit=UnitColumns(id="user"), metrics={}
    )
    read = pair(found, "fallback_share", evidence="shadow_pairs", column="fallback")
    same(sample_of(drawn, contract), read)


def test_a_wrong_reward_model_does_not_move_what_a_log_says() -> None:
    """By hand: (.24 + .34 + .325) / 3 and (.22 + .325 + .25) / 3; the model's own means lie off."""
    for own, truth in zip(POLICIES, (0.905 / 3, 0.795 / 3), strict=True):
        chances, said = np.stack([own, 1.0 - own], axis=1), expected_rewards()
        direct = float((chances * said).sum(axis=1).mean())
        corrected = direct + float((chances * (REWARDS - said)).sum(axis=1).mean())
        assert float((chances * REWARDS).sum(axis=1).mean()) == pytest.approx(truth)
        assert corrected == pytest.approx(truth)
        assert direct == pytest.approx(0.05 + 0.8 * truth)
    stated = logged_choices(300, "ips").truth
    assert stated[Estimand.BASELINE] == pytest.approx(0.905 / 3)
    assert stated[Estimand.DIFFERENCE] == pytest.approx(-0.11 / 3)


@pytest.mark.parametrize(
    "population",
    [
        covering_lists(60, 200),
        varied_lists(60),
        novel_lists(60),
        late_answers(60, (0.2, 0.3)),
        logged_choices(60, "ips"),
        logged_choices(60, "doubly_robust"),
    ],
    ids=lambda one: one.name,
)
def test_what_is_drawn_has_the_stated_values_on_average(population: Drawn) -> None:
    """Means of 300 draws, within five standard errors of the closed form."""
    rng, seen = np.random.default_rng(8), []
    for _ in range(300):
        rows = population.draw(rng)
        columns = rows.columns or {}
        if "item" in columns:
            shown = [columns["item"][columns[f"shown_{arm}"] > 0] for arm in ARMS]
            seen.append([np.unique(one).size / 200 for one in shown])
        elif rows.columns is None:
            seen.append([float((one >= LATE_AT).mean()) for one in (rows.baseline, rows.candidate)])
        else:
            seen.append([float(one.mean()) for one in (rows.baseline, rows.candidate)])
    truth = [population.truth[one] for one in (Estimand.BASELINE, Estimand.CANDIDATE)]
    error = np.std(seen, axis=0) / np.sqrt(300)
    assert (np.abs(np.mean(seen, axis=0) - truth) < 5 * error).all()
