"""Laws of stated odds and of average precision: what is drawn is what was said."""

from typing import cast

import numpy as np
import pytest

from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import plan
from shipcall.core import Slice
from shipcall.release.foresight.laws import Place
from shipcall.release.foresight.nuisance import ASSUMED, WON, assumed
from shipcall.release.foresight.oddslaws import FindsLaw, LineLaw
from shipcall.stats.sample import PairSample

HEAD = """
shipcall = 1
[release]
id = "r"
kind = "classifier"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "weights"
[unit]
id = "unit"
[evidence]
{table} = {{ path = "p.csv", expect = {{ units = 500 }} }}
[metric]
m = {{ level = "model", {metric} }}
[[check]]
id = "gate.m"
stage = "gate"
role = "goal"
metric = "m"
{bar}
"""
WHERE = Place(units=np.array([[3_000]]), parts=(Slice(),), members=np.array([[True]]))


def mean_values(law: LineLaw | FindsLaw, effect: float) -> tuple[float, float]:
    drawn = law.draw(WHERE, np.array([effect]), np.random.default_rng(3), 12)[-1][Slice()]
    samples = cast("list[PairSample]", drawn)
    return (
        float(np.mean([one.baseline for one in samples])),
        float(np.mean([one.candidate for one in samples])),
    )


@pytest.mark.parametrize(("slope", "value", "effect"), [(True, 1.0, -0.2), (False, 0.1, 0.3)])
def test_slopes_and_intercepts_are_those_that_were_said(
    value: float, effect: float, *, slope: bool
) -> None:
    baseline, candidate = mean_values(LineLaw(value=value, slope=slope), effect)
    assert baseline == pytest.approx(value, abs=0.05)
    assert candidate == pytest.approx(value + effect, abs=0.05)


def test_average_precision_is_the_one_that_was_said() -> None:
    law = FindsLaw(value=0.6, positive=0.25, alike=0.8)
    baseline, candidate = mean_values(law, 0.05)
    assert baseline == pytest.approx(0.6, abs=0.02)
    assert candidate == pytest.approx(0.65, abs=0.02)


def test_scores_in_any_order_find_what_chance_finds() -> None:
    """Of random scores the mean precision is the share of positive rows: AUC one half."""
    law = FindsLaw(value=0.6, positive=0.25, alike=0.8)
    assert law.area(np.array([0.251])) == pytest.approx(0.501, abs=0.002)


def taken(table: str, metric: str, bar: str) -> tuple[object, object]:
    text = HEAD.format(table=table, metric=metric, bar=bar)
    contract = parse_contract(text, file="contract.toml")
    found = assumed(contract, plan(contract, "gate", None))
    return found.metrics.get("m"), found.unknown.get("m", "")


def test_a_win_rate_begins_even_and_is_two_sides_of_one_number() -> None:
    found, unknown = taken("preferences", 'kind = "win_rate"', "at_least = 0.5")
    assert not unknown
    assert getattr(found, "value", None) == (0.5, ASSUMED)
    assert getattr(found, "difference", None) == (2 * WON, ASSUMED)


@pytest.mark.parametrize(
    ("table", "metric", "why"),
    [
        ("preferences", 'kind = "corrected_win_rate"', "how many items people will label"),
        ("rankings", 'kind = "catalogue_coverage", k = 5', "a catalogue that nobody has described"),
        ("rankings", 'kind = "snips"', "the chances in the log"),
    ],
)
def test_what_cannot_be_drawn_says_why(table: str, metric: str, why: str) -> None:
    found, unknown = taken(table, metric, "better_by = 0.01")
    assert found is None
    assert why in str(unknown)
