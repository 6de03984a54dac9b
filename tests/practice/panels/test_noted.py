"""Noted: lines with stated laws, and what a person reads off them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from practice.tiny import tiny_play
from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats
from shipcall.practice.panels import Setting
from shipcall.practice.panels.noted import Noted


def _panel(**line: Any) -> Panel:
    told: Mapping[str, Any] = {"name": "calls", "title": "calls for a person", **line}
    return Panel(name="noted", title="n", minutes=1, asks="?", kind="noted", given={"line": [told]})


@pytest.fixture(scope="module")
def setting() -> Setting:
    return tiny_play().setting


def _reads(panel: Panel, setting: Setting, *seen: float) -> tuple[str, Floats]:
    shown = Noted().shown(panel, np.array(seen), setting)
    (reading,) = shown.readings
    return str(shown.rows[0]["what"]), np.array([reading.value, reading.low, reading.high])


def test_a_rate_is_told_for_one_with_the_bounds_of_its_count(setting: Setting) -> None:
    """Garwood (1936) from chi-square quantiles: 7 events in 4, each bound divided by 4."""
    what, read = _reads(_panel(law="rate", n=4, of={"1": 1.5}), setting, 7.0)
    low, high = stats.chi2.ppf(0.025, 14) / 2, stats.chi2.ppf(0.975, 16) / 2
    assert what == "calls for a person: 7 in 4"
    assert read == pytest.approx(np.array([7, low, high]) / 4)


def test_no_event_at_all_still_has_an_upper_bound(setting: Setting) -> None:
    """The exact upper end without events is -log(0.025) = 3.689, here in 2."""
    _, read = _reads(_panel(law="rate", n=2, of={"1": 1.5}), setting, 0.0)
    assert read == pytest.approx([0.0, 0.0, 3.688879 / 2])


def test_a_rate_is_drawn_and_weighed_as_a_poisson_count(setting: Setting) -> None:
    """Mean 1.5 in each of 4: counts have mean and variance 6."""
    panel = _panel(law="rate", n=4, of={"1": 1.5})
    stack = Noted().stack(panel, setting)
    drawn = stack.draw(0, 4_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(6.0, abs=0.15)
    assert drawn.var() == pytest.approx(6.0, abs=0.5)
    two = stack.log_likelihoods(np.array([[3.0], [8.0]]))[:, 0]
    known = stats.poisson.logpmf([3, 8], 6.0) + np.array([np.log(6.0), np.log(40320.0)])
    assert two == pytest.approx(known)


def test_a_rate_follows_the_parameters_of_a_point(setting: Setting) -> None:
    name = next(iter(setting.points[0].values))
    panel = _panel(law="rate", n=2, of={"1": 50.0, name: 1.0})
    stack = Noted().stack(panel, setting)
    rng = np.random.default_rng(2)
    for place, point in enumerate(setting.points[:3]):
        drawn = stack.draw(place, 2_000, rng)
        assert drawn.mean() == pytest.approx(2 * (50 + point.values[name]), abs=1.2)
