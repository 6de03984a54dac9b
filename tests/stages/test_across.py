"""Every other metric of the gate in every slice stands beside the verdict and moves nothing."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from builders import HEAD, run_gate, write_contract, write_csv
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import plan
from shipcall.core import Slice
from shipcall.data.plan import StatisticsPlan
from shipcall.release.sources import open_evidence
from shipcall.stages import _across
from shipcall.stages._across import with_across
from shipcall.stages._measure import statistics_plan
from shipcall.stages.gate import GATE

UNITS = 600
CONTRACT = (
    HEAD.replace('id = "item"', 'id = "unit"')
    + """
[evidence]
predictions = { path = "rows.csv", expect = { units = 600 } }
[metric]
right = { level = "model", kind = "accuracy" }
brier = { level = "model", kind = "brier" }
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.0
[slices]
by = ["country"]
metric = "right"
may_lose = 0.1
min_units = 50
"""
)
BRIER = """
[[check]]
id = "gate.brier"
stage = "gate"
role = "guardrail"
metric = "brier"
may_lose = 0.05
"""


def table() -> list[dict[str, Any]]:
    """Probabilities; the candidate's are worse in BR, and MT has few units."""
    rng = np.random.default_rng(5)
    rows = []
    for i in range(UNITS):
        country = "MT" if i < 20 else ("NZ", "BR")[i % 2]
        label = int(rng.integers(2))
        sure = {"baseline": 0.8, "candidate": 0.6 if country == "BR" else 0.9}
        told = {
            arm: round(float(np.clip(rng.normal(p if label else 1 - p, 0.1), 0.01, 0.99)), 3)
            for arm, p in sure.items()
        }
        rows.append({"unit": f"u{i}", "label": label, "country": country, **told})
    return rows


def judged(folder: Path, text: str = CONTRACT + BRIER) -> dict[str, Any]:
    write_csv(folder / "rows.csv", table())
    return dict(run_gate(folder, text).facts)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return judged(tmp_path_factory.mktemp("across"))


def cells(facts: dict[str, Any], metric: str = "brier") -> dict[str, dict[str, Any]]:
    return {
        one["slice"].removeprefix("country="): one["cells"][metric]
        for one in facts["exhibits"]["across"]["slices"]
    }


@pytest.mark.parametrize("country", ["NZ", "BR"])
def test_a_cell_is_the_paired_difference_of_its_slice(country: str, facts: dict[str, Any]) -> None:
    """scipy.stats.ttest_1samp on the differences of squared errors, one unit a row."""
    rows = [row for row in table() if row["country"] == country]
    losses = {
        arm: np.array([(row[arm] - row["label"]) ** 2 for row in rows])
        for arm in ("baseline", "candidate")
    }
    wanted = stats.ttest_1samp(losses["candidate"] - losses["baseline"], 0.0)
    ends = wanted.confidence_interval(0.95)
    cell = cells(facts)[country]
    assert cell["value"] == pytest.approx(np.mean(losses["candidate"] - losses["baseline"]))
    assert cell["low"] == pytest.approx(ends.low, abs=0.0005)
    assert cell["high"] == pytest.approx(ends.high, abs=0.0005)
    assert cell["n"] == len(rows)


def test_the_metric_of_slices_is_not_told_twice(facts: dict[str, Any]) -> None:
    across = facts["exhibits"]["across"]
    assert across["metrics"] == [{"metric": "brier", "estimand": "difference"}]
    assert across["unmeasured"] == 0


def test_a_slice_with_too_few_units_has_no_number(facts: dict[str, Any]) -> None:
    cell = cells(facts)["MT"]
    assert (cell["absent"], cell["detail"]) == ("too_few_units", "20 of 50 units")


def test_a_contract_with_one_metric_has_nothing_across(tmp_path: Path) -> None:
    assert "across" not in judged(tmp_path, CONTRACT)["exhibits"]


def test_a_bad_cell_without_a_promise_moves_no_call(facts: dict[str, Any]) -> None:
    """In BR the candidate's probabilities are far worse than the budget for all units allows."""
    assert cells(facts)["BR"]["low"] > 0.05
    assert {f["check"]["id"]: f["standing"] for f in facts["findings"]}["gate.brier"] == "CLEAR"
    assert "brier" not in {
        f["check"]["metric"] for f in facts["findings"] if f["check"]["slice"]["pairs"]
    }


