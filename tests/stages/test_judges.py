"""Judges at the gate: whose word makes a call, and what is shown of those who compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import HEAD, run_gate, standing, write_csv
from shipcall.core import Action, Verdict
from shipcall.release.judge import Judgement

METRICS = """
[evidence]
preferences = {{ path = "p.csv", expect = {{ units = {units} }}{more} }}
[metric]
wins = {{ level = "model", kind = "{kind}"{options} }}
[[check]]
id = "gate.wins"
stage = "gate"
role = "goal"
metric = "wins"
at_least = 0.5
"""
PROVEN = ", judge_agreement = 0.5"


def contract(
    units: int, *, kind: str = "win_rate", options: str = "", more: str = "", rest: str = ""
) -> str:
    return HEAD + METRICS.format(units=units, kind=kind, options=options, more=more) + rest


def comparisons(items: int, *, right: float, better: float, asked: int) -> list[dict[str, Any]]:
    """A judge in both orders of every item, people on the first `asked`.

    What is so favours the candidate with chance `better`; the judge says it with chance `right`,
    else the candidate.
    """
    rng = np.random.default_rng(items + asked)
    rows = []
    for i in range(items):
        truth = "fresh" if rng.random() < better else "old"
        said = truth if rng.random() < right else "fresh"
        shown = [("judge-a", "judge", said, order) for order in (0, 1)]
        if i < asked:
            shown += [(f"p{n}", "human", truth, int(rng.integers(2))) for n in range(2)]
        for rater, sort, winner, order in shown:
            first, second = ("old", "fresh")[order], ("fresh", "old")[order]
            rows.append(
                {
                    "item": f"q{i}",
                    "first": first,
                    "second": second,
                    "winner": "first" if winner == first else "second",
                    "rater": rater,
                    "rater_kind": sort,
                    "length_first": 100 + 50 * (first == winner),
                    "length_second": 100 + 50 * (second == winner) + i % 7,
                    "topic": "abc"[i % 3],
                }
            )
    return rows


def judged(folder: Path, text: str, rows: list[dict[str, Any]]) -> Judgement:
    write_csv(folder / "p.csv", rows)
    return run_gate(folder, text)


def verdict(folder: Path, text: str, rows: list[dict[str, Any]]) -> Verdict:
    return judged(folder, text, rows).verdict


def test_a_judge_that_people_bear_out_may_ship(tmp_path: Path) -> None:
    rows = comparisons(400, right=0.95, better=0.65, asked=150)
    assert verdict(tmp_path, contract(400, options=PROVEN), rows).call is Action.SHIP


def test_a_judge_whose_agreement_is_not_shown_holds(tmp_path: Path) -> None:
    """It names the candidate in 8 of 10 items; what is so is even."""
    rows = comparisons(400, right=0.4, better=0.5, asked=150)
    held = verdict(tmp_path / "a", contract(400, options=PROVEN), rows)
    assert held.call is Action.HOLD
    assert standing(held, "gate.wins") == "ABSENT"
    assert verdict(tmp_path / "b", contract(400), rows).call is Action.SHIP


@pytest.mark.parametrize("lost", ["people", "agreement"])
def test_taking_people_away_never_makes_a_judge_count(tmp_path: Path, lost: str) -> None:
    rows = comparisons(400, right=0.4, better=0.5, asked=150)
    kept = [
        row
        for i, row in enumerate(rows)
        if row["rater_kind"] == "judge" or (lost == "agreement" and i % 5 == 0)
    ]
    assert verdict(tmp_path, contract(400, options=PROVEN), kept).call is Action.HOLD


def test_people_set_the_judge_right(tmp_path: Path) -> None:
    rows = comparisons(1_000, right=0.5, better=0.35, asked=300)
    corrected = contract(1_000, kind="corrected_win_rate")
    assert verdict(tmp_path / "a", contract(1_000), rows).call is Action.SHIP
    assert verdict(tmp_path / "b", corrected, rows).call is Action.NO_SHIP
    judges_only = [row for row in rows if row["rater_kind"] == "judge"]
    assert verdict(tmp_path / "c", corrected, judges_only).call is Action.HOLD


def test_invalid_answers_hold_unless_some_were_allowed_for(tmp_path: Path) -> None:
    rows = comparisons(600, right=0.95, better=0.7, asked=0)
    for row in rows[::40]:
        row["winner"] = "invalid"
    held = verdict(tmp_path / "a", contract(600), rows)
    assert held.call is Action.HOLD
    assert standing(held, "sanity.preferences.lost") == "BREACH"
    allowed = contract(600, more=", max_missing = 0.03")
    assert verdict(tmp_path / "b", allowed, rows).call is Action.SHIP


def test_rows_about_other_models_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = comparisons(600, right=0.95, better=0.7, asked=0)
    others = [row | {"second": row["first"]} for row in rows[:7]]
    others += [row | {"first": "third"} for row in rows[:5] if row["second"] == "old"]
    seen = verdict(tmp_path, contract(600), rows + others)
    left_out = f"{len(others)} of {len(rows) + len(others):,} rows compare other models"
    assert any(left_out in sentence for sentence in seen.not_assessed)
    alone = verdict(tmp_path / "alone", contract(600), rows)
    assert (seen.call, alone.call) == (Action.SHIP, Action.SHIP)
    assert not any("compare other models" in sentence for sentence in alone.not_assessed)


def test_a_judge_that_names_one_place_is_a_fault_of_the_evidence(tmp_path: Path) -> None:
    rows = [row | {"winner": "first"} for row in comparisons(100, right=1, better=0.6, asked=0)]
    held = verdict(tmp_path, contract(100), rows)
    assert held.call is Action.HOLD
    assert standing(held, "sanity.preferences.constant") == "BREACH"


def test_slices_of_comparisons_are_judged_together(tmp_path: Path) -> None:
    rest = '[slices]\nby = ["topic"]\nmetric = "wins"\nmay_lose = "5pp"\n'
    rows = comparisons(900, right=0.95, better=0.7, asked=0)
    for row in rows:
        if row["topic"] == "c":
            row["winner"] = "first" if row["first"] == "old" else "second"
    seen = verdict(tmp_path, contract(900, rest=rest), rows)
    assert standing(seen, "slice.topic=a") == "CLEAR"
    assert standing(seen, "slice.topic=c") == "BREACH"
    assert seen.call is Action.NO_SHIP


def test_a_judge_without_a_promised_agreement_is_said_to_be_unproven(tmp_path: Path) -> None:
    rows = comparisons(100, right=0.95, better=0.7, asked=50)
    bare = verdict(tmp_path / "a", contract(100), rows).not_assessed
    assert any("no agreement with people was promised for wins" in said for said in bare)
    proven = verdict(tmp_path / "b", contract(100, options=PROVEN), rows).not_assessed
    assert not any("no agreement" in said for said in proven)


def test_the_card_says_what_is_known_of_judge_and_people(tmp_path: Path) -> None:
    """By construction: the judge says the same in both orders, as do two people of one item."""
    rows = comparisons(300, right=0.9, better=0.6, asked=120)
    shown = judged(tmp_path, contract(300), rows).facts["exhibits"]["preferences"]
    (card,) = shown["judges"]
    assert (card["rater"], card["comparisons"], card["items"]) == ("judge-a", 600, 300)
    assert card["swap"]["value"] == 1.0
    assert card["beside_people"] == 120
    assert card["agreement"]["low"] < card["agreement"]["value"] < card["agreed"]["value"]
    assert card["position"]["low"] < 0.5 < card["position"]["high"]
    assert card["length"]["low"] > 0
    assert card["again"]["absent"] == "no_rows"
    assert shown["people"]["raters"] == 2
    assert shown["people"]["alpha"]["absent"] == "constant"


def test_a_card_without_people_says_so(tmp_path: Path) -> None:
    rows = comparisons(60, right=0.9, better=0.6, asked=0)
    shown = judged(tmp_path, contract(60), rows).facts["exhibits"]["preferences"]
    assert shown["judges"][0]["agreement"]["absent"] == "no_rows"
    assert "people" not in shown


def test_only_the_judges_with_most_comparisons_have_cards(tmp_path: Path) -> None:
    rows = comparisons(40, right=0.9, better=0.6, asked=0)
    many = [row | {"rater": f"j{n}"} for n in range(8) for row in rows[: 80 - 2 * n]]
    shown = judged(tmp_path, contract(40), many).facts["exhibits"]["preferences"]
    assert [card["rater"] for card in shown["judges"]] == [f"j{n}" for n in range(6)]
    assert shown["unshown"] == 2
