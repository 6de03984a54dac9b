"""A design: each gap is found at its place, and what is blank never passes."""

import pytest

from shipcall.preparation.forms.design_lints import RULES, DesignScore, score_design
from shipcall.preparation.forms.imof import (
    TEMPLATE,
    Design,
    load_prompt,
    numbered,
    prompt_slugs,
    written,
)
from shipcall.preparation.forms.sheet import read_sheet

STRONG = """
prompt = "grid-inspection"
[[input.source]]
name = "drone photos"
freshness = "30 days at most"
gaps = "masts in forests"
bias = "more photos where faults were found before"
[model]
function = "ranks masts by the chance of a fault within a year"
assumptions = ["a fault can be seen on a photo"]
[[output]]
action = "a crew inspects the first 40 masts"
threshold = 0.7
calibration = "reliability on 2,000 inspected masts, each spring"
fallback = "masts go to the yearly round"
[feedback]
stop = "no training while two regions differ by more than 5 points"
[[feedback.signal]]
name = "fault found"
meaning = "the crew repaired something"
delay = "14 days"
bias = "only inspected masts can have one"
teaches = "model"
[[loop]]
what = "what is inspected is learned from"
signal = "Fault  found"
stop = "a tenth of the masts is chosen by chance"
metric = "share of faults on masts chosen by chance"
threshold = "2 times that of last year"
window = "90 days"
action = "the planner orders a round"
[[dependency]]
what = "the flights"
source = "drone photos"
owner = "the flight team"
stale_after = "60 days"
metric = "age of the newest photo"
threshold = "45 days"
window = "1 day"
action = "call the flight team"
[[containment]]
what = "one region at a time"
metric = "missed faults"
threshold = "3"
window = "30 days"
action = "back to the yearly round"
[[monitoring]]
what = "calibration by region"
metric = "calibration error"
threshold = "0.05"
window = "30 days"
action = "raise the threshold"
"""


def design(text: str) -> DesignScore:
    return score_design(read_sheet(text, Design, name="imof"))


def paths(text: str) -> list[tuple[str, str]]:
    return [(one.rule, one.path) for one in design(text).lints]


def test_a_design_with_everything_is_asked_nothing() -> None:
    score = design(STRONG)
    assert not score.lints
    assert set(score.holds) == set(RULES)
    assert all(one.written == one.fields for one in score.parts)


def test_a_blank_design_holds_no_rule_but_counts_every_part() -> None:
    blank = score_design(Design())
    assert not blank.holds
    assert [one.path for one in blank.lints] == [one.part for one in blank.parts]
    assert all(one.written == 0 < one.fields for one in blank.parts)


def test_the_form_as_it_is_given_out_is_as_good_as_blank() -> None:
    assert design(TEMPLATE) == score_design(Design())


@pytest.mark.parametrize(
    ("said", "instead", "found"),
    [
        ('fallback = "masts go to the yearly round"', "", ("no-fallback", "output.1.fallback")),
        (
            'fallback = "masts go to the yearly round"',
            'fallback = "A crew inspects the first 40  masts"',
            ("fallback-is-action", "output.1.fallback"),
        ),
        (
            'calibration = "reliability on 2,000 inspected masts, each spring"',
            'calibration = "tbd"',
            ("no-calibration", "output.1.calibration"),
        ),
        (
            'bias = "only inspected masts can have one"',
            "",
            ("no-bias", "feedback.signal.1.bias"),
        ),
        ('threshold = "0.05"', 'threshold = "low"', ("no-number", "monitoring.1.threshold")),
        ('window = "1 day"', 'window = "a day"', ("no-number", "dependency.1.window")),
        ('action = "raise the threshold"', "", ("blank-field", "monitoring.1.action")),
        ('owner = "the flight team"', 'owner = "..."', ("no-owner", "dependency.1.owner")),
        ('stale_after = "60 days"', "", ("no-number", "dependency.1.stale_after")),
        (
            'stop = "a tenth of the masts is chosen by chance"',
            "",
            ("never-stops", "loop.1.stop"),
        ),
        (
            'stop = "no training while two regions differ by more than 5 points"',
            "",
            ("never-stops", "feedback.stop"),
        ),
        ('teaches = "model"', "", ("no-channel", "feedback.signal.1.teaches")),
    ],
)
def test_each_gap_is_found_at_its_place_and_nothing_else(
    said: str, instead: str, found: tuple[str, str]
) -> None:
    assert said in STRONG
    changed = STRONG.replace(said, instead, 1)
    assert paths(changed) == [found]
    assert found[0] not in design(changed).holds


def test_names_that_lead_nowhere_are_found_from_both_ends() -> None:
    lost = STRONG.replace('source = "drone photos"', 'source = "weather"')
    assert paths(lost) == [
        ("unknown-name", "dependency.1.source"),
        ("source-unwatched", "input.source.1.name"),
    ]
    unseen = STRONG.replace('signal = "Fault  found"', 'signal = "clicks"')
    assert paths(unseen) == [
        ("unknown-name", "loop.1.signal"),
        ("loop-unseen", "feedback.signal.1.name"),
    ]


def test_what_is_found_is_quoted_as_it_was_written() -> None:
    [one] = design(STRONG.replace('threshold = "0.05"', 'threshold = " low "')).lints
    assert one.quote == "low"


@pytest.mark.parametrize("text", ["", " ", "-", "…", "TODO", "?!"])
def test_a_place_holder_is_not_written(text: str) -> None:
    assert not written(text)


def test_a_number_is_one_in_digits() -> None:
    assert numbered("within 3 days")
    assert not numbered("within three days")


@pytest.mark.parametrize("slug", prompt_slugs())
def test_a_prompt_is_named_as_its_file(slug: str) -> None:
    assert load_prompt(slug).slug == slug
    assert len(prompt_slugs()) == 6
