"""`shipcall trial certify`: what it prints, writes and exits with."""

import json
from pathlib import Path
from typing import Any

import pytest

from shipcall.app import certify as app
from shipcall.cli.main import run

ROW = "share of one model, 5 %, n = 300"
FEW = ["trial", "certify", "--only", ROW, "--runs", "20", "--processes", "1"]


@pytest.mark.slow
def test_certify_prints_a_table_and_writes_the_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*FEW, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert f"| {ROW} | proportion at_most | 20 |" in printed.out
    assert printed.err == (
        f"wrote {tmp_path / 'certificate.md'} and {tmp_path / 'certificate.json'}\n"
    )
    page = (tmp_path / "certificate.md").read_text(encoding="utf-8")
    assert page.endswith(printed.out.removesuffix("\n"))
    form = json.loads((tmp_path / "certificate.json").read_text(encoding="utf-8"))
    assert [row["runs"] for row in form["rows"]] == [20]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "certificate.json",
        "certificate.md",
    ]
    assert run([*FEW, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["rows"][0]["rates"] == form["rows"][0]["rates"]


def test_a_refuted_promise_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuted(*_given: Any, **_options: Any) -> dict[str, Any]:
        return {"text": "the table", "refuted": ["a row"]}

    monkeypatch.setattr(app, "certify_rows", refuted)
    assert run(FEW) == 1
    assert capsys.readouterr().out == "the table\n"


def test_costs_are_said_before_anything_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*FEW, "--estimate"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(f"s  Shares of one model: {ROW}; proportion at_most")
    assert lines[1].endswith("minutes in all on 1 processes")
    assert run([*FEW, "--estimate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["processes"] == 1


def test_a_row_that_is_not_there_is_an_error_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trial", "certify", "--only", "nonsense"]) == 2
    assert (
        "no row of the certificate has 'nonsense' in its name. Groups:" in capsys.readouterr().err
    )


def test_only_rows_that_an_earlier_certificate_lacks_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    one = ["trial", "certify", "--runs", "3", "--processes", "1", "--only"]
    run([*one, "one model, 5 %, n = 20;", "--out", str(first)])
    beside = ["--beside", str(first / "certificate.json")]
    run([*one, "one model, 5 %", *beside, "--out", str(second)])
    form = json.loads((second / "certificate.json").read_text(encoding="utf-8"))
    assert [row["population"] for row in form["rows"]] == [
        f"share of one model, 5 %, n = {n}" for n in ("20", "50", "300", "2,000")
    ]
    capsys.readouterr()
    assert run([*one, "one model, 5 %, n = 20;", *beside]) == 2
    assert "has every row that was asked for" in capsys.readouterr().err
    assert run([*one, "one model", "--beside", str(tmp_path / "none.json")]) == 2
    assert "is no certificate.json" in capsys.readouterr().err
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")
    assert run([*one, "one model", "--beside", str(tmp_path / "none.json")]) == 2
