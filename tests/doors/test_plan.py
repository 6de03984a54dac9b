"""`plan` and the chance that a seal is worth anything, as people meet them."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from builders import score_rows, scores_contract, write_contract, write_csv
from shipcall.app.assumptions import Assumptions
from shipcall.app.planning import plan_release
from shipcall.cli.main import run, shipcall

SLICES = """
[slices]
by = ["part"]
metric = "right"
may_lose = 0.1
protected = ["part=a"]
"""
COSTS = "[costs]\nlabel_each = 2.0\n"


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "tester")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def code(*arguments: object) -> int:
    return run([str(argument) for argument in arguments])


def contract(folder: Path, units: int = 400, **changes: Any) -> Path:
    return write_contract(folder, scores_contract(units, **{"bar": "better_by = 0.02", **changes}))


def planned(file: Path, *arguments: object) -> dict[str, Any]:
    view: dict[str, Any] = json.loads(call("plan", file, "--json", *arguments).output)
    return view


def situation(view: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in view["chances"] if c["situation"] == name)
    return found


def test_a_plan_gives_the_chance_of_each_call_with_its_interval(tmp_path: Path) -> None:
    view = planned(contract(tmp_path))
    assert [c["situation"] for c in view["chances"]] == ["no_change", "gain"]
    for one in view["chances"]:
        assert sum(one[c]["value"] for c in ("go", "hold", "refuse")) == pytest.approx(1)
        assert all(one[c]["low"] <= one[c]["value"] <= one[c]["high"] for c in ("go", "hold"))
    assert view["unknown"] == ""
    assert view["hopes"]["right"]["value"] == pytest.approx(0.04)


def test_a_plan_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    file = contract(tmp_path, rest=COSTS)
    assert call("plan", file, "--json").output == call("plan", file, "--json").output


def test_more_units_help_the_hoped_gain(tmp_path: Path) -> None:
    view = planned(contract(tmp_path))
    goes = [situation(point, "gain")["go"]["value"] for point in view["curve"]]
    assert [point["factor"] for point in view["curve"]] == [0.25, 0.5, 1, 2, 4, 8]
    assert goes[-1] > goes[0] + 0.3


def test_a_stated_gain_and_a_stated_spread_are_taken(tmp_path: Path) -> None:
    file = contract(tmp_path)
    hoped = planned(file, "--gain", "right=12pp")
    assert hoped["hopes"]["right"] == {"value": 0.12, "source": "stated"}
    assert situation(hoped, "gain")["go"]["value"] > 0.8
    alike = planned(file, "--discordance", "0.05")
    taken = {(one["about"], one["what"]): one for one in alike["assumed"]}
    assert taken["right", "share of rows on which the models differ"]["value"] == 0.05
    assert taken["right", "share of rows on which the models differ"]["source"] == "stated"


def test_labels_and_days_are_counted(tmp_path: Path) -> None:
    view = planned(contract(tmp_path, rest=COSTS), "--units-per-day", "30")
    assert view["cost"]["promised"] == {"units": 400, "labels": 800.0, "days": 14}
    assert view["cost"]["least"]["units"] == view["least"]["units"]["scores"]
    said = call("plan", tmp_path / "contract.toml", "--units-per-day", "30").output
    assert "800 EUR of labels, 14 days" in " ".join(said.split())


def test_the_plan_says_what_would_help_and_what_was_taken(tmp_path: Path) -> None:
    said = " ".join(call("plan", contract(tmp_path)).output.split())
    assert "Least sample that decides: about" in said
    assert "with twice the units" in said
    assert "if gate.right were always met" in said
    assert "share of rows on which the models differ 0.2 (assumed)" in said
    assert "With half the spread" in said
    assert "The hoped gain goes on in" in said


def test_a_pilot_replaces_assumptions(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    drawn = (rng.random((2, 300)) < 0.9).astype(float)
    write_csv(tmp_path / "last.csv", score_rows(*drawn.tolist()))
    view = planned(contract(tmp_path), "--pilot", "scores=last.csv")
    taken = {(one["about"], one["what"]): one for one in view["assumed"]}
    assert taken["right", "value of the baseline"]["source"] == "pilot"
    assert taken["right", "value of the baseline"]["value"] == pytest.approx(0.9, abs=0.05)


def test_slices_of_a_pilot_stand_in_for_those_that_nobody_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    drawn = (rng.random((2, 300)) < 0.9).astype(float)
    rows = score_rows(*drawn.tolist(), part=lambda _arm, number: "ab"[number % 2])
    write_csv(tmp_path / "last.csv", rows)
    file = contract(tmp_path, rest=SLICES)
    without = planned(file)
    assert "slice.part=a" in without["unread"]
    assert any("left out of the chances" in note for note in without["notes"])
    view = planned(file, "--pilot", "scores=last.csv")
    assert view["unread"] == []
    assert situation(view, "harm_in_slice")["check"] == "slice.part=a"
    sizes = {check["slice"]: check["units"] for check in view["checks"]}
    assert sizes["part=a"] == sizes["part=b"] == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--gain", "nothing=0.1"), "no metric 'nothing'. It has right"),
        (("--gain", "right"), "is not metric=value"),
        (("--gain", "right=much"), "is no number"),
        (("--gain", "right=12"), "no share changes by more than 1"),
        (("--pilot", "scores=nowhere.csv"), "there is no such file"),
        (("--pilot", "rankings=x.csv"), "reads no such table. It reads scores"),
        (("--discordance", "1.5"), "is not a share above 0"),
        (("--units-per-day", "0"), "is not a number above 0"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_way_out(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code("plan", contract(tmp_path), *arguments) == 2
    assert said in capsys.readouterr().err


MANY = """
shipcall = 1
[release]
id = "r"
kind = "classifier"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "weights"
[unit]
id = "unit"
[evidence]
predictions = { path = "p.csv", expect = { units = 300 } }
scores = { path = "s.csv", expect = { units = 300 } }
[metric]
found = { level = "model", kind = "recall" }
auc = { level = "model", kind = "roc_auc" }
wait = { level = "operations", kind = "quantile", q = 0.9, better = "lower", column = "latency_ms" }
price = { level = "cost", kind = "mean", better = "lower", column = "cost" }
odd = { level = "model", kind = "mean", better = "higher" }
[[check]]
id = "found"
stage = "gate"
role = "goal"
metric = "found"
better_by = 0.02
[[check]]
id = "auc"
stage = "gate"
role = "guardrail"
metric = "auc"
may_lose = 0.05
[[check]]
id = "wait"
stage = "gate"
role = "guardrail"
metric = "wait"
at_most = 900
[[check]]
id = "price"
stage = "gate"
role = "guardrail"
metric = "price"
may_lose = "20%"
[[check]]
id = "odd"
stage = "gate"
role = "watch"
metric = "odd"
may_lose = 0.1
[risk]
looks = 2
"""


def test_the_notes_say_what_the_chances_leave_out(tmp_path: Path) -> None:
    view = planned(write_contract(tmp_path, MANY))
    notes = " ".join(view["notes"])
    assert "only the rows in their denominator: 50% of all rows" in notes
    assert "2 looks are promised" in notes
    assert "wait: at most 10,000 rows of a quantile are drawn" in notes
    assert "drawn independently of each other" in notes
    why = {check["id"]: check["why"] for check in view["checks"]}
    assert why["auc"] == why["wait"] == "no closed form: its chances are drawn"
    assert why["price"] == "depends on the value itself: its chances are drawn"
    assert why["odd"] == "its spread cannot be known without a pilot"
    assert view["looks"] == [2]


def test_without_promised_units_the_chance_is_not_known(tmp_path: Path) -> None:
    text = scores_contract(1, bar="better_by = 0.02").replace(", expect = { units = 1 }", "")
    file = write_contract(tmp_path, text)
    view = planned(file)
    assert (view["chances"], view["curve"], view["decides"]) == ([], [], None)
    assert "no units were promised of scores" in view["unknown"]
    assert "The chance of each call is not known" in call("plan", file).output
    said = call("seal", file).output
    assert "chance not known: no units were promised of scores" in said
    assert "the chance that it decides was not known" in " ".join(call("gate", file).output.split())


def test_the_picture_and_the_page_are_written_where_asked(tmp_path: Path) -> None:
    file = contract(tmp_path)
    svg, page = tmp_path / "curve.svg", tmp_path / "plan.html"
    assert code("plan", file, "--svg", svg, "--html", page) == 0
    drawn = svg.read_text("utf-8")
    assert drawn.startswith("<svg")
    assert "goes on" in drawn
    assert "HOLD" in drawn
    assert "<h2>Chance of each call</h2>" in page.read_text("utf-8")


def test_a_picture_of_nothing_is_refused(tmp_path: Path) -> None:
    text = scores_contract(1, bar="better_by = 0.02").replace(", expect = { units = 1 }", "")
    assert code("plan", write_contract(tmp_path, text), "--svg", tmp_path / "x.svg") == 2
    assert not (tmp_path / "x.svg").exists()


def test_progress_is_told_and_says_what_is_drawn(tmp_path: Path) -> None:
    told: list[str] = []
    plan_release(contract(tmp_path), Assumptions(), progress=told.append)
    assert told[0] == "drawing evidence"
    assert any("8 times the units" in text for text in told)


def test_a_contract_that_can_hardly_decide_is_not_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = contract(tmp_path, 20)
    assert code("seal", file) == 2
    said = capsys.readouterr().err
    assert re.search(r"the chance of any call but HOLD is \d+% \(at most \d+%\)", said)
    assert "even if the two models differed half as much as assumed" in said
    assert "gate.right would still be unmet" in said
    assert "--even-so" in said
    assert "sealed" not in call("ledger", "show", file).output


def test_a_reason_seals_it_and_every_verdict_says_so(tmp_path: Path) -> None:
    file = contract(tmp_path, 20)
    assert code("seal", file, "--even-so", " ") == 2
    said = call("seal", file, "--even-so", "twenty is all there is").output
    assert "sealed even so" in said
    assert 'It was sealed even so: "twenty is all there is"' in " ".join(
        call("gate", file).output.split()
    )
    assert "twenty is all there is" in call("export", "markdown", file).output
    sealed = json.loads(call("ledger", "show", file, "--entry", "0", "--json").output)
    feasibility = sealed["entries"][0]["body"]["feasibility"]
    assert feasibility["even_so"] == "twenty is all there is"
    assert feasibility["decides"]["high"] < 0.2
    assert code("ledger", "verify", file) == 0


def test_a_gain_that_somebody_stands_for_seals_it_and_is_on_record(tmp_path: Path) -> None:
    file = contract(tmp_path, 60)
    view = json.loads(call("seal", file, "--gain", "right=0.3", "--json").output)
    assert view["feasibility"]["taken"]["gains"] == ["right=0.3"]
    assert view["feasibility"]["decides"]["value"] > 0.5


def test_an_amendment_that_leaves_nothing_to_decide_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = contract(tmp_path, 4_000)
    assert code("seal", file) == 0
    text = file.read_text("utf-8").replace("units = 4000", "units = 20")
    file.write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert code("amend", file, "--why", "fewer came") == 2
    assert "can hardly decide" in capsys.readouterr().err
    assert code("amend", file, "--why", "fewer came", "--even-so", "to have it on record") == 0
    assert "to have it on record" in call("gate", file).output


def test_a_release_that_is_sealed_already_is_told_so_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = contract(tmp_path, 20)
    assert code("seal", file, "--even-so", "a rehearsal") == 0
    capsys.readouterr()
    assert code("seal", file) == 2
    assert "is sealed already" in capsys.readouterr().err
