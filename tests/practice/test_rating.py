"""Ratings: the worked example, its limits, and what damping and order must never do."""

import math
import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.plays import finished
from shipcall.practice.rating import (
    CASE_STEP,
    CHOSEN,
    GROUP_DEVIATION,
    SHOWN_BELOW,
    SPOT,
    Meeting,
    Strength,
    after,
    aged,
    band,
    moved,
    plays_until_shown,
    rate,
    result_of,
    weight_of,
)

TODAY = date(2026, 11, 21)
EXAMPLE = [
    Meeting(Strength(rating=1400, deviation=30), 1.0),
    Meeting(Strength(rating=1550, deviation=100), 0.0),
    Meeting(Strength(rating=1700, deviation=300), 0.0),
]

people = st.builds(
    Strength,
    rating=st.floats(1200, 1800),
    deviation=st.floats(50, 350),
)
meetings = st.builds(
    Meeting,
    st.builds(Strength, rating=st.floats(1300, 1700), deviation=st.floats(30, 200)),
    st.floats(0, 1),
    st.floats(0.05, 1),
)


def test_the_worked_example_of_the_paper_comes_out() -> None:
    """Glickman (2013), Example of the Glicko-2 system: 1464.06, RD 151.52, sigma 0.05999.

    The paper rounds in between; unrounded it is 1464.05.
    """
    found = after(Strength(rating=1500, deviation=200, volatility=0.06), EXAMPLE, tau=0.5)
    assert found.rating == pytest.approx(1464.06, abs=0.02)
    assert found.deviation == pytest.approx(151.52, abs=0.01)
    assert found.volatility == pytest.approx(0.05999, abs=0.00001)


def test_a_day_without_a_play_only_adds_doubt() -> None:
    """Step 6 of the paper: phi* = sqrt(phi^2 + sigma^2); 200 points are 1.1513, 0.06 added."""
    found = aged(Strength(deviation=200), 1)
    assert found.rating == 1500
    assert found.deviation == pytest.approx(173.7178 * math.hypot(1.1513, 0.06), abs=0.01)
    assert after(Strength(deviation=200), []) == found


def test_doubt_never_grows_beyond_that_of_a_stranger() -> None:
    assert aged(Strength(deviation=340), 10_000).deviation == 350


@given(people, st.lists(meetings, min_size=1, max_size=6), st.randoms())
def test_the_order_within_a_day_does_not_matter(
    person: Strength, met: list[Meeting], shuffled: random.Random
) -> None:
    other = list(met)
    shuffled.shuffle(other)
    one, two = after(person, met), after(person, other)
    assert one.rating == pytest.approx(two.rating, abs=1e-6)
    assert one.deviation == pytest.approx(two.deviation, abs=1e-6)


@given(people, st.lists(meetings, min_size=1, max_size=6))
def test_more_plays_leave_less_doubt(person: Strength, met: list[Meeting]) -> None:
    assert after(person, met, tau=1e-3).deviation < aged(person, 1).deviation
    assert after(person, met + met, tau=1e-3).deviation < after(person, met, tau=1e-3).deviation


@given(people, meetings, st.floats(0.05, 1))
def test_damping_never_enlarges_a_change(person: Strength, met: Meeting, factor: float) -> None:
    whole = after(person, [met])
    damped = after(person, [met._replace(weight=met.weight * factor)])
    assert abs(damped.rating - person.rating) <= abs(whole.rating - person.rating) + 1e-6
    assert damped.deviation >= whole.deviation - 1e-3


@given(people, st.lists(meetings, min_size=1, max_size=5), st.floats(0, 1))
def test_a_better_result_never_lowers_a_rating(
    person: Strength, met: list[Meeting], better: float
) -> None:
    """At a fixed volatility, which is what tau near 0 gives."""
    first, *rest = met
    raised = first._replace(result=max(first.result, better))
    low, high = after(person, met, tau=1e-3), after(person, [raised, *rest], tau=1e-3)
    assert high.rating >= low.rating - 1e-3


def test_half_of_a_blunder_is_half_a_result() -> None:
    assert [result_of(loss) for loss in (0.0, 0.1, 0.2, 0.7)] == pytest.approx([1, 0.5, 0, 0])


def test_a_loss_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.2 of the stake"):
        result_of(1.2)


