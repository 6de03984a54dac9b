from report.views import estimate, finding, load, sliced
from shipcall.report.findings import (
    by_urgency,
    closeness,
    comparable,
    crossings,
    grouped,
    tally_text,
    worst,
)

FAIL = sliced("XF", estimate(-0.03, -0.04, -0.02))
OPEN = sliced("XO", estimate(-0.009, -0.02, 0.002), need="not_refuted", satisfied=True)
NEAR = sliced("XN", estimate(0.001, -0.009, 0.011))
FAR = sliced("XP", estimate(0.05, 0.04, 0.06))
NONE = sliced("XA", None)
PROTECTED = sliced("XX", None, protected=True)


def test_findings_are_grouped_by_what_they_are_for() -> None:
    groups = grouped(load("hold")["findings"])
    sizes = [len(group) for group in groups]
    assert sizes == [3, 66, 4, 1]


def test_a_goal_on_a_slice_is_a_check() -> None:
    assert grouped([{**FAR, "role": "goal"}]).checks


def test_what_made_the_call_comes_first_then_failures_then_the_closest() -> None:
    ordered = by_urgency([FAR, NONE, NEAR, OPEN, FAIL], because=[NONE["id"]])
    assert [f["slice"][-1] for f in ordered] == ["A", "F", "O", "N", "P"]


def test_order_does_not_depend_on_the_order_given() -> None:
    some = [FAR, NONE, NEAR, OPEN, FAIL, PROTECTED]
    assert by_urgency(some) == by_urgency(some[::-1])


def test_closeness_counts_standard_errors_from_the_bar() -> None:
    """Hand: 0.011 above a bar of -0.01; half width 0.01 at 95 % is 0.0051: 2.16 of them."""
    assert round(closeness(NEAR), 2) == 2.16


def test_every_protected_slice_and_every_reason_is_listed() -> None:
    calm = [sliced(f"C{i}", estimate(0.05, 0.04, 0.06 + i / 1000)) for i in range(20)]
    chosen = worst([*calm, FAIL, PROTECTED, NONE], because=[NONE["id"]], count=5)
    named = {f["id"] for f in chosen.shown}
    assert {FAIL["id"], PROTECTED["id"], NONE["id"]} <= named
    assert sum(chosen.rest.values()) + len(named) == 23


def test_counts_name_every_answer_there_is() -> None:
    assert tally_text([FAIL, NONE, FAR, FAR]) == "2 pass, 1 fail, 1 no data"


def test_slices_with_another_bar_or_metric_do_not_share_an_axis() -> None:
    other = {**FAR, "bar": {"low": -0.02, "high": None, "text": ""}}
    assert [len(group) for group in comparable([FAR, NEAR, other])] == [2, 1]


def test_crossed_columns_are_found() -> None:
    pairs = [["device", "TV"], ["tenure", "new"]]
    crossed = finding(estimate(0, -1, 1), -2, slice_pairs=pairs)
    assert crossings([FAR, crossed])[0].columns == ("device", "tenure")
