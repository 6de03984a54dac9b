"""Panels of a stream: they show the rows of the file, and their law is that of the rows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from shipcall.practice.language import Panel, State
from shipcall.practice.panels import PANELS, Setting, Shown
from shipcall.practice.panels.served import bare
from shipcall.practice.points import Point
from shipcall.world.streams.served import TABLE
from shipcall.world.truth import Fault, World

WINDOWS = [
    {"name": "before", "title": "first week", "first": 0, "days": 7},
    {"name": "after", "title": "second week", "first": 7, "days": 7},
]
POINT = Point(
    state=State(name="any", title="any", cause="any", chances=[1, 1, 1]),
    values={},
    chances=(1.0, 1.0, 1.0),
)


def world(seed: int = 3, *faults: Fault, **over: Any) -> World:
    told: dict[str, Any] = {
        "shipcall_world": 1,
        "name": "watched",
        "seed": seed,
        "days": 16,
        "stream": {"rows_per_day": 120, "threshold": 0.5, "unseen": 0.1, "pull": 1.2},
        "labels": {"sources": {"review": 0.6, "users": 0.4}, "delay_days": 0.8},
        "trait": [
            {"column": "market", "levels": {"north": 0.7, "south": 0.3}, "odds": {"south": 0.8}},
            {"column": "shard", "levels": {"a": 0.3, "b": 0.2, "z": 0.5}},
        ],
        "fault": [Fault(kind="null_surge", day=0, severity=0.1), *faults],
    }
    return World.model_validate(told | over)


def setting(*worlds: World, truth: int = 0) -> Setting:
    return Setting(points=[POINT] * len(worlds), worlds=worlds, truth=truth)


def panel(kind: str = "streamed", /, **given: Any) -> Panel:
    return Panel(name="p", title="p", minutes=1, asks="?", kind=kind, given=given)


def show(one: Panel, told: Setting) -> Shown:
    kind = PANELS[one.kind]
    rng = np.random.default_rng(1)
    return kind.shown(one, kind.seen(one, told, kind.stack(one, told), rng), told)


def rows_of(told: World) -> pa.Table:
    return pa.concat_tables(TABLE.rows(told, chunk) for chunk in range(TABLE.chunks(told)))


def on_days(told: World, rows: pa.Table, first: int, days: int) -> pa.Table:
    at = rows["at"].to_numpy().astype("datetime64[us]").astype(np.int64)
    day = (at - int(told.start.timestamp() * 1e6)) // 86_400_000_000
    return rows.filter(pa.array((day >= first) & (day < first + days)))


HIDDEN = {"score": [0.5, 1.0]}


def test_it_counts_the_rows_of_the_file() -> None:
    told = world()
    one = panel(
        window=WINDOWS,
        where={"shard": ["a"]},
        by=[
            {"name": "review", "title": "review", "is": {"source": ["review"]}},
            {"name": "users", "title": "users", "is": {"source": ["users"]}},
        ],
        kind=[
            {"name": "fake", "title": "fake", "is": {"label": ["1"], "age": ["1", "2"]}, **HIDDEN},
            {"name": "rest", "title": "rest"},
        ],
    )
    shown = show(one, setting(told))
    file = rows_of(told)
    file = file.filter(pc.equal(file["shard"], "a"))
    for row in shown.rows:
        first = 0 if row["window"] == "first week" else 7
        some = on_days(told, file, first, 7)
        some = some.filter(pc.equal(some["source"], row["of"]))
        assert row["rows"] == len(some)
        late = some["at"].to_numpy().astype("datetime64[D]") + np.timedelta64(3, "D")
        early = some["label_at"].to_numpy() <= late
        label = some["label"].fill_null(-1).to_numpy()
        fake = (label == 1) & early & (some["score"].to_numpy() >= 0.5)
        wanted = fake.sum() if row["what"] == "fake" else len(some) - fake.sum()
        assert row["count"] == wanted
        assert row["low"] <= row["share"] <= row["high"]


def test_a_row_belongs_to_the_first_kind_that_fits() -> None:
    one = panel(
        window=WINDOWS[:1],
        kind=[
            {"name": "missing", "title": "missing", "is": {"nulled": ["yes"]}},
            {"name": "fallback", "title": "fallback", "is": {"service": ["fallback"]}},
            {"name": "rest", "title": "rest"},
        ],
    )
    told = world()
    shown = show(one, setting(told))
    file = on_days(told, rows_of(told), 0, 7)
    assert shown.rows[0]["count"] == file["x1"].null_count
    assert sum(row["count"] for row in shown.rows) == len(file)


def test_rates_are_told_by_the_day_with_their_ratio() -> None:
    one = panel(
        window=WINDOWS,
        shows="rate",
        kind=[{"name": "all", "title": "requests"}],
    )
    told = world(3, Fault(kind="season", day=7, severity=1.0))
    shown = show(one, setting(told))
    file = rows_of(told)
    counts = [len(on_days(told, file, first, 7)) for first in (0, 7)]
    assert [row["count"] for row in shown.rows] == counts
    assert shown.rows[0]["daily"] == counts[0] / 7
    ratio = next(r for r in shown.readings if r.name == "all ratio")
    assert ratio.value == pytest.approx(counts[1] / counts[0])
    assert ratio.low > 1.2


def test_a_distance_shows_the_shares_it_is_made_of() -> None:
    one = panel(
        window=WINDOWS,
        shows="distance",
        kind=[
            {"name": "low", "title": "0 to 0.3", "score": [0.0, 0.3]},
            {"name": "high", "title": "0.3 to 1", "score": [0.3, 1.0]},
        ],
    )
    told = world(3, Fault(kind="covariate_shift", day=7, severity=1.0))
    reference, now = show(one, setting(told)).rows
    assert reference["kl"] is None
    assert now["0 to 0.3"] + now["0.3 to 1"] == pytest.approx(1)
    kl = sum(now[band] * np.log(now[band] / reference[band]) for band in ("0 to 0.3", "0.3 to 1"))
    assert now["kl"] == pytest.approx(kl)
    assert now["low"] > 0


@pytest.mark.slow
def test_its_law_is_that_of_the_counts() -> None:
    """30 seeds: sums of counts are Poisson with the rates; chi-square of 16 cells."""
    one = panel(
        window=WINDOWS,
        where={"shard": ["a", "b"]},
        by=[
            {"name": "north", "title": "north", "is": {"market": ["north"]}},
            {"name": "south", "title": "south"},
        ],
        kind=[
            {"name": "late", "title": "late", "is": {"age": ["4", "later", "none"]}},
            {"name": "no", "title": "no", "is": {"label": ["0"]}},
            {"name": "sure", "title": "sure", "score": [0.5, 1.0]},
            {"name": "yes", "title": "yes"},
        ],
    )
    kind = PANELS["streamed"]
    total, rates = np.zeros(16), np.zeros(16)
    for seed in range(30):
        told = setting(world(seed, Fault(kind="label_noise", day=7, severity=1.0)))
        stack = kind.stack(one, told)
        rates = stack.rates[0]  # type: ignore[attr-defined]
        total = total + kind.seen(one, told, stack, np.random.default_rng(0))
    square = float((((total - 30 * rates) ** 2) / (30 * rates)).sum())
    assert square < 39.25  # 99.9 % of chi-square with 16 degrees of freedom


def test_points_that_differ_in_the_log_alone_have_one_law() -> None:
    quiet = world(3, Fault(kind="serving_change", day=7, share=0.0))
    loud = world(4, Fault(kind="serving_change", day=7, share=0.0, logged=True))
    assert bare(quiet) == bare(loud) == bare(world(5))


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"is": {"colour": ["red"]}}, "no axis 'colour'"),
        ({"is": {"source": ["press"]}}, "source has no level 'press'"),
        ({"is": {"market": ["west"]}}, "no level 'west'"),
        ({"is": {"age": ["3"]}}, "age has no level '3'"),
        ({"score": [0.0, 0.33]}, "cut a bin"),
    ],
)
def test_what_it_cannot_count_is_refused(wrong: dict[str, Any], what: str) -> None:
    one = panel(window=WINDOWS, kind=[{"name": "some", "title": "some", **wrong}])
    with pytest.raises(ValueError, match=what):
        PANELS["streamed"].stack(one, setting(world()))


def test_a_shard_that_is_not_there_is_refused() -> None:
    one = panel(window=WINDOWS, where={"shard": ["q"]}, kind=[{"name": "all", "title": "all"}])
    with pytest.raises(ValueError, match="no level 'q'"):
        PANELS["streamed"].stack(one, setting(world()))


@pytest.mark.parametrize("kind", ["streamed", "profiled"])
def test_copied_rows_have_no_law_here(kind: str) -> None:
    one = panel(kind, window=WINDOWS, kind=[{"name": "all", "title": "all"}])
    with pytest.raises(ValueError, match="replay"):
        PANELS[kind].stack(one, setting(world(3, Fault(kind="replay", day=7))))


def test_windows_share_no_day() -> None:
    one = panel(window=[WINDOWS[0], WINDOWS[0]], kind=[{"name": "all", "title": "all"}])
    with pytest.raises(ValidationError, match="share no day"):
        PANELS["streamed"].stack(one, setting(world()))


def test_no_rows_leave_everything_open() -> None:
    one = panel(
        window=WINDOWS,
        where={"who": ["bot"]},
        kind=[{"name": "high", "title": "high", **HIDDEN}, {"name": "low", "title": "low"}],
    )
    shown = show(one, setting(world()))
    assert all(row["share"] is None for row in shown.rows)
    assert all((row["low"], row["high"]) == (0.0, 1.0) for row in shown.rows)
    change = next(r for r in shown.readings if r.name == "high change")
    assert (change.low, change.high) == (-1.0, 1.0)


DAYS = [
    {"name": "before", "title": "first days", "first": 5, "days": 2},
    {"name": "after", "title": "next days", "first": 7, "days": 2},
]
PROFILE: dict[str, Any] = {
    "input": "x1",
    "title": "price",
    "edges": [-1, 0, 1, 4],
    "window": DAYS,
    "where": {"shard": ["a"]},
}


def test_a_profile_counts_the_input_in_the_file() -> None:
    told = world(3, Fault(kind="unit_change", day=7, severity=0.5))
    shown = show(panel("profiled", **PROFILE), setting(told))
    file = rows_of(told)
    file = file.filter(pc.equal(file["shard"], "a"))
    for window, first in (("first days", 5), ("next days", 7)):
        x1 = on_days(told, file, first, 2)["x1"]
        lines = {row["price"]: row["count"] for row in shown.rows if row["window"] == window}
        known = x1.drop_null().to_numpy()
        assert lines["no value"] == x1.null_count
        assert lines["4 and above"] == (known >= 4).sum()
        assert lines["0 to 1"] == ((known >= 0) & (known < 1)).sum()
        assert sum(lines.values()) == len(x1)
    change = next(r for r in shown.readings if r.name == "4 and above change")
    assert change.low > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="unit_change", day=7, severity=0.3),
        Fault(kind="covariate_shift", day=7, severity=0.5),
        Fault(kind="bots", day=7, severity=0.5),
    ],
    ids=lambda fault: fault.kind,
)
def test_the_law_of_a_profile_is_that_of_the_rows(fault: Fault) -> None:
    """12 seeds: sums of counts against their Poisson rates, cells with 5 expected or more."""
    kind, one = PANELS["profiled"], panel("profiled", **PROFILE)
    total, rates = np.zeros(12), np.zeros(12)
    for seed in range(12):
        told = setting(world(seed, fault))
        stack = kind.stack(one, told)
        rates = rates + stack.rates[0]  # type: ignore[attr-defined]
        total = total + kind.seen(one, told, stack, np.random.default_rng(0))
    enough = rates >= 5
    square = float(((total - rates)[enough] ** 2 / rates[enough]).sum())
    assert square < 32.91  # 12 cells: 99.9 % of chi-square


def test_a_profile_needs_rising_edges() -> None:
    with pytest.raises(ValidationError, match="rise"):
        PANELS["profiled"].stack(panel("profiled", **PROFILE | {"edges": [1, 0]}), setting(world()))


def log_worlds() -> tuple[World, ...]:
    return tuple(
        world(
            3,
            Fault(kind="serving_change", day=7, share=0.0, logged=rule),
            Fault(kind="none", day=7, decoy=decoy),
        )
        for rule in (False, True)
        for decoy in (False, True)
    )


@pytest.mark.parametrize("truth", range(4))
def test_a_log_tells_exactly_what_stands_in_it(truth: int) -> None:
    told = setting(*log_worlds(), truth=truth)
    one, kind = panel("logged", first=5, days=5), PANELS["logged"]
    stack = kind.stack(one, told)
    seen = kind.seen(one, told, stack, np.random.default_rng(1))
    chances = np.exp(stack.log_likelihoods(seen[None, :])[0])
    assert chances == pytest.approx(np.eye(4)[truth], abs=1e-9)
    shown = kind.shown(one, seen, told)
    assert {row["kind"] for row in shown.rows} == (
        ({"policy"} if truth >= 2 else set()) | ({"deploy"} if truth % 2 else set())
    )
    assert {row["day"] for row in shown.rows} <= {"2026-10-12"}
    policy = next(r for r in shown.readings if r.name == "policy")
    assert policy.value == policy.low == policy.high == float(truth >= 2)


def test_an_empty_log_says_that_nobody_has_to_write() -> None:
    shown = show(panel("logged", first=5, days=5), setting(*log_worlds()))
    assert shown.rows == []
    assert "Nobody has to" in shown.text[-1]


def test_entries_of_other_days_are_not_read() -> None:
    shown = show(panel("logged", first=8, days=5), setting(*log_worlds(), truth=3))
    assert shown.rows == []
