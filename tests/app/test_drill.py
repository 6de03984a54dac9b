import os
from pathlib import Path
from typing import Any

import pytest

from builders import write_contract, write_csv
from judged import HEAD, graded_release, labelled_release, own_key
from shipcall.app.calibration import calibration_view
from shipcall.app.drill import PAGE, drill_view
from shipcall.app.recalled import Recalled, place_of, recall
from shipcall.app.release import judge_release, seal_release
from shipcall.app.workspace import workspace_of
from shipcall.core import UsageError
from shipcall.report.drill import drill_lines


def drilled(file: Path, check: str = "gate.right", **asked: str) -> dict[str, Any]:
    return drill_view(recall_file(file), check, asked)


def recall_file(file: Path) -> Recalled:
    return recall(*place_of(file))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a release that tests only look at."""
    with own_key(tmp_path_factory.mktemp("key")):
        return graded_release(tmp_path_factory.mktemp("graded"))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a release that tests only look at."""
    with own_key(tmp_path_factory.mktemp("key")):
        return labelled_release(tmp_path_factory.mktemp("labelled"))


@pytest.fixture
def fragile(tmp_path: Path) -> Path:
    """Of a release whose files a test changes."""
    return graded_release(tmp_path)


def test_what_was_recorded_is_told_as_it_was_recorded(file: Path) -> None:
    view, recorded = drilled(file), recall_file(file).view["findings"]
    assert view["finding"] == next(f for f in recorded if f["id"] == "gate.right")
    assert view["definition"]["doc"]
    labels = [line["label"] for line in view["lines"]]
    assert {"needs", "levels", "interval", "n", "method", "answer"} <= set(labels)
    assert "num_candidate" in view["sql"]["text"]


def test_the_rows_behind_the_number_add_up_to_it(file: Path) -> None:
    """By hand: of 40 items one run is lost; the candidate alone is right on 10 - 2, the baseline
    alone on 8 - 2 of them (multiples of 20 are wrong for both)."""
    counts = drilled(file)["rows"]["counts"]
    assert counts == {"losses": 6, "wins": 8, "ties": 25, "lost": 1, "uncounted": 0}


def test_rows_are_told_with_both_answers(file: Path) -> None:
    (row,) = drilled(file, rows="losses", unit="u005")["rows"]["rows"]
    about = {told["name"]: told["text"] for told in row["about"]}
    assert about["country"] == "NZ"
    assert about["question"].startswith("What is 5?")
    answers = {told["name"]: told["text"] for told in row["candidate"]}
    assert answers["answer"] == "the candidate says 0 of 5\nand stops"


def test_a_check_that_there_is_not_names_the_nearest(file: Path) -> None:
    with pytest.raises(UsageError, match=r"gate\.right"):
        drilled(file, "gate.rihgt")


def test_a_count_of_the_evidence_has_no_rows(file: Path) -> None:
    sanity = [f["id"] for f in recall_file(file).view["findings"] if f["role"] == "sanity"]
    view = drilled(file, sanity[0], sensitivity="1")
    assert not view["rows"]["shown"]
    assert not view["sensitivity"]["shown"]
    assert view["sql"]["text"] == ""


def test_changed_evidence_shows_no_row(fragile: Path) -> None:
    drilled(fragile)
    scores = fragile.with_name("scores.csv")
    scores.write_text(scores.read_text("utf-8") + "\n", encoding="utf-8")
    view = drilled(fragile, sensitivity="1")
    assert view["rows"]["code"] == "changed"
    assert view["rows"]["rows"] == []
    assert not view["sensitivity"]["shown"]
    assert view["finding"]["estimate"] is not None


def test_evidence_with_another_time_and_the_same_content_is_hashed_again_and_shown(
    fragile: Path,
) -> None:
    drilled(fragile)
    os.utime(fragile.with_name("scores.csv"), (1, 1))
    assert drilled(fragile)["rows"]["shown"]


def test_evidence_that_is_gone_shows_no_row(fragile: Path) -> None:
    fragile.with_name("scores.csv").unlink()
    assert drilled(fragile)["rows"]["code"] == "gone"


def test_an_edited_contract_shows_no_row(fragile: Path) -> None:
    text = fragile.read_text("utf-8").replace("better_by = 0.0", "better_by = 0.01")
    fragile.write_text(text, encoding="utf-8")
    assert drilled(fragile)["rows"]["code"] == "amended"


def test_evidence_that_comes_back_is_shown_again(fragile: Path) -> None:
    scores = fragile.with_name("scores.csv")
    kept = scores.read_bytes()
    scores.write_bytes(kept + b"\n")
    assert not drilled(fragile)["rows"]["shown"]
    scores.write_bytes(kept)
    assert drilled(fragile)["rows"]["shown"]