def test_checks_are_measured_as_if_nothing_stood_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(tmp_path / "rows.csv", table())
    contract = read_contract(write_contract(tmp_path, CONTRACT + BRIER))
    found = []
    for asked in (with_across, lambda promised, _evidence: statistics_plan(promised)):
        monkeypatch.setattr("shipcall.stages.gate.with_across", asked)
        evidence = open_evidence(contract, tmp_path)
        levels = evidence.levels(["country"], "predictions")
        found.append(GATE.examine(plan(contract, "gate", levels), evidence))
        evidence.close()
    assert found[0] == found[1]


def test_of_many_slices_the_protected_and_the_largest_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_across, "MOST_SLICES", 2)
    text = CONTRACT.replace("min_units = 50", 'min_units = 10\nprotected = ["country=MT"]') + BRIER
    facts = judged(tmp_path, text)
    assert set(cells(facts)) == {"MT", "BR"}
    assert facts["exhibits"]["across"]["unmeasured"] == 1


def test_with_very_many_rows_nothing_stands_beside_the_checks_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One slice column and one other metric: as many rows are read for the map as there are."""
    rows = len(table())
    monkeypatch.setattr(_across, "MOST_READ", rows)
    told = judged(tmp_path / "few", CONTRACT + BRIER)
    monkeypatch.setattr(_across, "MOST_READ", rows - 1)
    untold = judged(tmp_path / "many", CONTRACT + BRIER)
    assert "across" in told["exhibits"]
    assert "across" not in untold["exhibits"]
    assert untold["findings"] == told["findings"]
    more = set(untold["not_assessed"]) - set(told["not_assessed"])
    assert [one.split(":")[0] for one in more] == ["slices"]


def test_a_plan_covers_what_is_asked_of_the_same_metric_on_fewer_slices(tmp_path: Path) -> None:
    write_csv(tmp_path / "rows.csv", table())
    contract = read_contract(write_contract(tmp_path, CONTRACT + BRIER))
    promised = plan(contract, "gate", {Slice.of({"country": "NZ"}): 290})
    with closing(open_evidence(contract, tmp_path)) as evidence:
        narrow, wide = statistics_plan(promised), with_across(promised, evidence)
    assert wide.covers(narrow)
    assert not narrow.covers(wide)
    other = replace(narrow.requests[0], influence=not narrow.requests[0].influence)
    assert not wide.covers(StatisticsPlan(requests=(other,)))


def test_of_a_promised_level_the_difference_is_told(tmp_path: Path) -> None:
    """Wins of the candidate less wins of the baseline over all, by hand."""
    rows = [
        {"item": f"i{i}", "first": ("baseline", "candidate")[i % 2],
         "second": ("candidate", "baseline")[i % 2], "winner": ("first", "second", "tie")[i % 3],
         "rater": "r", "rater_kind": "human", "country": ("NZ", "BR")[i // 2 % 2], "long": i % 5}
        for i in range(240)
    ]  # fmt: skip
    write_csv(tmp_path / "pairs.csv", rows)
    text = (
        HEAD
        + """
[evidence]
preferences = { path = "pairs.csv" }
[metric]
wins = { level = "model", kind = "win_rate", raters = "human" }
liked = { level = "product", kind = "win_rate", raters = "human" }
[[check]]
id = "gate.wins"
stage = "gate"
role = "goal"
metric = "wins"
at_least = 0.4
[[check]]
id = "gate.liked"
stage = "gate"
role = "guardrail"
metric = "liked"
at_least = 0.3
[slices]
by = ["country"]
metric = "wins"
may_lose = 0.3
min_units = 20
"""
    )
    facts = dict(run_gate(tmp_path, text).facts)
    assert facts["exhibits"]["across"]["metrics"] == [{"metric": "liked", "estimand": "difference"}]
    for country, cell in cells(facts, "liked").items():
        own = [row for row in rows if row["country"] == country]
        won = [row[str(row["winner"])] for row in own if row["winner"] != "tie"]
        wanted = (won.count("candidate") - won.count("baseline")) / len(own)
        assert cell["value"] == pytest.approx(wanted, abs=1e-9)
