"""Predictions: what both models said becomes samples that others' programs agree with."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from data.nasty.files import GOOD, parquet
from data.tables import ALL, evidence, open_pack, pair, request, sample, write
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import UnitColumns
from shipcall.stats.calibration import plug_in_ece
from shipcall.stats.sample import BinSample, Lost

HEAD = "unit,label,baseline,candidate"


def table(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def drawn(n: int = 400) -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    said = rng.beta(2, 2, (2, n))
    label = (rng.random(n) < said[0]).astype(int)
    return [
        {
            "unit": f"u{i}",
            "cluster": f"c{i % 80}",
            "label": int(label[i]),
            "baseline": float(said[0, i]),
            "candidate": float(said[1, i]),
            "country": "NZ" if i % 4 else "BR",
            "device": ["tv", "phone", None][i % 3],
        }
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("kind", "oracle"),
    [
        ("accuracy", lambda y, p: accuracy_score(y, p >= 0.5)),
        ("precision", lambda y, p: precision_score(y, p >= 0.5)),
        ("recall", lambda y, p: recall_score(y, p >= 0.5)),
        ("false_positive_rate", lambda y, p: 1 - recall_score(y, p >= 0.5, pos_label=0)),
        ("log_loss", log_loss),
        ("brier", brier_score_loss),
        ("roc_auc", roc_auc_score),
    ],
)
@pytest.mark.parametrize("part", [ALL, Slice.of({"country": "NZ", "device": "tv"})], ids=str)
def test_values_of_both_models_equal_those_of_scikit_learn(
    tmp_path: Path, kind: str, oracle: Any, part: Slice
) -> None:
    """scikit-learn's metrics on the same rows, overall and in a cross of two slices."""
    rows = drawn()
    write(tmp_path / "a.parquet", rows)
    kept = [r for r in rows if all(r[column] == level for column, level in part.pairs)]
    found = pair(evidence(tmp_path, "a.parquet"), kind, part)
    label = np.array([row["label"] for row in kept])
    for arm in ("baseline", "candidate"):
        said = np.array([row[arm] for row in kept])
        assert getattr(found, arm) == pytest.approx(oracle(label, said), abs=1e-12)
    assert found.lost.rows == 0


def test_probabilities_per_class_give_the_figures_of_a_published_network(tmp_path: Path) -> None:
    """cifar10_vgg16_probs, 10,000 rows: accuracy .9359, NLL .25706, Brier .10545, ECE .03978005.

    Top-label calibration error with 15 equal-width bins by the package uncertainty-calibration;
    the others by an independent program on the same file.
    """
    path = open_pack() / "calib" / "cifar10_vgg16_probs.parquet"
    columns = {f"{arm}_{i}": f"p{i}" for arm in ("baseline", "candidate") for i in range(10)}
    nameless = evidence(path.parent, path.name, columns=columns, unit=UnitColumns(id="label"))
    # No column names the rows of this file: every label stands on many of them.
    assert nameless.facts("predictions").duplicates.count == 10_000
    whole = pq.read_table(path)
    whole = whole.append_column("unit", [[f"r{i}" for i in range(whole.num_rows)]])
    pq.write_table(whole, tmp_path / "a.parquet")
    named = evidence(tmp_path, "a.parquet", columns=columns)
    assert pair(named, "accuracy").candidate == pytest.approx(0.9359, abs=5e-5)
    assert pair(named, "log_loss").candidate == pytest.approx(0.25706, abs=5e-6)
    assert pair(named, "brier").candidate == pytest.approx(0.10545, abs=5e-6)
    bins = sample(named, "ece", binning="width", bins=15)
    assert isinstance(bins, BinSample)
    assert plug_in_ece(bins).candidate == pytest.approx(0.03978005, abs=5e-8)
    assert named.facts("predictions").labels == 10


def test_classes_are_compared_as_they_are_written_in_any_type(tmp_path: Path) -> None:
    """1, 1.0, "1" and true are one class; "01" is another."""
    table(tmp_path, "a,1,1.0,01", "b,true,1,TRUE", "c,0,false,0.0", "d,2,2.00,3")
    found = pair(evidence(tmp_path, "a.csv"), "accuracy")
    assert (found.baseline, found.candidate) == (1.0, 0.5)


def test_a_threshold_and_a_positive_class_turn_scores_into_answers(tmp_path: Path) -> None:
    table(tmp_path, "a,yes,0.2,0.4", "b,no,0.2,0.1", "c,yes,0.9,0.4", "d,no,0.3,0.5")
    found = pair(evidence(tmp_path, "a.csv"), "recall", positive="yes", threshold=0.3)
    assert (found.baseline, found.candidate) == (0.5, 1.0)


def test_weights_count(tmp_path: Path) -> None:
    table(tmp_path, "a,1,1,1,3", "b,1,0,1,1", "c,0,1,0,4", head=f"{HEAD},weight")
    found = pair(evidence(tmp_path, "a.csv"), "accuracy")
    assert (found.baseline, found.candidate, found.weight_baseline) == (3 / 8, 1.0, 2.0)


