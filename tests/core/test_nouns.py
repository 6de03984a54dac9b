"""Illegal states fail at construction, with a sentence."""

import math

import pytest

from shipcall.core import (
    Absent,
    Action,
    Bar,
    Call,
    Check,
    Estimand,
    Estimate,
    Finding,
    Need,
    Reason,
    Role,
    Slice,
    Standing,
    Tails,
    Validity,
    canonical_bytes,
    digest,
    judge,
    plain,
)
from shipcall.core.errors import ContractError, Fault
from shipcall.core.estimate import census

BOTH = Tails(0.05, 0.05)


def check(bar: Bar, **changes: object) -> Check:
    facts: dict[str, object] = {
        "id": "c", "stage": "gate", "role": Role.GOAL, "need": Need.SHOWN, "metric": "m",
        "bar": bar, "estimand": Estimand.DIFFERENCE, "clear_at": 0.05, "breach_at": 0.01,
    }  # fmt: skip
    return Check(**{**facts, **changes})  # type: ignore[arg-type]


def estimate(value: float, low: float, high: float, tails: Tails = BOTH) -> Estimate:
    return Estimate(value=value, low=low, high=high, tails=tails, n=9, method="t")


@pytest.mark.parametrize(
    ("value", "low", "high", "message"),
    [
        (math.nan, 0.0, 1.0, "NaN"),
        (0.5, math.nan, 1.0, "NaN"),
        (math.inf, 0.0, math.inf, "infinite"),
        (2.0, 0.0, 1.0, "outside its own interval"),
        (0.0, 0.0, 0.0, "zero-width"),
    ],
)
def test_an_impossible_estimate_is_refused(
    value: float, low: float, high: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(value, low, high)


def test_an_estimate_needs_units_and_error_levels() -> None:
    with pytest.raises(ValueError, match="0 units"):
        Estimate(value=0, low=-1, high=1, tails=BOTH, n=0, method="t")
    with pytest.raises(ValueError, match="tails"):
        estimate(0, -1, 1, Tails(0.0, 0.05))


def test_only_a_census_may_have_zero_width() -> None:
    assert census(3.0, "count").low == census(3.0, "count").high == 3.0
    assert census(3.0, "count").level == 1.0


def test_the_level_is_what_both_tails_leave() -> None:
    assert estimate(0, -1, 1, Tails(0.05, 0.01)).level == pytest.approx(0.94)


def test_tails_follow_the_side_of_the_bar() -> None:
    assert check(Bar(low=0.0, text="")).tails == (0.05, 0.01)
    assert check(Bar(high=0.0, text="")).tails == (0.01, 0.05)
    assert check(Bar(low=-1.0, high=1.0, text="")).tails == (0.005, 0.005)


def test_an_interval_looser_than_promised_is_refused() -> None:
    promised = check(Bar(low=0.0, text=""))
    with pytest.raises(ValueError, match="error levels"):
        judge(promised, estimate(1, 0.5, 2, Tails(0.06, 0.01)))
    with pytest.raises(ValueError, match="any number of looks"):
        judge(
            check(Bar(low=0.0, text=""), validity=Validity.ANYTIME),
            estimate(1, 0.5, 2, Tails(0.05, 0.01)),
        )


@pytest.mark.parametrize(
    ("low", "high", "standing"),
    [
        (0.0, 2.0, Standing.CLEAR),
        (-0.1, 2.0, Standing.OPEN),
        (-2.0, 0.0, Standing.OPEN),
        (-2.0, -0.1, Standing.BREACH),
    ],
)
def test_a_bar_is_cleared_from_inside_and_breached_from_outside(
    low: float, high: float, standing: Standing
) -> None:
    tight = Tails(0.01, 0.01)
    assert judge(check(Bar(low=0.0, text="")), estimate((low + high) / 2, low, high, tight)) is (
        standing
    )


def test_equivalence_needs_both_ends() -> None:
    bar = Bar(low=-1.0, high=1.0, text="")
    tight = Tails(0.005, 0.005)
    assert judge(check(bar), estimate(0, -0.5, 0.5, tight)) is Standing.CLEAR
    assert judge(check(bar), estimate(0, -0.5, 1.5, tight)) is Standing.OPEN
    assert judge(check(bar), estimate(2, 1.5, 2.5, tight)) is Standing.BREACH


def test_an_unbounded_end_clears_nothing_on_its_side() -> None:
    bar = Bar(low=0.0, text="")
    assert judge(check(bar), estimate(1, -math.inf, 2, Tails(0.01, 0.01))) is Standing.OPEN
    assert judge(check(bar), estimate(1, 0.5, math.inf, Tails(0.01, 0.01))) is Standing.CLEAR


def test_bars_that_promise_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="promises nothing"):
        Bar(text="")
    with pytest.raises(ValueError, match="empty"):
        Bar(low=1.0, high=0.0, text="")


def test_error_levels_lie_between_zero_and_one() -> None:
    with pytest.raises(ValueError, match="clear_at"):
        check(Bar(low=0.0, text=""), clear_at=0.0)


def test_a_slice_names_itself() -> None:
    assert str(Slice.of({"tenure": "new", "country": "NZ"})) == "country=NZ*tenure=new"
    assert str(Slice()) == "all"
    assert Slice.of({"b": "1", "a": "2"}).columns == ("a", "b")
    with pytest.raises(ValueError, match="not sorted"):
        Slice((("b", "1"), ("a", "2")))


def test_a_call_needs_a_reason_and_a_probability() -> None:
    with pytest.raises(ValueError, match="probability"):
        Call(action=Action.SHIP, probability=1.2, why="sure", by="me", blind=True)
    with pytest.raises(ValueError, match="reason"):
        Call(action=Action.SHIP, probability=0.2, why=" ", by="me", blind=True)


def test_every_reason_has_a_code_a_sentence_and_a_next_step() -> None:
    codes = [reason.code for reason in Reason]
    assert len(set(codes)) == len(codes)
    for reason in Reason:
        assert reason.sentence.endswith(".")
        assert reason.next_step.endswith(".")


def test_the_words_for_people_are_fixed() -> None:
    words = {standing.value: standing.words for standing in Standing}
    expected = {"CLEAR": "pass", "OPEN": "can't tell", "BREACH": "fail", "ABSENT": "no data"}
    assert words == expected


def test_floats_keep_ten_digits_and_infinity_is_no_bound() -> None:
    assert plain({"a": 0.1 + 0.2, "b": math.inf, "c": -0.0}) == {"a": 0.3, "b": None, "c": 0.0}
    with pytest.raises(ValueError, match="NaN"):
        plain(math.nan)
    with pytest.raises(TypeError, match="set"):
        plain({1, 2})


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    assert canonical_bytes({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


def test_findings_have_a_plain_form() -> None:
    absent = Absent(reason=Reason.NO_ROWS, detail="none")
    form = plain(Finding(check=check(Bar(low=0.0, text="")), measured=absent))
    assert form["measured"]["reason"]["code"] == "no_rows"
    assert form["check"]["bar"] == {"low": 0.0, "high": None, "text": ""}


def test_a_fault_points_at_its_place() -> None:
    fault = Fault(
        file="c.toml", line=3, column=1, code="E102", title="unknown key", seen="may_loose",
        expected="may_lose", fix="did you mean 'may_lose'?", source="may_loose = 0.01",
    )  # fmt: skip
    text = str(ContractError([fault]))
    assert text.startswith("c.toml:3:1: E102 unknown key")
    assert "     3 | may_loose = 0.01\n         ^" in text
