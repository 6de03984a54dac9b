"""`plan` and `seal` of a contract with a rollout, as people meet them."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from builders import scores_contract, write_contract
from shipcall.cli.main import run, shipcall
from shipcall.report.html import html_report
from shipcall.report.rollout_plan import rollout_sentences, rollout_tables

ROLLOUT = """
kept = { level = "product", better = "lower", kind = "proportion", window = "1h" }
good = { level = "product", better = "higher", kind = "proportion", window = "1h" }
"""
CHECKS = """
[rollout]
stages = [1, 50]
min_hours = [48]
max_days = 10
[[check]]
id = "rollout.good"
stage = "rollout"
role = "goal"
metric = "good"
better_by = 0.0
[[check]]
id = "rollout.kept"
stage = "rollout"
role = "guardrail"
metric = "kept"
may_lose = 0.02
"""


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "tester")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def code(*arguments: object) -> int:
    return run([str(argument) for argument in arguments])


def contract(folder: Path, exposures: str = '"exposures.csv"', rest: str = CHECKS) -> Path:
    text = scores_contract(4000, bar="better_by = 0.02", rest=rest)
    text = text.replace("[metric]", f'exposures = {exposures}\noutcomes = "outcomes.csv"\n[metric]')
    text = text.replace("[[check]]", f"{ROLLOUT}[[check]]", 1)
    return write_contract(folder, text)


def planned(file: Path, *arguments: object) -> dict[str, Any]:
    view: dict[str, Any] = json.loads(call("plan", file, "--json", *arguments).output)
    return view


def harm(view: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in view["rollout"]["situations"] if s["check"])
    return found


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_plan_says_how_the_rollout_goes_and_what_each_share_finds(tmp_path: Path) -> None:
    view = planned(contract(tmp_path), "--units-per-day", "6000")
    names = [s["situation"] for s in view["rollout"]["situations"]]
    assert names == ["no_change", "gain", "harm"]
    for one in view["rollout"]["situations"]:
        calls = [one[name]["value"] for name in ("ship", "no_ship", "roll_back", "late")]
        assert sum(calls) == pytest.approx(1)
    found = harm(view)
    assert found["effect"] == pytest.approx(0.04)
    assert found["found"]["value"] > 0.9
    assert found["by_day"] == sorted(found["by_day"])
    assert len(found["by_day"]) == view["rollout"]["days"] == 10
    first = found["shares"][0]
    assert first["share"] == 0.01
    assert first["candidates"] == pytest.approx(first["units"] * 0.01)
    assert first["found"]["value"] < 0.1
    assert view["rollout"]["blind"] == []


def test_a_blind_rollout_is_said_first_with_what_would_help(tmp_path: Path) -> None:
    said = call("plan", contract(tmp_path), "--units-per-day", "100").output
    part = flat(said[said.index("\nrollout") :])
    assert part.startswith("rollout - A harm of 2 margins is found within 10 days less often than")
    assert "rollout.kept" in part
    assert "times the units a day" in part
    assert part.count("A harm of 2 margins is found within 10 days less often than") == 2
    assert "new units a day 100 (as stated)" in part
    assert "share of units with the event 0.1 (assumed)" in part
    assert "With half of every assumed rate or spread" in part


@pytest.mark.slow
def test_a_plan_of_a_rollout_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    arguments = ("plan", contract(tmp_path), "--units-per-day", "500", "--json")
    assert call(*arguments).output == call(*arguments).output


def test_units_promised_of_the_exposures_are_spread_over_the_days(tmp_path: Path) -> None:
    file = contract(tmp_path, '{ path = "exposures.csv", expect = { units = 5_000 } }')
    taken = {one["what"]: one for one in planned(file)["rollout"]["assumed"]}
    assert taken["new units a day"] == {
        "about": "rollout",
        "what": "new units a day",
        "value": 500.0,
        "source": "contract",
    }


def test_without_units_a_day_nothing_is_drawn_and_the_plan_says_so(tmp_path: Path) -> None:
    file = contract(tmp_path)
    view = planned(file)
    assert view["rollout"]["situations"] == []
    assert "--units-per-day" in view["rollout"]["unknown"]
    assert "Days and chances of the rollout are not known" in flat(call("plan", file).output)
    assert "Days and chances of the rollout are not known" in html_report(view)


def test_a_plan_without_a_gate_praises_nothing(tmp_path: Path) -> None:
    text = contract(tmp_path).read_text("utf-8")
    start, end = text.index("[[check]]"), text.index("[rollout]")
    file = write_contract(tmp_path, text[:start] + text[end:])
    assert code("plan", file, "--svg", tmp_path / "nothing.svg") == 2
    call("plan", file, "--units-per-day", "3000", "--svg", tmp_path / "found.svg")
    assert "Chance to have found each harm" in (tmp_path / "found.svg").read_text("utf-8")
    said = flat(call("plan", file).output)
    assert "passes more often than not" not in said
    assert "Whether the rollout would find its harms is not known." in said


def test_a_contract_without_a_rollout_has_no_part_on_it(tmp_path: Path) -> None:
    view = planned(write_contract(tmp_path, scores_contract(400, bar="better_by = 0.02")))
    assert view["rollout"] is None
    assert rollout_sentences(view) == []
    assert rollout_tables(view) == []


def test_the_page_shows_when_each_harm_is_found(tmp_path: Path) -> None:
    page = html_report(planned(contract(tmp_path), "--units-per-day", "3000"))
    assert "Chance that the harm was found" in page
    assert "found before it is left" in page
    assert re.search(r"rollout\.kept: (&gt; )?\d+ % within 10 days\.", page)


def test_a_seal_refuses_a_rollout_that_would_miss_its_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = contract(tmp_path)
    assert code("seal", file, "--units-per-day", "100") == 2
    said = flat(capsys.readouterr().err)
    assert "would hardly find its harms" in said
    assert "rollout.kept" in said
    assert "even with half or twice of what is assumed" in said
    assert "--even-so" in said
    sealed = call("seal", file, "--units-per-day", "100", "--even-so", "we are small", "--json")
    form = json.loads(sealed.output)["feasibility"]
    assert form["even_so"] == "we are small"
    assert form["taken"]["units_per_day"] == 100.0
    (one,) = form["rollout"]["harms"]
    assert one["check"] == "rollout.kept"
    assert one["found"]["high"] < 0.5
    verdict = flat(call("gate", file).output)
    assert "The rollout would find a harm of 2 margins in rollout.kept within 10 days" in verdict
    assert "we are small" in verdict


def test_a_seal_of_a_rollout_that_finds_its_harm_records_the_chance(tmp_path: Path) -> None:
    said = call("seal", contract(tmp_path), "--units-per-day", "3000").output
    assert "rollout  finds rollout.kept in" in said


def test_a_seal_without_units_a_day_says_that_nothing_was_assessed(tmp_path: Path) -> None:
    file = contract(tmp_path)
    assert "rollout  not assessed: nobody says how many new units" in call("seal", file).output
    verdict = flat(call("gate", file).output)
    assert "Whether the rollout would find its harms was not assessed." in verdict


def test_what_cannot_be_measured_is_never_planned_as_a_pass(tmp_path: Path) -> None:
    """A quantile is left out and named; a rollout of nothing else has no chances."""
    slow = CHECKS.replace('metric = "kept"', 'metric = "p99"').replace(
        'metric = "good"\nbetter_by = 0.0', 'metric = "p99"\nbetter_by = 0.0'
    )
    text = contract(tmp_path, rest=slow).read_text("utf-8")
    metric = (
        'p99 = { level = "operations", better = "lower", kind = "quantile", q = 0.99, '
        'window = "1h" }\n'
    )
    file = write_contract(tmp_path, text.replace("[metric]\n", f"[metric]\n{metric}"))
    view = planned(file, "--units-per-day", "1000")
    assert "no check that can be drawn" in view["rollout"]["unknown"]
    assert [one["check"] for one in view["rollout"]["left_out"]] == ["rollout.good", "rollout.kept"]


def written(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def pilot(folder: Path, units: int = 400) -> None:
    """An earlier rollout at 50 %: one in four of the baseline's units kept."""
    rng = np.random.default_rng(6)
    begin = datetime(2026, 9, 1, tzinfo=UTC)
    exposures: list[dict[str, object]] = []
    outcomes: list[dict[str, object]] = []
    for number in range(units):
        at = begin + timedelta(minutes=10 * number)
        arm = "candidate" if rng.random() < 0.5 else "baseline"
        unit = {"item": f"u{number}"}
        exposures.append({**unit, "arm": arm, "stage": "a", "share": 0.5, "at": at.isoformat()})
        for metric, rate in (("kept", 0.25), ("good", 0.6)):
            value = int(rng.random() < rate)
            soon = (at + timedelta(minutes=5)).isoformat()
            outcomes.append({**unit, "metric": metric, "value": value, "at": soon})
    later = (begin + timedelta(days=30)).isoformat()
    last = {"item": "last"}
    exposures.append({**last, "arm": "baseline", "stage": "a", "share": 0.5, "at": later})
    outcomes += [{**last, "metric": name, "value": 0, "at": later} for name in ("kept", "good")]
    written(folder / "last_exposures.csv", exposures)
    written(folder / "last_outcomes.csv", outcomes)


