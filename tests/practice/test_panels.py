"""Panels show evidence and leave its reading to the person."""

import json
from pathlib import Path

import pytest

from shipcall.core import Action, Role, Standing, UsageError, canonical_bytes
from shipcall.practice.case import Case, load_case, open_case
from shipcall.practice.panels import brief, judge_case, panel
from shipcall.release.judge import Judgement


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("hidden-slice")


@pytest.fixture(scope="module")
def judgement(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    return judge_case(case, open_case(case, tmp_path_factory.mktemp("play")))


def test_every_panel_can_be_shown_and_written_as_json(case: Case, judgement: Judgement) -> None:
    for spec in case.panels:
        shown = panel(case, judgement.facts, spec.name)
        assert shown["rows" if "rows" in shown else "text"]
        assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_no_panel_says_where_a_number_stands_or_what_is_true(
    case: Case, judgement: Judgement
) -> None:
    truth = case.truth
    hidden = [truth.cause, truth.rule, truth.what_next, truth.benign, *truth.questions]
    hidden += [standing.value for standing in Standing] + [Action.NO_SHIP.value, "standing"]
    for name in (*(spec.name for spec in case.panels), "flips:language=pt"):
        told = json.dumps(panel(case, judgement.facts, name))
        assert not [words for words in hidden if words in told]


@pytest.mark.parametrize("name", ["headline", "checks", "sanity", "notes"])
def test_only_who_asks_for_slices_hears_of_the_broken_one(
    case: Case, judgement: Judgement, name: str
) -> None:
    told = json.dumps(panel(case, judgement.facts, name))
    assert str(case.truth.slice) not in told
    assert "ortug" not in told
    assert "pt" not in told.split('"')


def test_the_slices_panel_names_every_slice_alike(case: Case, judgement: Judgement) -> None:
    """Five languages, four channels and two tiers, in order of name and not of trouble."""
    named = [row["slice"] for row in panel(case, judgement.facts, "slices")["rows"]]
    assert len(named) == 11
    assert named == sorted(named)


def test_the_broken_slice_matches_a_plain_count(case: Case, judgement: Judgement) -> None:
    """Counted from the file with awk: 387 tickets, 102 lost, 34 gained: -68 / 387."""
    rows = {row["slice"]: row for row in panel(case, judgement.facts, "slices")["rows"]}
    found, flips = rows["language=pt"], panel(case, judgement.facts, "flips:language=pt")
    assert found["units"] == flips["tickets"] == 387
    assert found["difference"] == pytest.approx(-68 / 387)
    assert (flips["only_baseline_right"], flips["only_candidate_right"]) == (102, 34)


def test_a_slice_that_is_too_small_says_so_instead_of_a_number(
    case: Case, judgement: Judgement
) -> None:
    rows = {row["slice"]: row for row in panel(case, judgement.facts, "slices")["rows"]}
    assert rows["channel=phone"]["difference"] is None
    assert "87 of 150" in rows["channel=phone"]["no_data"]


def test_everything_that_is_measured_on_all_tickets_looks_fine(
    case: Case, judgement: Judgement
) -> None:
    """Otherwise the case would need no slices."""
    aggregate = [
        f
        for f in judgement.verdict.findings
        if f.check.role in (Role.GOAL, Role.GUARDRAIL) and not f.check.slice.pairs
    ]
    assert len(aggregate) == 3
    assert all(f.standing is Standing.CLEAR for f in aggregate)
    (accuracy, *_) = panel(case, judgement.facts, "headline")["rows"]
    assert accuracy["low"] > 0


def test_the_flips_of_the_broken_slice_show_what_went_wrong(
    case: Case, judgement: Judgement
) -> None:
    shown = panel(case, judgement.facts, "flips:language=pt")["rows"]
    lost = [row for row in shown if row["baseline"] == row["label"]]
    assert sum(row["candidate"] == "other" for row in lost) > len(lost) / 2


def test_flips_of_a_slice_that_is_not_there_are_refused(case: Case, judgement: Judgement) -> None:
    with pytest.raises(UsageError, match="language=pt"):
        panel(case, judgement.facts, "flips:language=nl")


def test_the_same_case_is_judged_and_shown_in_the_same_bytes(
    case: Case, judgement: Judgement, tmp_path: Path
) -> None:
    again = judge_case(case, open_case(case, tmp_path / "again"))
    assert canonical_bytes(again.facts) == canonical_bytes(judgement.facts)
    for spec in case.panels:
        one, two = (panel(case, j.facts, spec.name) for j in (judgement, again))
        assert canonical_bytes(one) == canonical_bytes(two)


def test_the_brief_states_the_worth_of_every_call_and_the_price_of_every_panel(case: Case) -> None:
    told = brief(case)
    assert told["values"]["SHIP"] == {"sound": 10, "broken": -40}
    assert {p["name"]: p["minutes"] for p in told["panels"]}["slices"] == 3
