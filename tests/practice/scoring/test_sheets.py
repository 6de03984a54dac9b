"""The one door: a whole sheet, an empty one, a wrong one."""

import json
import math
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.tiny import PANELS, tiny_play
from shipcall.core import UsageError, plain
from shipcall.practice.scoring.sheets import score_sheet
from shipcall.practice.sheet import SelfEstimate, Sheet, TriggerAnswer

PLAY = tiny_play(3, truth=0)
FULL = Sheet(
    option="back",
    causes={"rot": 0.8, "sound": 0.15, "log": 0.05},
    claims={"worse": 0.8, "logging": 0.05},
    forecast=(0.0, 0.1, 0.2, 0.4, 0.3),
    trigger=TriggerAnswer(scope="all", bar=1.0, window_days=3),
    size=80,
    reason="Mails lost rose by 2 pp; we take it back.",
    estimate=SelfEstimate(loss_below=0.05, probability=0.9),
)


def test_a_whole_sheet_is_scored_in_every_part() -> None:
    score = score_sheet(PLAY, FULL, ["effect", "changes"])
    assert score.unanswered == []
    assert score.decision.grade == "best"
    assert score.estimate is not None
    assert score.estimate.so
    assert score.contract is None
    for part in (score.causes, score.forecast, score.trigger, score.size, score.reason):
        assert part is not None
    assert [claim.name for claim in score.claims] == ["worse", "logging"]


def test_what_is_left_open_is_named_and_scores_nothing() -> None:
    score = score_sheet(PLAY, Sheet(), [])
    assert score.unanswered == [
        "option",
        "causes",
        "claims",
        "forecast",
        "trigger",
        "size",
        "reason",
        "estimate",
    ]
    assert score.decision.loss_share == 1.0
    assert score.claims == []
    for part in (score.causes, score.forecast, score.trigger, score.size, score.reason):
        assert part is None
    assert score_sheet(PLAY, replace(FULL, claims={"worse": 0.5}), []).unanswered == ["claims"]


def test_parts_that_the_case_does_not_ask_are_not_missed() -> None:
    play = tiny_play(3, claim=[], forecast=None, trigger=None, size=None)
    asked = score_sheet(play, Sheet(), []).unanswered
    assert asked == ["option", "causes", "reason", "estimate"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = Sheet(
        option="wait",
        causes={"moon": 0.5, "rot": 1.5},
        claims={"worse": math.nan},
        forecast=(1.0, -1.0),
        trigger=TriggerAnswer(scope="mars", bar=math.inf, window_days=99),
        size=0,
        estimate=SelfEstimate(loss_below=2.0, probability=0.5),
    )
    with pytest.raises(UsageError) as raised:
        score_sheet(PLAY, wrong, ["crystal ball"])
    for told in (
        "unknown panel 'crystal ball'",
        "unknown option 'wait'; there are: advance, hold, back",
        "unknown cause 'moon'",
        "cause 'rot' has the probability 1.5; it lies between 0 and 1",
        "claim 'worse' has the probability nan",
        "a forecast of 2 bins; there are 5",
        "bins of a forecast hold probabilities",
        "unknown scope 'mars'",
        "the bar of the trigger is inf",
        "a window of 99 days; it is from 1 to 10",
        "a size of 0",
        "an estimate of a loss below 2",
    ):
        assert told in str(raised.value)


def test_causes_without_any_chance_are_refused() -> None:
    with pytest.raises(UsageError, match="one of them is so"):
        score_sheet(PLAY, Sheet(causes={"rot": 0, "sound": 0, "log": 0}), [])


def test_the_same_play_sheet_and_panels_give_the_same_score() -> None:
    one, other = (plain(score_sheet(tiny_play(3, truth=0), FULL, ["effect"])) for _ in range(2))
    assert json.dumps(one, allow_nan=False) == json.dumps(other, allow_nan=False)


def test_a_panel_opened_twice_counts_once() -> None:
    twice = score_sheet(PLAY, FULL, ["effect", "notes", "effect"])
    assert twice == score_sheet(PLAY, FULL, ["effect", "notes"])


def test_a_sheet_is_scored_within_two_seconds() -> None:
    began = time.perf_counter()
    score_sheet(PLAY, FULL, ["effect"])
    assert time.perf_counter() - began < 2


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(PANELS[1:4]))
def test_the_order_of_panels_changes_the_pace_alone(order: list[str]) -> None:
    one, other = score_sheet(PLAY, FULL, order), score_sheet(PLAY, FULL, PANELS[1:4])
    looked = replace(one.looking, opened=other.looking.opened, pace=other.looking.pace)
    alike = replace(one, looking=replace(looked, bits=other.looking.bits))
    assert one.looking.bits == pytest.approx(other.looking.bits)
    assert alike.decision == other.decision
    assert (alike.claims, alike.forecast, alike.trigger) == (
        other.claims,
        other.forecast,
        other.trigger,
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_call_never_scores_better_than_any_call(seed: int) -> None:
    play = tiny_play(seed)
    none = score_sheet(play, Sheet(), []).decision
    for option in play.case.option:
        made = score_sheet(play, Sheet(option=option.name), []).decision
        assert made.loss_share <= none.loss_share
        assert made.hindsight <= none.hindsight
