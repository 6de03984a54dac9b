"""Rows without a label: nobody knows what they are, so no metric may count them as negative."""

from pathlib import Path
from typing import Any

import pytest

from data.tables import evidence, pair
from shipcall.metrics.metric import Prices
from shipcall.stats.sample import PairSample

LABELLED = ["a,1,0.9,0.6,2", "b,0,0.4,0.7,3", "c,1,0.2,0.8,5", "d,0,0.1,0.3,1"]
UNLABELLED = ["e,,0.9,0.9,4", "f,,0.1,0.1,4"]
OPTIONS: dict[str, dict[str, Any]] = {
    "brier": {},
    "expected_cost": {"prices": Prices(1.0, 5.0)},
    "log_loss": {},
    "net_benefit": {"threshold": 0.5},
    "weighted_recall": {"weight": "amount"},
}


def values(folder: Path, lines: list[str], kind: str) -> PairSample:
    text = "\n".join(["unit,label,baseline,candidate,amount", *lines]) + "\n"
    (folder / "rows.csv").write_text(text, encoding="utf-8")
    return pair(evidence(folder, "rows.csv"), kind, **OPTIONS[kind])


@pytest.mark.parametrize("kind", sorted(OPTIONS))
def test_a_row_without_a_label_is_lost_and_leaves_the_value_alone(
    tmp_path: Path, kind: str
) -> None:
    alone = values(tmp_path, LABELLED, kind)
    beside = values(tmp_path, LABELLED + UNLABELLED, kind)
    assert (beside.baseline, beside.candidate) == (alone.baseline, alone.candidate)
    assert (alone.lost.rows, beside.lost.rows) == (0, 2)


def test_the_brier_score_is_that_of_the_rows_with_a_label(tmp_path: Path) -> None:
    """By hand: (0.1^2 + 0.4^2 + 0.8^2 + 0.1^2) / 4 and (0.4^2 + 0.7^2 + 0.2^2 + 0.3^2) / 4."""
    seen = values(tmp_path, LABELLED + UNLABELLED, "brier")
    assert (seen.baseline, seen.candidate) == pytest.approx((0.205, 0.195))