def test_looking_closer_writes_nothing_into_the_ledger(file: Path) -> None:
    ledger = workspace_of(file).ledger_if_any()
    assert ledger is not None
    before = ledger.head()
    drilled(file, sensitivity="1")
    assert ledger.head() == before


def test_other_ways_hold_the_method_of_the_check_first_and_it_agrees(file: Path) -> None:
    view = drilled(file, sensitivity="1")
    own, *others = view["sensitivity"]["ways"]
    assert own["estimate"] == view["finding"]["estimate"]
    names = [way["name"] for way in others]
    assert names == ["normal", "student", "bootstrap", "lost_ignored", "lost_at_worst"]


def test_lost_rows_left_out_are_surer_than_lost_rows_at_their_worst(file: Path) -> None:
    ways = {way["name"]: way for way in drilled(file, sensitivity="1")["sensitivity"]["ways"]}
    ends = [ways[name]["estimate"] for name in ("lost_ignored", "lost_at_worst")]
    assert ends[1]["low"] < ends[0]["low"]


@pytest.mark.parametrize("check", ["gate.precision", "gate.auc", "gate.brier", "gate.ece"])
def test_every_statistic_of_a_gate_has_rows_and_other_ways(labelled: Path, check: str) -> None:
    view = drilled(labelled, check, rows="wins", sensitivity="1")
    assert 0 < len(view["rows"]["rows"]) <= PAGE
    assert all(row["worth"] > 0 for row in view["rows"]["rows"])
    assert view["sensitivity"]["ways"][0]["estimate"] is not None


def test_calibration_is_worked_out_beside_the_checks(labelled: Path) -> None:
    """Every row lies in one bin and in one cell of each model."""
    view = calibration_view(recall_file(labelled), {})
    for arm in ("baseline", "candidate"):
        assert sum(one["rows"] for one in view["bins"][arm]) == 200
        assert sum(view["spread"][arm]) == 200
    assert [check["id"] for check in view["checks"]] == ["gate.brier", "gate.ece"]
    brier = {
        s["estimand"]: s["estimate"]["value"] for s in view["scores"] if s["metric"] == "brier"
    }
    gate = next(f for f in recall_file(labelled).view["findings"]
                if f["id"] == "gate.brier")  # fmt: skip
    assert brier["candidate"] == pytest.approx(gate["arms"]["candidate"])


def test_calibration_is_refused_where_nothing_says_how_sure_a_model_is(file: Path) -> None:
    with pytest.raises(UsageError, match="ece, brier"):
        calibration_view(recall_file(file), {})


def test_calibration_of_changed_evidence_shows_nothing(tmp_path: Path) -> None:
    file = labelled_release(tmp_path)
    rows = file.with_name("predictions.csv")
    rows.write_text(rows.read_text("utf-8") + "u999,1,0.5,0.5\n", encoding="utf-8")
    view = calibration_view(recall_file(file), {})
    assert not view["shown"]
    assert view["scores"] == []
    assert "another" in view["why"]


def test_a_verdict_that_waits_for_a_call_tells_nothing(tmp_path: Path) -> None:
    file = labelled_release(tmp_path, rest="[decision]\nblind = true\n")
    for view in (drilled(file, "gate.brier"), calibration_view(recall_file(file), {})):
        assert view["kind"] == "covered"
        assert not {"finding", "rows", "bins", "checks", "scores"} & set(view)


