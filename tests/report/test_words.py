import math
from statistics import NormalDist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from report.views import absent, estimate, finding
from shipcall.report import words

MINUS = "\u2212"


def test_decimals_show_two_digits_of_the_standard_error() -> None:
    """Hand: half width 0.0021 at 95 % is a standard error of 0.00107, so four decimals."""
    gain = finding(estimate(0.0062, 0.0041, 0.0083), low=0.002)
    assert words.value_text(gain) == "+0.0062"
    assert words.interval_text(gain) == "[+0.0041, +0.0083]"


def test_wide_intervals_get_few_decimals() -> None:
    """Hand: half width 25 at 95 % is a standard error of 12.8: no decimals."""
    late = finding(estimate(1048.4, 1023.4, 1073.4), high=1200, unit="ms", estimand="candidate")
    assert words.value_text(late) == "1,048 ms"
    assert words.interval_text(late) == "[1,023, 1,073]"


def test_an_end_past_the_bar_is_never_printed_as_the_bar() -> None:
    """-0.009996 is inside a bar of -0.010; rounded to four decimals it would look like it."""
    edge = finding(estimate(-0.0032, -0.009996, 0.0036), low=-0.010)
    assert words.interval_text(edge).startswith(f"[{MINUS}0.009996")


def test_an_end_on_the_bar_keeps_its_decimals() -> None:
    on_it = finding(estimate(-0.0032, -0.0100, 0.0036), low=-0.010)
    assert words.interval_text(on_it) == f"[{MINUS}0.0100, +0.0036]"


def test_differences_of_shares_are_percentage_points() -> None:
    gain = finding(estimate(0.125, 0.101, 0.149), low=0.02, unit="share")
    assert words.value_text(gain) == "+12.5 pp"
    assert words.bar_words(gain) == "at least +2.0 pp"


@pytest.mark.parametrize(
    ("bar", "said"),
    [
        (0.001, "at most 0.1 %"),
        (0.0125, "at most 1.25 %"),
        (0.3, "at most 30 %"),
        (0, "at most 0 %"),
    ],
)
def test_a_bar_is_written_as_it_was_promised_however_coarse_the_numbers_are(
    bar: float, said: str
) -> None:
    """A standard error of some 12 points would round every bar to whole percents."""
    coarse = finding(estimate(0.27, 0.02, 0.52), high=bar, unit="share", estimand="candidate")
    assert words.value_text(coarse) == "27 %"
    assert words.bar_words(coarse) == said


def test_a_bar_without_an_end_of_its_decimals_is_cut_where_nobody_sees_it() -> None:
    third = finding(estimate(0.27, 0.02, 0.52), high=1 / 3, unit="share", estimand="candidate")
    assert words.bar_words(third) == "at most 33.3 %"


def test_shares_themselves_and_relative_differences_are_percent() -> None:
    share = finding(estimate(0.271, 0.247, 0.295), high=0.3, unit="share", estimand="candidate")
    change = finding(estimate(-0.124, -0.148, -0.1), high=0.05, unit="EUR", estimand="relative")
    assert words.value_text(share) == "27.1 %"
    assert words.value_text(change) == f"{MINUS}12.4 %"


def test_zero_has_no_sign() -> None:
    assert words.write(-0.00001, decimals=3, signed=True) == "0.000"
    assert words.write(0.0, decimals=1, signed=True) == "0.0"


def test_numbers_of_three_hundred_digits_are_not_written_out() -> None:
    assert words.write(-1.0142e304, decimals=0) == f"{MINUS}1.01e+304"
    assert words.whole(365_250_000_000_000) == "365,250,000,000,000"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (None, 0.043, "up to +0.043"),
        (-0.041, None, f"from {MINUS}0.041 up"),
        (None, None, "no bound"),
    ],
)
def test_unbounded_ends_are_said_in_words(low: float | None, high: float | None, said: str) -> None:
    open_end = finding(estimate(0.001, low, high), low=-0.1)
    assert words.interval_text(open_end) == said


def test_a_count_has_no_interval_and_no_sign() -> None:
    count = finding(
        estimate(46833, 46833, 46833, census=True, tails=[0, 0], n=0),
        48210,
        48210,
        estimand="count",
    )
    assert words.value_text(count) == "46,833"
    assert words.interval_text(count) == "counted"
    assert words.bar_words(count) == "exactly 48,210"


def test_absent_is_a_dash_and_says_how_many_units_there_were() -> None:
    nothing = finding(None, low=-0.01)
    assert words.value_text(nothing) == "\u2013"
    assert words.interval_text(nothing) == "\u2013"
    assert words.units_text(nothing) == "41 of 400"
    assert words.mark_of(nothing).word == "no data"