def test_rows_without_an_answer_or_a_label_are_lost_where_they_belong(tmp_path: Path) -> None:
    lines = ["a,1,1,1,NZ", "b,1,,1,NZ", "c,0,0,,BR", "d,1,,,BR", "e,,1,1,BR", "f,0,1,0,NZ"]
    table(tmp_path, *lines, head=f"{HEAD},country")
    found = evidence(tmp_path, "a.csv")
    facts = found.facts("predictions")
    assert pair(found, "accuracy").lost == Lost(rows=4, range=(0.0, 1.0))
    assert pair(found, "accuracy", Slice.of({"country": "NZ"})).lost.rows == 1
    assert tuple(facts.lost_pairs) == (1, 1, 2)
    assert facts.unmatched == {"baseline": 1, "candidate": 1}
    assert (facts.unlabelled, facts.labels) == (1, 2)


def test_a_slice_of_lost_rows_only_is_absent(tmp_path: Path) -> None:
    table(tmp_path, "a,1,1,1,NZ", "b,0,0,0,NZ", "c,1,,1,BR", head=f"{HEAD},country")
    absent = sample(evidence(tmp_path, "a.csv"), "accuracy", Slice.of({"country": "BR"}))
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.ROWS_MISSING


def test_every_row_of_a_repeated_unit_is_lost_and_counted(tmp_path: Path) -> None:
    """Five rows; unit b stands three times, so two rows count and three are lost."""
    table(tmp_path, "a,1,1,1", "b,1,0,0", "b,1,1,1", "b,0,1,1", "c,0,0,1")
    found = evidence(tmp_path, "a.csv")
    one = pair(found, "accuracy")
    facts = found.facts("predictions")
    assert (one.rows, one.lost.rows) == (2, 3)
    assert (one.baseline, one.candidate) == (1.0, 0.5)
    assert (facts.duplicates.count, facts.duplicates.example) == (3, "b")
    assert (facts.rows, facts.units) == (5, 3)


def test_a_sentinel_is_no_answer(tmp_path: Path) -> None:
    table(tmp_path, "a,1,0.9,-1", "b,0,0.2,0.1", "c,1,NaN,0.7")
    found = evidence(tmp_path, "a.csv", sentinels={"-1.0": "model_error", "NaN": "model_error"})
    one = pair(found, "log_loss")
    assert (one.rows, one.lost.rows) == (1, 2)


def test_what_was_promised_and_is_nowhere_is_lost_in_every_slice(tmp_path: Path) -> None:
    rows = drawn(40)
    write(tmp_path / "a.jsonl", rows)
    promises: list[dict[str, Any]] = [{"expect_units": 45}, {"expect_rows": 45}]
    for promise in promises:
        found = evidence(tmp_path, "a.jsonl", **promise)
        assert pair(found, "accuracy").lost.rows == 5
        assert pair(found, "accuracy", Slice.of({"country": "BR"})).lost.rows == 5


def test_dependent_rows_without_their_cluster_are_refused(tmp_path: Path) -> None:
    """[unit] says that rows of one patient depend on each other; the file does not name them."""
    table(tmp_path, "a,1,1,1")
    with pytest.raises(EvidenceError, match=r"E210(.|\n)*patient"):
        sample(
            evidence(tmp_path, "a.csv", unit=UnitColumns(id="unit", cluster="patient")), "accuracy"
        )


def test_the_contracts_unit_names_columns(tmp_path: Path) -> None:
    table(
        tmp_path,
        "a,p,1,1,1,2026-11-20 09:00:00",
        "b,p,0,0,1,2026-11-21 10:30:00",
        "c,q,1,0,1,2026-11-22",
        head="scan,patient,label,baseline,candidate,taken",
    )
    unit = UnitColumns(id="scan", cluster="patient", time="taken")
    found = evidence(tmp_path, "a.csv", unit=unit)
    facts = found.facts("predictions")
    assert (facts.units, facts.clusters) == (3, 2)
    assert pair(found, "accuracy").clusters == 2
    assert facts.span is not None
    assert facts.span.first.isoformat() == "2026-11-20T09:00:00+00:00"
    assert facts.span.last.isoformat() == "2026-11-22T00:00:00+00:00"
    assert found.columns("predictions") == ()


def test_moments_with_offsets_are_put_on_one_clock(tmp_path: Path) -> None:
    head = f"{HEAD},at"
    table(tmp_path, "a,1,1,1,2026-11-20T09:00:00+02:00", "b,1,1,1,2026-11-20T08:00:00Z", head=head)
    span = evidence(tmp_path, "a.csv").facts("predictions").span
    assert span is not None
    assert [moment.hour for moment in span] == [7, 8]