def test_a_chosen_case_weighs_less_the_better_it_went() -> None:
    assert weight_of(finished(chosen=True, loss_share=0.0)) == CHOSEN.best
    assert weight_of(finished(chosen=True, loss_share=0.5)) == CHOSEN.worst
    assert weight_of(finished()) == 1.0
    assert weight_of(finished(mode="spot")) == SPOT
    assert weight_of(finished(mode="spot", chosen=True)) == pytest.approx(SPOT * CHOSEN.best)


def test_only_rated_plays_move_a_rating() -> None:
    unrated = [
        finished(1, mode="learn"),
        finished(2, hints=1),
        finished(3, repeat=True),
        finished(4, mode="replay"),
    ]
    course = rate(unrated, {}, today=TODAY)
    assert (course.plays, course.strength) == (0, Strength())


def test_plays_may_come_in_any_order() -> None:
    plays = [
        finished(n, loss_share=0.03 * n, at=f"2026-11-{10 + n // 2:02d}T0{n}:00:00Z")
        for n in range(8)
    ]
    one, two = rate(plays, {}, today=TODAY), rate(plays[::-1], {}, today=TODAY)
    assert one.strength.rating == pytest.approx(two.strength.rating, abs=1e-6)
    assert [day.on for day in one.days] == [day.on for day in two.days]
    assert one.plays == 8


def test_a_pause_brings_doubt_back() -> None:
    plays = [finished(n, loss_share=0.1) for n in range(8)]
    soon = rate(plays, {}, today=date(2026, 11, 20)).strength
    late = rate(plays, {}, today=date(2027, 5, 20)).strength
    assert late.deviation > soon.deviation
    assert late.rating == soon.rating


def test_no_number_before_enough_plays_and_one_after() -> None:
    """The count that is told is the count that it takes, against cases as hard as the person."""
    needed = plays_until_shown(Strength())
    even = [finished(n, loss_share=0.1) for n in range(needed)]
    assert not rate(even[: needed - 1], {}, today=date(2026, 11, 20)).strength.shown
    assert rate(even, {}, today=date(2026, 11, 20)).strength.shown
    assert SHOWN_BELOW == 110


def test_a_case_moves_by_a_capped_step_and_only_for_somebody_known() -> None:
    case = Strength(rating=1500, deviation=200)
    lost = [Meeting(case, 0.0)]
    assert moved(case, Strength(deviation=300), lost) == case
    known = Strength(rating=1500, deviation=60)
    assert moved(case, known, lost).rating == 1500 + CASE_STEP
    assert moved(case, known, [Meeting(case, 1.0)]).rating == 1500 - CASE_STEP
    assert moved(case, known, lost).deviation < 200


def test_extra_time_leaves_a_mark() -> None:
    plays = [finished(1), finished(2, extra_time=1.5), finished(3, extra_time=2.0, mode="learn")]
    assert rate(plays, {}, today=TODAY).marked == 1


def test_a_group_shows_a_band_only_when_it_is_narrow_enough() -> None:
    few = rate([finished(n, loss_share=0.1) for n in range(3)], {}, today=TODAY)
    assert band(few, ["C99"]) is None
    assert band(few, ["C01"]) is None
    many = rate([finished(n, loss_share=0.1) for n in range(20)], {}, today=TODAY)
    found = band(many, ["C99"])
    assert found is not None
    assert found.stands == "alike"
    assert found.high - found.low < 4 * GROUP_DEVIATION
    assert (found.low % 50, found.high % 50) == (0, 0)


def test_a_group_that_always_loses_is_found_weaker() -> None:
    plays = [
        finished(n, case="C01" if n % 2 else "C02", loss_share=0.5 if n % 2 else 0.0)
        for n in range(60)
    ]
    course = rate(plays, {}, today=TODAY)
    weak, strong = band(course, ["C01"], groups=2), band(course, ["C02"], groups=2)
    assert weak is not None
    assert strong is not None
    assert (weak.stands, strong.stands) == ("weaker", "stronger")


@pytest.mark.slow
def test_the_interval_holds_somebody_who_does_not_change() -> None:
    """300 people of known strength, 40 plays each on cases of known hardness, 1 a day.

    Results are 0 or 1 with the chance of the model, so the doubt of the model is right.
    """
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        true, person = rng.normal(1500, 200), Strength()
        for _ in range(40):
            case = Strength(rating=rng.normal(1500, 100), deviation=30)
            chance = 1 / (1 + 10 ** ((case.rating - true) / 400))
            person = after(person, [Meeting(case, float(rng.random() < chance))])
        held += abs(person.rating - true) < 1.96 * person.deviation
    assert 0.92 <= held / 300 <= 1.0
