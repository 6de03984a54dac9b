"""`study`: the same view at every door, on the record, and never before a blind call."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from builders import write_csv
from shipcall.app.workspace import workspace_of
from shipcall.cli.main import run, shipcall
from shipcall.ledger.entry import Kind

HEAD = """
shipcall = 1

[release]
id = "screen-2"
kind = "classifier"
owner = "screening"
baseline = "screen-1"
candidate = "screen-2"
change = "weights"
"""
PREDICTIONS = """
[unit]
id = "unit"

[evidence]
predictions = "rows.csv"

[metric]
accuracy = { level = "model", kind = "accuracy", threshold = 0.4 }
found = { level = "safety", kind = "recall", threshold = 0.4 }

[[check]]
id = "gate.accuracy"
stage = "gate"
role = "guardrail"
metric = "accuracy"
may_lose = 0.02

[[check]]
id = "gate.found"
stage = "gate"
role = "guardrail"
metric = "found"
may_lose = 0.05

[slices]
by = ["site"]
metric = "accuracy"
may_lose = 0.05
protected = ["site=north"]
"""
COSTS = """
[costs]
currency = "EUR"
inference_each = 0.0002
label_each = 0.5
"""
SCORES = """
[unit]
id = "item"

[evidence]
scores = { path = "runs.csv", constants = { metric = "right" } }

[metric]
right = { level = "model", better = "higher", kind = "proportion" }
wrong = { level = "model", better = "lower", kind = "proportion", name = "right" }

