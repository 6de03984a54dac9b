"""`study` of graded runs: cascades, and what repeats are worth."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from builders import write_csv
from doors.studying import HEAD, SCORES, call, study, table
from shipcall.app.workspace import workspace_of
from shipcall.cli.main import run
from shipcall.ledger.entry import Kind


def test_a_cascade_is_priced_timed_and_tested(runs: Path) -> None:
    view = study("cascade", runs, "--signal", "sure", "--may-lose", 0.1)
    rows = table(view, "settings")
    assert rows[0]["cost"]["value"] == pytest.approx(0.01)
    assert rows[-1]["cost"]["value"] == pytest.approx(0.21)
    assert rows[10]["p50"]["value"] > 0
    assert "no_evidence" not in json.dumps(view)
    assert table(view, "tested")[0]["passed"].endswith(f" of {len(rows) + 19}") or table(
        view, "tested"
    )
    assert re.match(r"Shown at|No threshold could be shown", view["sentence"])


def test_the_first_model_may_be_the_candidate(runs: Path) -> None:
    view = study("cascade", runs, "--first", "candidate", "--signal", "latency_ms", "--keep", "low")
    assert view["title"].startswith("screen-2 first, then screen-1")
    assert table(view, "settings")[0]["cost"]["value"] == pytest.approx(0.2)


def test_a_person_may_take_over(runs: Path) -> None:
    view = study("cascade", runs, "--signal", "sure", "--second-right", 0.98,
                 "--second-cost", 2, "--second-ms", 60_000)  # fmt: skip
    last = table(view, "settings")[-1]
    assert last["value"]["value"] == pytest.approx(0.98)
    assert last["cost"]["value"] == pytest.approx(2.01)
    assert last["p50"]["value"] > 60_000
    assert "the second is right with a share of 0.98" in view["stated"]


def test_predictions_carry_their_own_signal(screen: Path) -> None:
    view = study("cascade", screen)
    first = table(view, "settings")[1]
    assert 0.5 <= first["threshold"] <= 1
    assert view["title"].startswith("screen-1 first, then screen-2: accuracy")


def test_runs_without_a_grade_are_counted_and_widen(runs: Path) -> None:
    whole = study("cascade", runs, "--signal", "sure")
    lines = (runs.parent / "runs.csv").read_text("utf-8").splitlines()
    torn = [line.replace(",ok,", ",infra_error,") if i in {3, 9, 30} else line
            for i, line in enumerate(lines)]  # fmt: skip
    (runs.parent / "runs.csv").write_text("\n".join(torn) + "\n", encoding="utf-8")
    view = study("cascade", runs, "--signal", "sure")
    assert any(note.startswith("3 rows lack a grade") for note in view["notes"])
    before, after = (table(v, "settings")[-1]["value"] for v in (whole, view))
    assert after["high"] - after["low"] > before["high"] - before["low"]


def test_rows_that_stand_twice_count_for_nobody(runs: Path) -> None:
    file = runs.parent / "runs.csv"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    view = study("cascade", runs, "--signal", "sure")
    assert any(note.startswith("1 rows lack a grade") for note in view["notes"])


@pytest.fixture
def repeated(tmp_path: Path) -> Path:
    rng = np.random.default_rng(9)
    chances = rng.beta(2, 1, 60)
    rows: list[dict[str, object]] = [
        {
            "arm": arm,
            "item": f"i{i:02}",
            "repeat": run,
            "value": int(rng.random() < chance),
            "status": "ok",
            "latency_ms": round(float(rng.gamma(4, 20)), 2),
        }
        for arm in ("baseline", "candidate")
        for i, chance in enumerate(chances)
        for run in range(3)
    ]
    write_csv(tmp_path / "runs.csv", rows)
    file = tmp_path / "contract.toml"
    file.write_text(HEAD + SCORES, encoding="utf-8")
    return file


def test_repeats_are_split_priced_and_put_on_record(repeated: Path) -> None:
    view = study("repeats", repeated, "--item-price", 4, "--run-price", 0.5)
    parts = {row["of"]: row for row in table(view, "parts")}
    assert parts["baseline"]["items"] == parts["difference"]["items"] == 60
    lines = (repeated.parent / "runs.csv").read_text("utf-8").splitlines()[1:]
    right = [float(line.split(",")[3]) for line in lines if line.startswith("baseline")]
    assert parts["baseline"]["mean"]["value"] == pytest.approx(np.mean(right))
    assert view["charts"][0]["marks"][0] == {"x": 3.0, "title": "now"}
    assert "an item costs 4 beside its runs, a run of both 0.5" in view["stated"]
    assert [entry.kind for entry in workspace_of(repeated).ledger().entries()] == [
        Kind.EVIDENCE_SEEN
    ]


def test_what_repeats_are_worth_is_drawn_and_written(repeated: Path) -> None:
    page, picture = repeated.with_name("r.html"), repeated.with_name("r.svg")
    said = call("study", "repeats", repeated, "-o", page, "--svg", picture)
    assert said.exit_code == 0
    assert "twice as many items 0.71 times" in " ".join(said.stdout.split())
    assert "as many runs in all" in picture.read_text("utf-8")
    assert "Items whose runs do not agree" in page.read_text("utf-8")


def test_half_a_price_of_repeats_is_refused(repeated: Path) -> None:
    assert run(["study", "repeats", str(repeated), "--item-price", "4"]) == 2
    assert run(["study", "repeats", str(repeated), "--item-price", "4", "--run-price", "0"]) == 2


def test_repeats_need_graded_runs(screen: Path) -> None:
    assert run(["study", "repeats", str(screen)]) == 2


@pytest.mark.parametrize("keep", ["high", "low"])
def test_the_threshold_asked_for_is_the_row_of_the_table(runs: Path, keep: str) -> None:
    """By the definition: a threshold of the table gives what stands in its row, on either scale."""
    asked = ("cascade", runs, "--signal", "sure", "--keep", keep)
    row = table(study(*asked), "settings")[5]
    view = study(*asked, "--threshold", row["threshold"])
    assert table(view, "chosen") == [{k: cell for k, cell in row.items() if k != "front"}]
    marks = {chart["name"]: chart["marks"] for chart in view["charts"]}
    assert marks["fallback"] == [{"x": row["fallback"]["value"], "title": "asked for"}]
    assert marks["cost"] == [{"x": row["cost"]["value"], "title": "asked for"}]
    assert run(["study", "cascade", str(runs), "--signal", "sure", "--threshold", "nan"]) == 2