def test_an_absent_row_of_a_comparison_is_no_data_too() -> None:
    row = {"metric": "m", "slice": "all", "estimate": None, "absent": absent()}
    assert words.mark_of(row).word == "no data"


@pytest.mark.parametrize(
    ("level", "said"),
    [(0.95, "95 %"), (0.975, "97.5 %"), (0.9983, "99.83 %"), (0.99999, "99.9990 %"), (1, "100 %")],
)
def test_levels_close_to_one_are_not_rounded_to_certainty(level: float, said: str) -> None:
    expected = said.rstrip("0 %").rstrip(".") + " %" if "." in said else said
    assert words.level_text(level) == expected


@given(st.floats(0.5, 0.9999999))
def test_no_level_below_one_is_written_as_one_hundred_percent(level: float) -> None:
    assert not words.level_text(level).startswith("100")


def test_small_chances_are_odds() -> None:
    assert words.odds(0.05) == "1 in 20"
    assert words.odds(0.0025) == "1 in 400"
    assert words.odds(0.5) == "50 %"
    assert words.odds(0) == "never"


def test_counts_agree_with_their_noun() -> None:
    assert words.counted(1, "row") == "1 row"
    assert words.counted(2400, "row") == "2,400 rows"
    assert words.counted(12, "entry") == "12 entries"


def test_times_are_read_by_people_and_other_texts_stay() -> None:
    assert words.moment("2026-11-20T13:31:04Z") == "2026-11-20 13:31 UTC"
    assert words.moment("not a date") == "not a date"
    assert words.moment(None) == "no time given"


def test_standard_error_comes_from_the_levels_of_both_ends() -> None:
    """Normal interval with error levels 0.05 and 0.0025 around 2 with standard error 0.5."""
    low = 2 - 0.5 * NormalDist().inv_cdf(0.95)
    high = 2 + 0.5 * NormalDist().inv_cdf(0.9975)
    made = estimate(2, low, high, tails=[0.05, 0.0025])
    assert math.isclose(words.standard_error(made), 0.5)


def test_significant_digits_of_a_number_without_interval() -> None:
    assert words.significant(0.0054321) == "0.00543"
    assert words.significant(48210) == "48,210"
    assert words.significant(0) == "0"


def test_the_sentence_names_number_interval_requirement_and_answer() -> None:
    said = words.finding_sentence(finding(estimate(0.0062, 0.0041, 0.0083), low=0.002))
    assert said == (
        "M: difference +0.0062, 95 % interval [+0.0041, +0.0083]; needed at least +0.0020: pass."
    )


def test_the_sentence_of_an_absent_finding_says_why() -> None:
    said = words.finding_sentence(finding(None, low=0.002))
    assert said == "M: no data. Fewer units than the contract asks for. 41 of 400 units"


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e5), st.floats(1e-6, 1e5), st.floats(-1e6, 1e6))
def test_an_interval_read_from_the_page_gives_the_same_answer(
    value: float, below: float, above: float, bound: float
) -> None:
    """What is printed of both ends and of the bar stands as the numbers themselves do."""
    made = estimate(value, value - below, value + above)
    shown = finding(made, low=bound)
    how = words.measure(shown)
    assume(how.decimals <= 7)
    assume(abs(value - below - bound) > 1e-4 * (below + above))
    read = [float(how.bare(x).replace(",", "").replace(MINUS, "-")) for x in (made["low"], bound)]
    assert (read[0] > read[1]) == (made["low"] > bound)


def test_slices_are_named_by_their_level_and_by_the_metric_where_there_are_several() -> None:
    part = finding(
        estimate(0, -1, 1), -2, slice="country=BR", slice_pairs=[["country", "BR"]], metric="hide"
    )
    assert words.name_of(part) == "country=BR"
    assert words.name_of(part, metric=True) == "country=BR hide"
    assert words.name_of({**part, "role": "goal"}) == "gate.m"
    assert words.several_metrics([part, {**part, "metric": "ndcg"}])


def test_the_values_of_both_models_are_written_in_their_own_unit() -> None:
    change = finding(
        estimate(-0.124, -0.131, -0.117),
        high=0.05,
        unit="EUR",
        estimand="relative",
        arms={"baseline": 0.0121, "candidate": 0.0106},
    )
    assert words.arms_measure(change).write(0.0121) == "0.01210 EUR"


def test_an_eval_set_that_nobody_declared_is_not_said_to_be_fresh() -> None:
    assert words.consulted({"eval_set_consulted": None}) == ""
    assert words.consulted({"eval_set_consulted": 3}) == "eval set consulted 3 times"
