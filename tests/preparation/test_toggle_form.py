"""A default: what it costs each slice holds against arithmetic, and its record has no gaps."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shipcall.core import UsageError
from shipcall.preparation.forms.toggle import (
    TRIED,
    Curve,
    Dial,
    ToggleAnswer,
    draw_dial,
    scenes,
    score_toggle,
)

CURVE = Curve(name="one", units=10, gain=2.0, speed=1.0, harm=1.0, power=2.0)


def test_a_curve_starts_at_nothing_and_ends_at_gain_less_harm() -> None:
    """At half: 2 (1 - e^-0.5) / (1 - e^-1) - 1/4 = 0.994918…, by hand."""
    found = CURVE.worth(np.array([0.0, 50.0, 100.0]))
    half = 2 * (1 - math.exp(-0.5)) / (1 - math.exp(-1)) - 0.25
    assert found.tolist() == pytest.approx([0.0, half, 1.0])
    assert half == pytest.approx(0.994918, abs=1e-6)


def dial(*, personal: bool) -> Dial:
    """Two lines: one rises by 1 for each unit, the other falls by 3."""
    scene = next(one for one in scenes() if one.personal is personal)
    rises = replace(CURVE, name="rises", units=300, gain=2.0, speed=1e-9, harm=1.0, power=1.0)
    falls = replace(CURVE, name="falls", units=50, gain=1.0, speed=1e-9, harm=4.0, power=1.0)
    return Dial(seed=0, scene=scene, curves=(rises, falls), trial=())


SAID: dict[str, Any] = {
    "owner": "Ada",
    "changed_by": "every reader",
    "consent": "asked once, in a sentence",
    "way_out": "a switch",
    "revisit": {"metric": "leavers", "threshold": "2 %", "window": "28 days", "action": "halve it"},
}


def toggle(default: float, **told: Any) -> ToggleAnswer:
    return ToggleAnswer.model_validate({"default": default, **SAID, **told})


def test_a_default_costs_each_slice_what_its_own_best_is_better() -> None:
    """300 units gain 1 and 50 units lose 3 at 100: together 300 - 150, apart 300 + 0."""
    score = score_toggle(dial(personal=True), toggle(50))
    assert [one.worth for one in score.slices] == pytest.approx([150, -75])
    assert [one.loses for one in score.slices] == pytest.approx([150, 75])
    assert [one.best_setting for one in score.slices] == [100, 0]
    assert score.best_setting == 100
    assert score.best_common == pytest.approx(150)
    assert score.best_apart == pytest.approx(300)
    assert score.loses == pytest.approx(75)
    assert score.share == pytest.approx(0.5)
    assert [(one.rule, one.path) for one in score.lints] == [("slice-harmed", "default")]


def test_a_default_for_each_slice_can_beat_any_that_is_the_same_for_all() -> None:
    score = score_toggle(dial(personal=True), toggle(100, own={"falls": 0}))
    assert score.worth == pytest.approx(score.best_apart)
    assert score.loses == pytest.approx(-150)
    assert not score.lints


def test_a_default_for_a_slice_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no slice 'planners'"):
        score_toggle(dial(personal=True), toggle(100, own={"planners": 0}))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"owner": ""}, ("no-owner", "owner")),
        ({"changed_by": "tbd"}, ("nobody-changes", "changed_by")),
        ({"revisit": {**SAID["revisit"], "metric": ""}}, ("no-revisit", "revisit.metric")),
        ({"revisit": {**SAID["revisit"], "window": "soon"}}, ("no-number", "revisit.window")),
        ({"consent": ""}, ("no-consent", "consent")),
        ({"way_out": ""}, ("no-way-out", "way_out")),
    ],
)
def test_each_gap_of_a_record_is_found(told: dict[str, Any], found: tuple[str, str]) -> None:
    score = score_toggle(dial(personal=True), toggle(0, **told))
    assert [(one.rule, one.path) for one in score.lints] == [found]


def test_consent_is_asked_for_only_where_data_of_persons_is_read() -> None:
    bare = toggle(0, consent="", way_out="")
    assert not score_toggle(dial(personal=False), bare).lints
    assert len(score_toggle(dial(personal=True), bare).lints) == 2


def test_a_trial_holds_the_curve_in_nine_of_ten_intervals() -> None:
    """90 % intervals of 8 settings in 250 drawings; 4 binomial errors of 0.0067 around."""
    held = [
        one.low <= float(curve.worth(np.array(one.setting))) <= one.high
        for seed in range(250)
        for drawn in [draw_dial(seed)]
        for one in drawn.trial
        for curve in drawn.curves
        if curve.name == one.slice
    ]
    assert len(held) == 250 * 2 * len(TRIED)
    assert float(np.mean(held)) == pytest.approx(0.9, abs=0.027)
