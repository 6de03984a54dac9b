"""`study`: the same view at every door, on the record, and never before a blind call."""

import json
import re
from pathlib import Path

import pytest

from doors.studying import call, study, table
from shipcall.app.workspace import workspace_of
from shipcall.cli.main import run
from shipcall.ledger.entry import Kind


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
