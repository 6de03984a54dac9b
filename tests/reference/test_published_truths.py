"""Published truths of real data, through contract, gate and verdict (numbers: shared DATA.md)."""

import os
from pathlib import Path

import duckdb
import pytest

from builders import HEAD, run_gate, standing
from shipcall.core import Action, Arms, Estimate, Finding, Verdict

HERE = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SHIPCALL_DATA", str(HERE.parent / "shared" / "data")))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no shared data at {DATA}")

CLASSIFIER = HEAD.replace('kind = "llm"', 'kind = "classifier"').replace('"item"', '"unit"')


def contract(evidence: str, metrics: dict[str, str], rest: str = "", head: str = HEAD) -> str:
    """A contract with one watch-like guardrail per metric, wide enough to be measured only."""
    lines = [head, "[evidence]", evidence, "[metric]"]
    lines += [f'{name} = {{ level = "model", {spec} }}' for name, spec in metrics.items()]
    for name in metrics:
        lines.append(f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nrole = "watch"')
        lines.append(f'metric = "{name}"\nmay_lose = 100.0')
    return "\n".join([*lines, rest])


def finding(verdict: Verdict, check: str) -> Finding:
    return next(f for f in verdict.findings if f.check.id == check)


def arms(verdict: Verdict, check: str) -> Arms:
    found = finding(verdict, check).arms
    assert found is not None
    return found


MMLU = f"""
scores = {{ path = "{DATA}/llm_pairs/mmlu_mixtral_vs_gpt4.parquet", expect = {{ units = 14_042 }},
columns = {{ item = "item_id", baseline = "mixtral_correct", candidate = "gpt4_correct" }},
constants = {{ metric = "right", status = "ok" }} }}
"""


@pytest.mark.parametrize("correction", ["max-t", "holm"])
def test_mmlu_gains_twelve_points_and_does_not_pass(tmp_path: Path, correction: str) -> None:
    """68.08 % to 80.58 %; high_school_mathematics 31.9 % to 3.0 %, below guessing of four."""
    text = HEAD + "[evidence]" + MMLU.replace("\n", " ").replace(" scores", "\nscores", 1)
    text += """
[metric]
right = { level = "model", kind = "proportion", better = "higher", chance = 0.25 }
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.02
[slices]
by = ["domain"]
metric = "right"
may_lose = 0.05
min_units = 100
"""
    verdict = run_gate(tmp_path, text + f'correction = "{correction}"\n').verdict
    whole, maths = arms(verdict, "gate.right"), "domain=high_school_mathematics"
    assert (round(whole.baseline, 4), round(whole.candidate, 4)) == (0.6808, 0.8058)
    assert standing(verdict, "gate.right") == "CLEAR"
    assert (verdict.call, verdict.rule.number) == (Action.HOLD, 1)
    assert verdict.because == (f"sanity.chance.right.candidate.{maths}",)
    below = finding(verdict, verdict.because[0])
    assert below.note == "below chance: check the harness"
    assert standing(verdict, f"slice.{maths}") == "BREACH"
    part = arms(verdict, f"slice.{maths}")
    assert (round(part.baseline, 3), round(part.candidate, 3)) == (0.319, 0.030)
    assert len([f for f in verdict.findings if f.check.family]) == 57


@pytest.mark.parametrize(("model", "mean"), [("unify", 8.757862), ("martian", 8.3125)])
def test_mt_bench_leaves_the_unparsed_grade_out(tmp_path: Path, model: str, mean: float) -> None:
    """RouteLLM benchmarks/README.md: unify 8.757862 (its -1 is unparsed), martian 8.3125."""
    evidence = (
        f'scores = {{ path = "{DATA}/llm_pairs/mtbench_judge_scores.parquet", '
        'columns = { item = "question_id", repeat = "turn", arm = "model", value = "score" }, '
        'constants = { metric = "grade", status = "ok" }, '
        f'arms = {{ baseline = "gpt-4-1106-preview", candidate = "{model}" }}, '
        'sentinels = { "-1" = "judge_error" }, max_missing = 0.01, expect = { units = 80 } }'
    )
    spec = 'kind = "mean", better = "higher", range = [1, 10]'
    text = contract(evidence, {"grade": spec})
    text = text.replace('id = "item"', 'id = "question_id"')
    text += '\n[[check]]\nid = "gate.own"\nstage = "gate"\nrole = "guardrail"\n'
    text += 'metric = "grade"\nat_least = 1.5\n'
    verdict = run_gate(tmp_path, text).verdict
    lost = finding(verdict, "sanity.scores.lost").measured
    assert isinstance(lost, Estimate)
    own = finding(verdict, "gate.own").measured
    assert isinstance(own, Estimate)
    if model == "unify":
        assert lost.value == pytest.approx(1 / 160)
        assert "worst-case fill of 1 row" in own.method
    assert own.value == pytest.approx(mean, abs=5e-7)


def test_gsm8k_counts_of_gained_and_lost(tmp_path: Path) -> None:
    """63.84 % to 85.67 %, gained 383, lost 95 of 1,319: the difference is 288 / 1,319."""
    evidence = (
        f'scores = {{ path = "{DATA}/llm_pairs/gsm8k_mixtral_vs_gpt4.parquet", '
        'columns = { item = "item_id", baseline = "mixtral_correct", candidate = "gpt4_correct" }, '
        'constants = { metric = "right", status = "ok" }, expect = { units = 1_319 } }'
    )
    text = contract(evidence, {"right": 'kind = "proportion", better = "higher"'})
    verdict = run_gate(tmp_path, text).verdict
    measured = finding(verdict, "gate.right").measured
    assert isinstance(measured, Estimate)
    assert measured.value == pytest.approx(288 / 1319)
    both = arms(verdict, "gate.right")
    assert (round(both.baseline, 4), round(both.candidate, 4)) == (0.6384, 0.8567)


def test_cifar_calibration_and_scores(tmp_path: Path) -> None:
    """DATA.md: accuracy .9359, NLL .25706, Brier .10545 (sum over classes), ECE .03978005.

    The ECE is top-label with 15 equal-width bins; the probabilities are stored in 32 bits, which
    leaves seven digits to compare.
    """
    columns = ", ".join(f"p{i} AS baseline_{i}, p{i} AS candidate_{i}" for i in range(10))
    source = DATA / "calib" / "cifar10_vgg16_probs.parquet"
    table = duckdb.sql(f"SELECT row_number() OVER () AS unit, label, {columns} FROM '{source}'")  # noqa: S608
    table.write_parquet(str(tmp_path / "rows.parquet"))
    metrics = {
        "right": 'kind = "accuracy"',
        "loss": 'kind = "log_loss"',
        "brier": 'kind = "brier"',
        "ece": 'kind = "ece", bins = 15, binning = "width"',
    }
    evidence = 'predictions = { path = "rows.parquet", expect = { units = 10_000 } }'
    verdict = run_gate(tmp_path, contract(evidence, metrics, head=CLASSIFIER)).verdict
    assert arms(verdict, "gate.right").candidate == pytest.approx(0.9359)
    assert arms(verdict, "gate.loss").candidate == pytest.approx(0.25706, abs=5e-6)
    assert arms(verdict, "gate.brier").candidate == pytest.approx(0.10545, abs=5e-6)
    assert arms(verdict, "gate.ece").candidate == pytest.approx(0.03978005, abs=5e-8)


def test_car_loan_accuracy_auc_and_average_precision_of_ten_chunks(tmp_path: Path) -> None:
    """NannyML's notebooks, chunks of 5,000: carloan_published.json, six and four digits."""
    folder = DATA / "drift"
    published = duckdb.sql(
        f"SELECT roc_auc, accuracy, average_precision FROM '{folder}/carloan_published.json'"  # noqa: S608
    ).fetchone()
    assert published is not None
    duckdb.sql(
        "SELECT a.id AS unit, t.repaid AS label, a.y_pred_proba AS baseline, "  # noqa: S608
        "a.y_pred_proba AS candidate, a.y_pred AS said, "
        "lpad((((row_number() OVER (ORDER BY a.id)) - 1) // 5000)::VARCHAR, 2, '0') AS chunk "
        f"FROM '{folder}/carloan_analysis.parquet' a "
        f"JOIN '{folder}/carloan_analysis_target.parquet' t USING (id)"
    ).write_parquet(str(tmp_path / "rows.parquet"))
    duckdb.sql(
        f"SELECT unit, label, said AS baseline, said AS candidate, chunk "  # noqa: S608
        f"FROM '{tmp_path}/rows.parquet'"
    ).write_parquet(str(tmp_path / "said.parquet"))
    slices = '[slices]\nby = ["chunk"]\nmetric = "{}"\nmay_lose = 0.99\n'
    for path, name, spec, truths, digits in (
        ("rows", "auc", 'kind = "roc_auc"', published[0], 6),
        ("rows", "ap", 'kind = "average_precision"', published[2], 6),
        ("said", "right", 'kind = "accuracy"', published[1], 4),
    ):
        evidence = f'predictions = {{ path = "{path}.parquet", expect = {{ units = 50_000 }} }}'
        text = contract(evidence, {name: spec}, slices.format(name), head=CLASSIFIER)
        verdict = run_gate(tmp_path / path / "..", text).verdict
        (tmp_path / "ledger.db").unlink()
        found = [arms(verdict, f"slice.chunk={i:02d}").candidate for i in range(10)]
        assert [round(value, digits) for value in found] == [round(t, digits) for t in truths]