@pytest.mark.slow
def test_a_pilot_says_what_units_of_the_baseline_do(tmp_path: Path) -> None:
    pilot(tmp_path)
    view = planned(
        contract(tmp_path),
        *("--units-per-day", "3000"),
        *("--pilot", "exposures=last_exposures.csv", "--pilot", "outcomes=last_outcomes.csv"),
    )
    taken = {one["about"]: one for one in view["rollout"]["assumed"]}
    assert taken["kept"]["source"] == taken["good"]["source"] == "pilot"
    assert taken["kept"]["value"] == pytest.approx(0.25, abs=0.1)
    assert taken["good"]["value"] == pytest.approx(0.6, abs=0.1)
    assert view["rollout"]["sensitivity"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pilot", "outcomes=last_outcomes.csv"), "Bring both"),
        (("--units-per-day", "-3"), "is not a number above 0"),
    ],
)
def test_what_cannot_be_taken_of_a_rollout_is_refused(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pilot(tmp_path, 40)
    file = contract(tmp_path)
    assert code("plan", file, *arguments) == 2
    assert said in capsys.readouterr().err
    assert code("seal", file, *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_pilot_that_is_too_small_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pilot(tmp_path, 10)
    both = ("--pilot", "exposures=last_exposures.csv", "--pilot", "outcomes=last_outcomes.csv")
    assert code("plan", contract(tmp_path), *both) == 2
    assert "20 units of the baseline" in capsys.readouterr().err