[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.0
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def study(*arguments: object) -> dict[str, Any]:
    said = call("study", *arguments, "--json")
    view: dict[str, Any] = json.loads(said.stdout)
    return view


def table(view: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = next(t["rows"] for t in view["tables"] if t["name"] == name)
    return rows


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    rng = np.random.default_rng(5)
    positive = rng.random(300) < 0.3
    rows: list[dict[str, object]] = [
        {
            "unit": f"u{i}",
            "label": int(p),
            "baseline": round(float(np.clip(0.3 * p + 0.7 * rng.random(), 0, 1)), 4),
            "candidate": round(float(np.clip(0.4 * p + 0.6 * rng.random(), 0, 1)), 4),
            "site": "north" if i % 10 == 0 else "south",
        }
        for i, p in enumerate(positive)
    ]
    write_csv(tmp_path / "rows.csv", rows)
    file = tmp_path / "contract.toml"
    file.write_text(HEAD + PREDICTIONS + COSTS, encoding="utf-8")
    return file


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    rng = np.random.default_rng(6)
    sure = rng.random(200)
    rows: list[dict[str, object]] = []
    for arm, share in (("baseline", 0.4 + 0.5 * sure), ("candidate", np.full(200, 0.9))):
        for i, chance in enumerate(share):
            rows.append(
                {
                    "arm": arm,
                    "item": f"i{i}",
                    "value": int(rng.random() < chance),
                    "status": "ok",
                    "cost": 0.01 if arm == "baseline" else 0.2,
                    "latency_ms": round(float(rng.gamma(4, 20)), 2),
                    "sure": round(float(sure[i]), 4) if arm == "baseline" else "",
                }
            )
    write_csv(tmp_path / "runs.csv", rows)
    file = tmp_path / "contract.toml"
    file.write_text(HEAD + SCORES, encoding="utf-8")
    return file


def test_the_missing_question_is_the_answer(screen: Path) -> None:
    view = study("costs", screen, "--users", "50_000_000")
    assert "how many inferences does a user make in a day?" in view["sentence"]
    assert "10,000 EUR a day for 1 and 1,000,000 EUR a day for 100" in view["sentence"]
    assert any("--per-user-day" in question for question in view["questions"])
    assert [row["day"] for row in table(view, "bill")] == [
        10_000,
        30_000,
        100_000,
        300_000,
        1_000_000,
    ]


def test_once_everything_is_said_there_is_a_bill(screen: Path) -> None:
    view = study("costs", screen, "--users", "50_000_000", "--per-user-day", "12")
    assert "Serving costs 120,000 EUR a day, 43,830,000 EUR a year." in view["sentence"]
    assert not any("inferences" in question for question in view["questions"])


def test_a_bill_alone_reads_no_evidence_and_leaves_no_trace(runs: Path) -> None:
    view = study("costs", runs, "--price", "0.001", "--users", "10-20", "--per-user-day", "5")
    assert [row["day"] for row in table(view, "bill")] == [0.05, 0.1]
    assert workspace_of(runs).ledger_if_any() is None


def test_thresholds_are_priced_here_and_live(screen: Path) -> None:
    here = study("costs", screen, "--false-alarm", 1, "--miss", 5)
    live = study("costs", screen, "--false-alarm", 1, "--miss", 5, "--live-rate", 0.02)
    for view in (here, live):
        assert len(table(view, "cost_curve")) > 10
        assert {row["model"] for row in table(view, "best")} == {"baseline", "candidate"}
        assert [chart["name"] for chart in view["charts"]][:2] == ["cost_curve", "decision_curve"]
    best = [table(view, "best")[1]["threshold"]["value"] for view in (here, live)]
    assert best[1] > best[0]
    assert any("one of 0.0" in said for said in live["stated"])


def test_cells_are_those_of_the_file(screen: Path) -> None:
    lines = (screen.parent / "rows.csv").read_text("utf-8").splitlines()
    names = lines[0].split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    hits = sum(float(r["candidate"]) >= 0.4 and r["label"] == "1" for r in rows)
    view = study("costs", screen)
    first = table(view, "confusion")[0]
    assert first["candidate_rows"] == hits
    assert any("--false-alarm" in question for question in view["questions"])


def test_the_live_share_is_worked_out_from_calls(screen: Path) -> None:
    view = study("costs", screen, "--live-called", 0.2, "--live-rows", 5000,
                 "--false-alarm", 1, "--miss", 5)  # fmt: skip
    live = table(view, "live_rate")[2]["share"]
    assert live["low"] <= live["value"] <= live["high"]
    assert any("its own interval is not in theirs" in note for note in view["notes"])


def test_labels_are_counted_for_each_claim_and_by_slice(screen: Path) -> None:
    view = study("labels", screen, "--counting", 0.3)
    claims = {row["claim"]: row for row in table(view, "claims")}
    assert claims["gate.accuracy"]["cost"] == 0.5 * claims["gate.accuracy"]["labels"]
    assert claims["gate.found"]["units"] > 0
    (drawn,) = table(view, "strata")
    assert drawn["column"] == "site"
    assert drawn["at_random"] > drawn["by_slice"]
    assert workspace_of(screen).ledger_if_any() is None


def test_a_share_that_nobody_said_is_asked_for_and_not_assumed(screen: Path) -> None:
    view = study("labels", screen)
    claims = {row["claim"]: row for row in table(view, "claims")}
    assert claims["gate.found"]["units"] is None
    assert "nobody said which share of units is positive" in claims["gate.found"]["why"]
    assert any("--counting" in question for question in view["questions"])


def test_graded_runs_take_two_labels_a_unit(runs: Path) -> None:
    view = study("labels", runs, "--gain", "right=0.1")
    (row,) = table(view, "claims")
    assert row["labels"] == 2 * row["units"]
    asked = study("labels", runs)
    assert table(asked, "claims")[0]["why"] == "nobody said which gain is hoped for"


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


def test_outcomes_that_were_looked_at_are_on_record_once(screen: Path) -> None:
    for _ in range(2):
        study("costs", screen)
    ledger = workspace_of(screen).ledger_if_any()
    assert ledger is not None
    seen = [entry for entry in ledger.entries() if entry.kind is Kind.EVIDENCE_SEEN]
    assert [entry.body["stage"] for entry in seen] == ["study"]
    assert run(["seal", str(screen)]) == 2


def test_a_blind_release_is_called_before_it_is_studied(screen: Path) -> None:
    text = screen.read_text("utf-8") + '\n[decision]\nsignatures = ["product"]\nblind = true\n'
    screen.write_text(text, encoding="utf-8")
    assert run(["study", "costs", str(screen)]) == 2
    assert run(["study", "labels", str(screen)]) == 0


def test_a_release_sealed_blind_stays_blind_whatever_its_file_says(screen: Path) -> None:
    text = screen.read_text("utf-8")
    blind = '\n[decision]\nsignatures = ["product"]\nblind = true\n'
    screen.write_text(text + blind, encoding="utf-8")
    assert run(["seal", str(screen), "--even-so", "it is about the seal"]) == 0
    screen.write_text(text + blind.replace("true", "false"), encoding="utf-8")
    assert run(["study", "costs", str(screen)]) == 2


def test_a_study_has_no_bar_and_no_standing(screen: Path) -> None:
    said = json.dumps(study("costs", screen, "--false-alarm", 1, "--miss", 5))
    assert not re.search(r"standing|\"bar\"|\"call\"", said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cascade", "--signal", "suer"), "suer"),
        (("cascade",), "--signal"),
        (("cascade", "--signal", "sure", "--metric", "wrong"), "better when it is lower"),
        (("cascade", "--signal", "sure", "--metric", "nothing"), "Fitting here: right"),
        (("cascade", "--signal", "sure", "--may-lose", "-1"), "--may-lose"),
        (("cascade", "--signal", "sure", "--kept-right", "80"), "--kept-right"),
        (("cascade", "--signal", "sure", "--first-cost", "-1"), "--first-cost"),
        (("costs", "--users", "many"), "--users"),
        (("costs", "--users", "20-10"), "--users"),
        (("costs", "--price", "-1"), "--price"),
        (("costs", "--false-alarm", "1"), "--miss"),
        (("costs", "--live-rate", "2"), "--live-rate"),
        (("costs", "--live-called", "0.2"), "--live-rows"),
        (("labels", "--discordance", "2"), "--discordance"),
        (("labels", "--price", "-2"), "--price"),
        (("labels", "--svg", "x.svg"), "no chart"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    runs: Path, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = arguments
    assert run(["study", name, str(runs), *options]) in {2, 3}
    assert said in capsys.readouterr().err


def test_the_text_has_the_answer_last_and_fits(screen: Path) -> None:
    said = call("study", "costs", screen, "--false-alarm", 1, "--miss", 5, "--users", 1000).stdout
    assert max(map(len, said.splitlines())) <= 100
    assert "The candidate is cheapest to cut at" in said[-600:]


def test_page_and_picture_are_written_whole_and_alone(screen: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "out" / "study.html", tmp_path / "out" / "study.svg"
    call("study", "costs", screen, "--false-alarm", 1, "--miss", 5, "-o", page, "--svg", picture)
    text = page.read_text("utf-8")
    assert len(text) < 300_000
    assert not re.search(r"https?://", text.replace("http://www.w3.org", ""))
    assert text.count("<svg") == 3
    assert picture.read_text("utf-8").startswith("<svg")


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


def test_a_bill_needs_no_contract_and_a_contract_fills_what_is_not_said(
    tmp_path: Path, screen: Path
) -> None:
    """By hand: 50,000,000 x 0.0002 = 10,000; a year has 365.25 days, so 3,652,500."""
    view = study("bill", "--price", 0.0002, "--users", "50_000_000")
    assert view["release"] == ""
    assert "10,000 a day for 1 and 1,000,000 a day for 100" in view["sentence"]
    assert [q.partition("?")[0] for q in view["questions"]] == [
        "How many inferences does a user make in a day"
    ]
    assert table(view, "bill")[0]["year"] == pytest.approx(3_652_500)
    said = study("bill", screen, "--users", 1000, "--per-user-day", 2, "--currency", "CHF")
    assert said["sentence"] == "Serving costs 0.4 CHF a day, 146 CHF a year."
    assert said["release"] == "screen-2"
    assert not (tmp_path / ".shipcall").exists()
    assert run(["study", "bill", "--price", "-1"]) == 2


def test_the_list_says_which_contract_fits(screen: Path, runs: Path) -> None:
    """Both fixtures write one contract: that of the runs came last."""
    assert runs == screen
    view = json.loads(call("study", "list", runs.parent, "--json").stdout)
    fitting = {one["study"]: one["files"] for one in view["studies"]}
    own = ["contract.toml"]
    assert fitting == {
        "cascade": own,
        "costs": [],
        "labels": own,
        "bill": own,
        "repeats": own,
        "offpolicy": [],
        "strengths": [],
    }
    (runs.parent / "other.toml").write_text('shipcall = 1\n[release]\nid = "o"\n', encoding="utf-8")
    text = call("study", "list", runs.parent).stdout
    assert "Say first: How many inferences does a user make in a day?" in text
    assert "other.toml" not in text
    assert "Here: no contract fits." in text
    assert "Needs no contract. Here: no table fits." in text


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