@pytest.mark.parametrize(
    ("kind", "lines", "code", "options"),
    [
        ("log_loss", ("a,1,0.9,1.2", "b,0,0.1,0.2"), "E214", {}),
        ("brier", ("a,1,0.9,-0.01", "b,0,0.1,0.2"), "E214", {}),
        ("ece", ("a,1,1,high", "b,0,0.1,0.2"), "E215", {}),
        ("accuracy", ("a,yes,1,0", "b,no,0,0"), "E215", {}),
        ("accuracy", ("a,yes,0.7,0.2", "b,no,0.2,0.2"), "E215", {}),
        ("accuracy", ("a,1,yes,yes", "b,0,no,yes"), "E215", {}),
        ("accuracy", ("a,1,1.0,0.4", "b,-1,0.2,0.7"), "E215", {}),
        ("f1", ("a,1,1,1.0", "b,2,2,0.7"), "E215", {}),
        ("recall", ("a,yes,yes,no", "b,no,no,maybe"), "E215", {"positive": "yes"}),
        ("recall", ("a,yes,yes,no", "b,no,no,no"), "E215", {"positive": "yess"}),
    ],
)
def test_answers_that_do_not_fit_the_metric_are_refused(
    tmp_path: Path, kind: str, lines: tuple[str, ...], code: str, options: dict[str, Any]
) -> None:
    table(tmp_path, *lines)
    with pytest.raises(EvidenceError) as raised:
        sample(evidence(tmp_path, "a.csv"), kind, **options)
    assert raised.value.faults[0].code == code


def test_a_scores_above_one_is_fine_where_no_probability_is_needed(tmp_path: Path) -> None:
    table(tmp_path, "a,1,3.5,2", "b,0,-4,1", "c,1,0.1,5")
    assert pair(evidence(tmp_path, "a.csv"), "roc_auc").candidate == 1.0


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"baseline_0": [0.5, 0.5], "baseline_1": [0.5, 0.5], "candidate_0": [1.0, 0.0]}, "E210"),
        ({"baseline_0": [0.5, 0.5], "baseline_2": [0.5, 0.5], "candidate_0": [1.0, 0.0]}, "E210"),
        (
            {f"{a}_{i}": [0.5, 0.7] for a in ("baseline", "candidate") for i in range(2)},
            "E214",
        ),
        (
            {f"{a}_{i}": [0.5, 0.5] for a in ("baseline", "candidate") for i in range(2)}
            | {"label": [1, 2]},
            "E215",
        ),
    ],
    ids=["one model has fewer", "a gap", "no sum of one", "a label beyond the classes"],
)
def test_probabilities_per_class_have_to_be_whole(
    tmp_path: Path, columns: dict[str, Any], code: str
) -> None:
    base = {"unit": GOOD["unit"], "label": GOOD["label"]}
    (tmp_path / "a.parquet").write_bytes(parquet({**base, **columns}))
    with pytest.raises(EvidenceError) as raised:
        sample(evidence(tmp_path, "a.parquet"), "log_loss")
    assert {fault.code for fault in raised.value.faults} == {code}


def test_a_null_probability_of_one_class_loses_the_answer(tmp_path: Path) -> None:
    shares = {f"{a}_{i}": [0.5, 0.5] for a in ("baseline", "candidate") for i in range(2)}
    columns = {**GOOD, **shares, "candidate_1": [0.5, None]}
    del columns["baseline"], columns["candidate"]
    (tmp_path / "a.parquet").write_bytes(parquet(columns))
    assert pair(evidence(tmp_path, "a.parquet"), "brier").lost.rows == 1


def test_answers_that_never_vary_are_named(tmp_path: Path) -> None:
    table(tmp_path, "a,1,1,0.3", "b,0,1,0.1", "c,0,1,0.2")
    assert evidence(tmp_path, "a.csv").facts("predictions").constant == (("baseline", ""),)


def test_one_content_under_two_names_is_counted(tmp_path: Path) -> None:
    head = f"{HEAD},item_hash"
    table(tmp_path, "a,1,1,1,h1", "b,1,1,1,h1", "c,1,1,1,h2", head=head)
    facts = evidence(tmp_path, "a.csv").facts("predictions")
    assert (facts.rehashed.count, facts.rehashed.example, facts.hashed) == (1, "a", True)


def test_bins_come_from_the_baseline_of_all_rows(tmp_path: Path) -> None:
    """Quantile edges are taken once: a slice has the bins of the whole table."""
    write(tmp_path / "a.parquet", drawn())
    found = evidence(tmp_path, "a.parquet")
    whole = sample(found, "ece", bins=5)
    part = sample(found, "ece", Slice.of({"country": "BR"}), bins=5)
    assert whole.gaps.shape == part.gaps.shape == (2, 5)


def test_one_call_answers_every_request_and_slice(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", drawn())
    part, nowhere = Slice.of({"country": "NZ"}), Slice.of({"city": "Lima"})
    asked = [
        request("accuracy", part, nowhere, name="one"),
        request("roc_auc", part, name="two"),
        request("mean", name="three", evidence="scores"),
        request("mean", name="four", evidence="predictions"),
    ]
    found = evidence(tmp_path, "a.parquet").samples(StatisticsPlan(requests=tuple(asked)))
    assert list(found) == [(r.metric, s) for r in asked for s in r.slices]
    reasons = {key: one.reason for key, one in found.items() if isinstance(one, Absent)}
    assert reasons == {
        ("one", nowhere): Reason.WRONG_COLUMNS,
        ("three", ALL): Reason.NO_EVIDENCE,
        ("four", ALL): Reason.NOT_MEASURABLE,
    }
