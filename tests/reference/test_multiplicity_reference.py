"""Multiple testing against statsmodels and a published example."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from shipcall.stats.multiplicity import (
    Decision,
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
)

Procedure = Callable[[Sequence[float], float], list[Decision]]
THROMBOLYSIS = (
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
)


def _rejected(decisions: list[Decision]) -> list[bool]:
    return [decision.rejected for decision in decisions]


def test_thrombolysis_trial_matches_benjamini_and_hochberg() -> None:
    """Benjamini & Hochberg (1995): of 15 at .05 Bonferroni rejects 3, theirs 4."""
    assert sum(_rejected(bonferroni(THROMBOLYSIS, 0.05))) == 3
    assert sum(_rejected(benjamini_hochberg(THROMBOLYSIS, 0.05))) == 4


def test_thrombolysis_p_values_are_those_of_the_oracle_file() -> None:
    """oracles/stat_oracles.json, benjamini_hochberg: the p-values and both counts."""
    named = os.environ.get("SHIPCALL_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    file = folder / "oracles" / "stat_oracles.json"
    if not file.is_file():
        pytest.skip(f"no {file}: set SHIPCALL_DATA to run this test")
    oracle = json.loads(file.read_text())["benjamini_hochberg"]
    assert oracle["p"] == list(THROMBOLYSIS)
    found = bonferroni(oracle["p"], oracle["alpha"]), benjamini_hochberg(oracle["p"], 0.05)
    counts = [sum(_rejected(decisions)) for decisions in found]
    assert counts == [oracle["bonferroni_rejects"], oracle["bh_rejects"]]


@pytest.mark.parametrize(
    ("procedure", "name"),
    [
        (bonferroni, "bonferroni"),
        (holm, "holm"),
        (benjamini_hochberg, "fdr_bh"),
        (benjamini_yekutieli, "fdr_by"),
    ],
)
def test_decisions_match_statsmodels(procedure: Procedure, name: str) -> None:
    """statsmodels.stats.multitest.multipletests, 20 draws with many small p-values and ties."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        p = np.round(rng.beta(0.3, 2.0, size=int(rng.integers(1, 30))), 3)
        expected = multipletests(p, alpha=0.1, method=name)[0]
        assert _rejected(procedure(p.tolist(), 0.1)) == expected.tolist()


def test_holm_levels_of_three_by_hand() -> None:
    """p = .01, .04, .03 at .06: .01 <= .06/3; .03 <= .06/2; .04 <= .06/1."""
    assert [d.level for d in holm([0.01, 0.04, 0.03], 0.06)] == pytest.approx([0.02, 0.06, 0.03])


def test_holm_stops_at_the_first_failure_by_hand() -> None:
    """p = .01, .04, .035 at .06: .035 > .06/2 stops, though .04 <= .06/1."""
    decisions = holm([0.01, 0.04, 0.035], 0.06)
    assert _rejected(decisions) == [True, False, False]
    assert [d.level for d in decisions] == pytest.approx([0.02, 0.03, 0.03])
