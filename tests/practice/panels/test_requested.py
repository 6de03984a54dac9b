"""Kind `requested`: what a router dealt request by request, counted by request and by session."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from shipcall.formats import FORMATS
from shipcall.practice.language import Panel
from shipcall.practice.panels.panel import Setting, Shown
from shipcall.practice.panels.requested import Requested, Shares
from shipcall.practice.points import Point
from shipcall.practice.requests import (
    PATTERNS,
    REQUESTS,
    Pattern,
    Router,
    log,
    pattern_chances,
    tables,
)
from shipcall.practice.shelf import load_case
from shipcall.world.truth import World

KIND = Requested()
RNG = np.random.default_rng(0)
SO = Router(keyless=0.5, contrast=10.0)


def _world(seed: int = 3, *, sessions: int = 3_000, **outcome: Any) -> World:
    kept = {"name": "kept", "base": 0.4, "habit": 1.0, "window_hours": 1.0}
    return World.model_validate(
        {
            "shipcall_world": 1,
            "name": "service",
            "seed": seed,
            "days": 7,
            "people": {"count": sessions, "spread": 1.0},
            "rollout": {"shares": [0.5], "hours": [168.0]},
            "outcome": [kept | outcome],
        }
    )


def _setting(world: World, so: Router = SO) -> Setting:
    state = load_case("C03").state[0]
    point = Point(state=state, values=so._asdict(), chances=(1.0, 1.0, 1.0))
    return Setting(points=[point], worlds=[world], truth=0)


def _panel(show: str, first: float = 0, last: float = 168) -> Panel:
    given = {"show": show, "hours": [first, last]}
    return Panel(name="p", title="P", minutes=1, asks="?", kind="requested", given=given)


def _shown(panel: Panel, setting: Setting) -> Shown:
    seen = KIND.seen(panel, setting, KIND.stack(panel, setting), RNG)
    return KIND.shown(panel, seen, setting)


def _sessions(world: World, so: Router) -> dict[str, list[tuple[str, float]]]:
    """Arm and value of every request of each session, read from the files.

    Each request goes to the arm whose exposure it is, or to the session's only one. In a session
    that met both, exposures tell the arm of the first request of each alone, so it is left out.
    """
    found = tables(world, so)
    arms = defaultdict(set)
    for unit, arm in _columns(found["exposures"], "unit", "arm"):
        arms[unit].add(arm)
    values = defaultdict(list)
    for unit, value in _columns(found["outcomes"], "unit", "value"):
        met = "both" if len(arms[unit]) == 2 else next(iter(arms[unit]))
        values[unit].append((met, value))
    return values


def _columns(table: Mapping[str, Any], *names: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(pa.array(table[name]).to_pylist() for name in names), strict=True)


def test_chances_of_patterns_add_up_to_one() -> None:
    assert pattern_chances(_world(), SO).sum() == pytest.approx(1.0, abs=1e-12)
    assert len(PATTERNS) == len(set(PATTERNS)) == 69


def test_a_pattern_has_the_chance_worked_out_by_hand() -> None:
    """No habits, base .4, contrast 10 %: met both, the candidate keeps .42 and the baseline .38.

    Two requests (.30), keyless half of the time, one of each model (1/2): .30 * .5 * .5 = .075.
    """
    world = _world(habit=0.0)
    chances = dict(zip(PATTERNS, pattern_chances(world, SO), strict=True))
    assert chances[Pattern(2, 1, 1, 0)] == pytest.approx(0.075 * 0.42 * 0.62)
    assert chances[Pattern(1, 1, 1, 0)] == pytest.approx(0.30 * 0.5 * 0.4)
    assert chances[Pattern(2, 2, 0, 0)] == pytest.approx(0.30 * (0.25 + 0.125) * 0.36)


def test_a_router_that_keeps_every_session_crosses_none() -> None:
    chances = pattern_chances(_world(), Router(keyless=0.0, contrast=10.0))
    assert sum(c for p, c in zip(PATTERNS, chances, strict=True) if p.met == "both") == 0
    values = _sessions(_world(), Router(keyless=0.0, contrast=10.0)).values()
    assert all(arm != "both" for rows in values for arm, _ in rows)


def test_the_files_have_the_columns_of_their_formats() -> None:
    for name, table in KIND.files([], _setting(_world())).items():
        assert set(FORMATS[name].required) <= set(table)
        assert len({len(values) for values in table.values()}) == 1


def test_every_outcome_comes_after_the_exposure_of_its_session_and_within_its_window() -> None:
    found = KIND.files([], _setting(_world()))
    first: dict[str, Any] = {}
    for unit, at in _columns(found["exposures"], "unit", "at"):
        first[unit] = min(at, first.get(unit, at))
    rows = list(_columns(found["outcomes"], "unit", "at"))
    waits = [(at - first[unit]).total_seconds() for unit, at in rows]
    assert min(waits) > 0
    assert max(waits) < 3_600
    assert len(set(rows)) == len(rows)


def test_sessions_are_those_of_the_files() -> None:
    world = _world()
    shown = _shown(_panel("sessions"), _setting(world))
    rows = {row["what"]: row for row in shown.rows}
    values = _sessions(world, SO)
    single = [one for rows in values.values() for one in rows if one[0] != "both"]
    one = rows["met one model, by session"]
    for arm in ("baseline", "candidate"):
        assert one[arm] == pytest.approx(np.mean([value for a, value in single if a == arm]))
    both = sum(rows[0][0] == "both" for rows in values.values())
    assert rows["met both models, by session"]["count"] == both
    assert rows["all, by session"]["count"] == len(values) == 3_000


def test_dealt_sessions_are_those_of_the_files() -> None:
    world = _world()
    rows = {row["sessions of"]: row for row in _shown(_panel("dealt"), _setting(world)).rows}
    values = [rows for rows in _sessions(world, SO).values() if len(rows) == 2]
    for met in ("baseline", "candidate", "both"):
        assert rows["2 requests"][met] == sum(found[0][0] == met for found in values)


def test_the_dashboard_counts_every_request_once() -> None:
    world = _world()
    drawn = log(world, SO)
    row = _shown(_panel("requests"), _setting(world)).rows[0]
    assert row["count"] == len(KIND.files([], _setting(world))["outcomes"]["unit"])
    for arm, name in enumerate(("baseline", "candidate")):
        assert row[name] == pytest.approx(drawn.kept[drawn.candidate == arm].mean())


def test_hours_split_the_sessions_into_panels_that_share_none() -> None:
    drawn = log(_world(), SO)
    halves = drawn.patterns(0, 72) + drawn.patterns(72, 168)
    assert halves.tolist() == drawn.patterns(0, 168).tolist()


def test_the_interval_by_session_is_that_of_residuals_summed_by_session() -> None:
    """The same difference and error, session by session from the log."""
    world = _world()
    drawn = log(world, SO)
    shares = [drawn.kept[drawn.candidate == arm].mean() for arm in (0, 1)]
    requests = np.bincount(drawn.candidate)
    away = (drawn.kept - np.take(shares, drawn.candidate)) / requests[drawn.candidate]
    sums = np.bincount(drawn.session, np.where(drawn.candidate, away, -away))
    error = np.sqrt(len(sums) * sums.var(ddof=1))
    row = {r["what"]: r for r in _shown(_panel("sessions"), _setting(world)).rows}
    found = row["all, by session"]
    assert found["difference"] == pytest.approx(shares[1] - shares[0])
    assert found["high"] - found["difference"] == pytest.approx(1.959964 * error, rel=1e-6)


def test_the_share_that_met_both_has_wilsons_interval() -> None:
    """R 4.3: prop.test(7, 50, correct = FALSE)$conf.int gives 0.0695 and 0.2619."""
    seen = np.tile([20.0, 23.0, 7.0], 3)
    shown = KIND.shown(_panel("dealt"), seen, _setting(_world()))
    assert (shown.readings[0].low, shown.readings[0].high) == pytest.approx(
        (0.0695, 0.2619), abs=1e-4
    )


def test_a_comparison_that_nobody_made_is_left_out() -> None:
    setting = _setting(_world(), Router(keyless=0.0, contrast=0.0))
    assert "both" not in {reading.name for reading in _shown(_panel("sessions"), setting).readings}


def test_the_density_of_shares_is_bivariate_normal() -> None:
    """Oracle: scipy.stats.multivariate_normal."""
    means = np.array([[0.40, 0.41], [0.40, 0.43]])
    spread = np.array([[[4e-5, 1e-5], [1e-5, 5e-5]], [[4e-5, 0.0], [0.0, 4e-5]]])
    stack = Shares(means, spread, np.array([9_000.0, 9_100.0]))
    seen = stack.draw(0, 3, np.random.default_rng(1))
    assert seen[:, 2:].tolist() == [[9_000.0, 9_100.0]] * 3
    truth = np.stack(
        [
            stats.multivariate_normal(mean, cover).logpdf(seen[:, :2]) + np.log(2 * np.pi)
            for mean, cover in zip(means, spread, strict=True)
        ],
        axis=1,
    )
    assert stack.log_likelihoods(seen) == pytest.approx(truth)


@pytest.mark.slow
def test_drawn_logs_follow_the_law() -> None:
    """Pearson's statistic over 40 logs, given how many requests sessions have.

    65 degrees in a log: 69 patterns in four groups. A mean of 40 lies within 4 standard errors.
    """
    chances = pattern_chances(_world(lift=0.05), SO)
    group = np.array([pattern.requests for pattern in PATTERNS]) - 1
    found = []
    for seed in range(40):
        counts = log(_world(seed, sessions=10_000, lift=0.05), SO).patterns(0, 168)
        expected = np.bincount(group, counts)[group] * chances / REQUESTS[group]
        found.append(((counts - expected) ** 2 / expected).sum())
    assert abs(np.mean(found) - 65) < 4 * np.sqrt(2 * 65 / 40)


@pytest.mark.slow
def test_the_dashboard_scatters_as_its_law_says_and_more_than_it_shows() -> None:
    """Differences of 200 logs dealt by session: spread by the law within 20 %, above the naive.

    The standard deviation of 200 draws has a relative error of 5 %.
    """
    so = Router(keyless=0.0, contrast=0.0)
    found, told, naive = [], [], []
    for seed in range(200):
        setting, panel = _setting(_world(seed, habit=2.0), so), _panel("requests")
        stack = KIND.stack(panel, setting)
        assert isinstance(stack, Shares)
        cover = stack.covariances[0]
        told.append(cover[0, 0] + cover[1, 1] - 2 * cover[0, 1])
        row = _shown(panel, setting).rows[0]
        found.append(row["difference"])
        naive.append((row["high"] - row["low"]) / 2 / 1.959964)
    spread = float(np.std(found))
    assert spread == pytest.approx(float(np.sqrt(np.mean(told))), rel=0.2)
    assert spread > 1.1 * float(np.mean(naive))
