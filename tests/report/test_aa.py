"""The words of an A/A: a line beside a verdict, a warning, and the whole on a screen."""

from typing import Any

import pytest

from shipcall.report.aa import aa_line, aa_warning, percent
from shipcall.report.terminal import render


def share(value: float, low: float, high: float, n: int) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "n": n}


def counts(judged: int, blocked: int, measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "judged": judged,
        "blocked": blocked,
        "goals_refuted": 0,
        "untrusted": 0,
        "calls": {"HOLD": judged - blocked, "NO SHIP": blocked},
        "breached": {"gate.kept": blocked} if blocked else {},
        "absent": {},
        "doubts": {},
        "share": measured,
    }


def measured(**how: Any) -> dict[str, Any]:
    drift = {"metric": "right", "varies": True, "values": [0.7, 0.72, 0.71, 0.7], "p_value": 0.4}
    return {
        "kind": "aa",
        "subject": "r1",
        "release": "r1",
        "at": "2026-11-21T09:00:00Z",
        "void": [],
        "promised": 0.05,
        "answer": "kept",
        "why": "",
        "left_out": [],
        "conditions": {"suite": {"table": "scores", "items": 2_000}},
        "replicates": {"runs": ["a", "b", "c", "d"]},
        "whole": counts(12, 0, share(0.0, 0.0, 0.7763932, 2)),
        "within": counts(1_000, 29, share(0.029, 0.0209, 0.0393, 1_000)),
        "drifts": [{**drift, "apart": False}],
        **how,
    }


def test_the_line_says_both_rates() -> None:
    assert aa_line(measured(), "r1") == (
        "A/A of 2026-11-21: 0 of 12 pairs of 4 runs blocked (at most 78 % at 95 %); within items "
        "2.9 % of 1,000 (promised at most 5 %)."
    )


def test_the_line_names_another_release() -> None:
    assert aa_line(measured(), "r2").startswith("A/A of 2026-11-21 on r1: ")


def test_a_void_one_says_why_and_no_rate() -> None:
    void = measured(void=["the judge changed since (scorer a -> b)"])
    said = aa_line(void, "r1")
    assert said == (
        "A/A of 2026-11-21 is void: the judge changed since (scorer a -> b). "
        "Measure it again: shipcall trial aa."
    )
    assert aa_warning({**void, "answer": "refuted"}) is None


def test_an_empty_one_never_looks_like_a_rate_of_zero() -> None:
    empty = measured(answer="empty", why="no guardrail had data in any run")
    assert aa_line(empty, "r1") == (
        "A/A of 2026-11-21 says nothing: no guardrail had data in any run."
    )
    assert "This is no evidence that the gate is right." in render(empty)


@pytest.mark.parametrize("answer", ["kept", "open", "empty"])
def test_only_what_is_refuted_or_drifts_is_warned_of(answer: str) -> None:
    assert aa_warning(measured(answer=answer)) is None


def test_a_refuted_rate_is_warned_of_with_its_low_end() -> None:
    inner = counts(1_000, 120, share(0.12, 0.1035, 0.1382, 1_000))
    said = aa_warning(measured(answer="refuted", within=inner))
    assert said is not None
    assert "in 12 % of draws within items (at least 10 % at 95 %)" in said
    assert "at most 5 % are promised" in said


def test_the_screen_ends_with_what_counts_and_fits() -> None:
    text = render(measured(), width=80, unicode=False)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(text.split()).endswith("nothing says that whole runs differ by more.")
    assert "29 of 1,000 draws blocked: 2.9 %, from 2.1 % to 3.9 %." in text


@pytest.mark.parametrize(("value", "said"), [(0.0, "0 %"), (0.05, "5 %"), (0.00299, "0.3 %")])
def test_shares_have_two_digits(value: float, said: str) -> None:
    assert percent(value) == said
