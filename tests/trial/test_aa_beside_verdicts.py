"""An A/A stands beside later verdicts, is void once its conditions change, and moves no call."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from builders import write_contract
from shipcall.app.export import export_text
from shipcall.app.ledger import verify_ledger
from shipcall.app.release import judge_release, recorded_view, seal_release
from shipcall.app.trial import aa_release
from shipcall.cli.main import run, shipcall
from shipcall.core import UsageError
from shipcall.core.canonical import canonical_bytes
from trial.replicated import contract_text, graded, write_release, write_runs

UNITS = 200
WHEN = "2100-01-01T00:00:00Z"
Rows = list[dict[str, Any]]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A contract with its evidence and three runs of the baseline beside it."""
    write_runs(tmp_path / "runs", 3, UNITS)
    rng = np.random.default_rng(9)
    write_release(tmp_path, graded(rng, UNITS), graded(rng, UNITS, shift=0.05))
    return write_contract(tmp_path, contract_text(UNITS))


def measured(file: Path, **how: Any) -> dict[str, Any]:
    runs = sorted((file.parent / "runs").glob("*.csv"))
    return aa_release(file, runs, **{"draws": 100, **how})


def line(file: Path) -> str:
    """What the next verdict says of the A/A; empty where it says nothing."""
    aa = judge_release(file, "gate", at=WHEN).view["aa"]
    return aa["text"] if aa else ""


def test_a_verdict_without_an_aa_says_nothing_of_it(release: Path) -> None:
    assert line(release) == ""


def test_the_line_has_both_rates_with_their_bounds(release: Path) -> None:
    made = measured(release)
    assert line(release) == (
        f"A/A of {made['at'][:10]}: 0 of 6 pairs of 3 runs blocked (at most 95 % at 95 %); "
        "within items 0 % of 100 (promised at most 5 %)."
    )


def test_the_bytes_of_the_verdict_do_not_know_of_it(release: Path) -> None:
    before = judge_release(release, "gate", at=WHEN)
    measured(release)
    after = judge_release(release, "gate", at=WHEN)
    assert canonical_bytes(before.facts) == canonical_bytes(after.facts)
    assert before.json["envelope"]["aa"] is None
    assert after.json["envelope"]["aa"]["release"] == "r1"
    assert before.view["call"] == after.view["call"]


def test_the_ledger_verifies_and_its_entry_names_contract_and_runs(release: Path) -> None:
    made = measured(release)
    assert verify_ledger(release, made["ledger"]["head"])["problems"] == []
    assert made["contract"] == judge_release(release, "gate").facts["contract"]["sha256"]
    assert made["replicates"]["runs"] == ["run-0.csv", "run-1.csv", "run-2.csv"]
    assert len(set(made["replicates"]["files"].values())) == 3
    assert made["conditions"]["suite"]["items"] == UNITS


def test_the_next_release_of_the_family_may_use_it(release: Path) -> None:
    measured(release)
    release.write_text(contract_text(UNITS, release="r2"), encoding="utf-8")
    assert " on r1: 0 of 6 pairs" in line(release)


def rewritten(**how: Any) -> Callable[[Path], None]:
    """Write the evidence of the release again, otherwise."""

    def write(file: Path) -> None:
        rng = np.random.default_rng(9)
        units = how.pop("units", UNITS)
        write_release(file.parent, graded(rng, units, **how), graded(rng, units, **how))

    return write


def promised(**how: Any) -> Callable[[Path], None]:
    """Write the contract again, otherwise."""

    def write(file: Path) -> None:
        file.write_text(contract_text(UNITS, **how), encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (rewritten(units=UNITS + 1), "the items changed since (200 -> 201)"),
        (rewritten(columns={"item_hash": "same"}), "the items changed since (content "),
        (
            rewritten(columns={"scorer": "judge 2"}),
            "the judge changed since (scorer judge 1 -> judge 2)",
        ),
        (promised(scorer="judge 2"), "the judge changed since (scorer judge 1 -> judge 2)"),
        (promised(may_lose=0.11), "what the gate promises changed since (configuration "),
    ],
    ids=["items", "content", "scorer seen", "scorer stated", "configuration"],
)
def test_it_is_void_once_its_conditions_change(
    release: Path, change: Callable[[Path], None], said: str
) -> None:
    measured(release)
    change(release)
    text = line(release)
    assert "is void: " in text
    assert said in text
    assert "blocked" not in text


def test_an_older_one_that_holds_is_used_before_a_newer_one_that_is_void(release: Path) -> None:
    measured(release)
    before = release.read_text(encoding="utf-8")
    release.write_text(contract_text(UNITS, may_lose=0.2), encoding="utf-8")
    measured(release)
    release.write_text(before, encoding="utf-8")
    assert "0 of 6 pairs" in line(release)


def test_one_of_another_family_is_not_mentioned(release: Path) -> None:
    measured(release)
    text = contract_text(UNITS, release="other", may_lose=0.2, scorer="judge 2")
    release.write_text(text, encoding="utf-8")
    assert line(release) == ""


def test_a_drift_is_warned_of_where_limits_are_named(release: Path, tmp_path: Path) -> None:
    write_runs(tmp_path / "runs", 5, UNITS, drift=0.2)
    release.write_text(contract_text(UNITS, may_lose=0.01), encoding="utf-8")
    made = measured(release)
    assert made["answer"] == "apart"
    judged = judge_release(release, "gate", at=WHEN)
    warnings = [text for text in judged.view["not_assessed"] if text.startswith("A/A of")]
    assert len(warnings) == 1
    assert "differ as wholes: right (p = 0.0005)" in warnings[0]
    assert warnings[0] not in judged.facts["not_assessed"]


def test_every_report_has_the_line(release: Path) -> None:
    measured(release)
    seal_release(release)
    said = line(release)
    assert recorded_view(release)["aa"]["text"] == said
    for kind in ("html", "markdown"):
        assert said.split(";")[0] in export_text(kind, release, None)
    shown = CliRunner().invoke(shipcall, ["gate", str(release)]).output
    assert said in " ".join(shown.split())


def test_a_contract_whose_gate_reads_two_tables_asks_which(release: Path) -> None:
    text = contract_text(UNITS).replace("[metric]\n", 'predictions = "p.csv"\n[metric]\nacc = '
                                        '{ level = "model", kind = "accuracy" }\n')  # fmt: skip
    text += '[[check]]\nid = "gate.acc"\nstage = "gate"\nrole = "guardrail"\nmetric = "acc"\n'
    release.write_text(text + "may_lose = 0.1\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"several tables: scores, predictions.*--table scores"):
        measured(release)
    with pytest.raises(UsageError, match="there is no A/A of rankings"):
        measured(release, table="rankings")
    made = measured(release, table="scores")
    assert made["left_out"] == ["predictions"]
    assert "without the checks on predictions" in line(release)


def test_the_command_prints_what_it_recorded(release: Path) -> None:
    runs = [str(path) for path in sorted((release.parent / "runs").glob("*.csv"))]
    arguments = ["trial", "aa", str(release), *runs, "--draws", "100"]
    shown = CliRunner().invoke(shipcall, arguments, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "0 of 6 ordered pairs blocked" in shown.stdout
    assert "recorded: ledger head" in shown.stderr
    view = json.loads(CliRunner().invoke(shipcall, [*arguments, "--json"]).stdout)
    assert view["within"]["judged"] == 100
    assert view["answer"] == "kept"


def test_the_command_exits_with_3_on_what_is_no_replicate(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trial", "aa", str(release), str(release.parent / "runs" / "run-0.csv")]) == 3
    assert "E220" in capsys.readouterr().err