PAIRED = """
[evidence]
shadow_pairs = "pairs.csv"
[metric]
slow = { level = "operations", better = "lower", kind = "quantile", q = 0.5, column = "latency_ms" }
unsafe = { level = "safety", better = "lower", kind = "proportion", column = "safety" }
[[check]]
id = "shadow.slow"
stage = "shadow"
role = "guardrail"
metric = "slow"
at_most = 120
[[check]]
id = "shadow.unsafe"
stage = "shadow"
role = "guardrail"
metric = "unsafe"
may_lose = 0.2
[shadow]
min_pairs = 40
min_days = 7
max_days = 14
"""


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a release in shadow mode: request i is i ms slower by the candidate."""
    folder = tmp_path_factory.mktemp("shadow")
    rows = [
        {
            "request": f"r{i:02}",
            "at": f"2026-11-{1 + i % 9:02}T{i % 24:02}:00:00Z",
            "unit": f"user{i}",
            "output_baseline": f"answer {i}",
            "output_candidate": f"another answer {i}",
            "latency_ms_baseline": 100,
            "latency_ms_candidate": 100 + i,
            "safety_baseline": int(i % 20 == 0),
            "safety_candidate": int(i % 10 == 0),
        }
        for i in range(60)
    ]
    write_csv(folder / "pairs.csv", rows)
    text = HEAD.format(id="paired-1", kind="llm") + PAIRED
    file = write_contract(folder, text)
    with own_key(tmp_path_factory.mktemp("key")):
        seal_release(file, even_so="a test")
        judge_release(file, "shadow")
    return file


def test_live_pairs_are_told_with_both_answers(shadowed: Path) -> None:
    """Unsafe by the candidate alone: requests 10, 30 and 50."""
    rows = drilled(shadowed, "shadow.unsafe", rows="losses")["rows"]["rows"]
    assert sorted(row["unit"] for row in rows) == ["r10", "r30", "r50"]
    told = {one["unit"]: one["candidate"] for one in rows}
    assert {"name": "output", "text": "another answer 10"} in told["r10"]


def test_the_slowest_answers_come_first(shadowed: Path) -> None:
    """A candidate's own quantile is told by the row against the baseline's: r59 lost 59 ms."""
    view = drilled(shadowed, "shadow.slow", rows="losses", sensitivity="1")
    assert [row["unit"] for row in view["rows"]["rows"][:2]] == ["r59", "r58"]
    assert view["rows"]["rows"][0]["worth"] == -59
    assert view["sensitivity"]["ways"][0]["name"] == "own"


def test_counts_of_a_stage_have_no_rows(shadowed: Path) -> None:
    findings = recall_file(shadowed).view["findings"]
    for finding in findings:
        if finding["estimand"] == "count":
            assert not drilled(shadowed, finding["id"])["rows"]["shown"]


COMPARED = """
[evidence]
preferences = "p.csv"
[metric]
wins = { level = "model", kind = "win_rate" }
[[check]]
id = "gate.wins"
stage = "gate"
role = "goal"
metric = "wins"
at_least = 0.3
"""


def test_rows_of_comparisons_show_what_each_model_answered(tmp_path: Path) -> None:
    """The answers change places between the two showings of an item."""
    rows = [
        {
            "item": f"q{i}",
            "first": ("old", "fresh")[turn],
            "second": ("fresh", "old")[turn],
            "winner": "tie" if i % 5 == 0 else ("first", "second")[(i + turn) % 2],
            "rater": "judge-a",
            "rater_kind": "judge",
            "order": turn,
            "answer_first": (f"plain {i}", f"warm {i}")[turn],
            "answer_second": (f"warm {i}", f"plain {i}")[turn],
            "prompt": f"question {i}",
        }
        for i in range(60)
        for turn in (0, 1)
    ]
    write_csv(tmp_path / "p.csv", rows)
    head = HEAD.format(id="compared", kind="llm").replace('id = "unit"', 'id = "item"')
    contract = write_contract(tmp_path, head + COMPARED)
    with own_key(tmp_path / "key"):
        seal_release(contract, even_so="a test")
        judge_release(contract, "gate")
        view = drilled(contract, "gate.wins", rows="wins")
    (row, *_) = view["rows"]["rows"]
    number = row["unit"].removeprefix("q")
    assert row["baseline"] == [{"name": "answer", "text": f"plain {number}"}]
    assert row["candidate"] == [{"name": "answer", "text": f"warm {number}"}]
    about = {told["name"]: told["text"] for told in row["about"]}
    assert about["prompt"] == f"question {number}"
    assert about["said"] == "judge-a: candidate\njudge-a: candidate"


BIASED = """
[evidence]
predictions = "p.csv"
[metric]
bias = { level = "model", kind = "mean_error", range = [-1, 1] }
[[check]]
id = "gate.bias"
stage = "gate"
role = "guardrail"
metric = "bias"
within = 0.5
"""


def test_a_number_that_is_best_at_a_point_has_no_better_side(tmp_path: Path) -> None:
    rows = [
        {"unit": f"u{i}", "label": 0.5, "baseline": 0.5, "candidate": 0.5 + (i % 3 - 1) / 10}
        for i in range(90)
    ]
    write_csv(tmp_path / "p.csv", rows)
    contract = write_contract(tmp_path, HEAD.format(id="biased", kind="regressor") + BIASED)
    with own_key(tmp_path / "key"):
        seal_release(contract, even_so="a test")
        judge_release(contract, "gate")
        view = drilled(contract, "gate.bias", rows="wins")
    assert (view["finding"]["better"], view["finding"]["target"]) == ("", 0.0)
    said = "\n".join(drill_lines(view))
    assert "is better" not in said.replace(view["definition"]["doc"], "")
    assert "best at 0" in said
    assert "Rows that raise it most" in said
    assert "raises it by 0.1" in said
