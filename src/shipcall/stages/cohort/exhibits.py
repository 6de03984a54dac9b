"""Exhibits: what people did, as plain data for tables and pictures; it never moves the call.

Every interval is one of 95 %, for its number alone unless said otherwise. An estimate is
{value, low, high, n, method}; what could not be estimated is {absent, detail}.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from shipcall.contract.plan import Plan
from shipcall.core import Absent, Measured, plain
from shipcall.data.activity import Activity
from shipcall.data.beginnings import TASTES
from shipcall.data.calendar import Both, Cell, name_of
from shipcall.data.evidence import Evidence
from shipcall.data.habits import (
    BACK,
    QUIET,
    Departures,
    departures,
    depths,
    exposures_to_drop,
    moves,
    steps_of,
    wear,
)
from shipcall.stages._shown import LEVEL, shown
from shipcall.stages.cohort.examine import people_of
from shipcall.stages.cohort.outlook import outlook
from shipcall.stats.arms import ByArm
from shipcall.stats.changepoint import Changes, abruptness, find_changes
from shipcall.stats.fatigue import hazard_by_arm, hazard_trend, novelty_decay, slope_by_arm
from shipcall.stats.migration import homogeneity, migration
from shipcall.stats.retention import reengagement, retention_triangle
from shipcall.stats.sample import Floats
from shipcall.stats.shape import Depths, depth_classes, quantiles_by_arm, wasserstein
from shipcall.stats.survival import Exits, log_rank, restricted_mean_by_arm, survival_by_arm

AGES = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28)
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MOST_COHORTS = 10
"""More beginnings than this, and weeks make the cohorts."""
HORIZON = 28
WEEK = 7
WEEKLY = 56
"""Days from which on whole weeks are dealt, when changes are sought."""
FEW_ON_DAY = 30
"""A daily share of fewer units than this in an arm is not drawn."""
MOST_EXPOSURES = 20

View = dict[str, Any]


def exhibits(plan: Plan, evidence: Evidence) -> Mapping[str, Any]:
    """Show what people did, by arm: everything that `cohort_lines` and `cohort_svgs` draw.

    Args:
        plan: From `cohort_plan`.
        evidence: As for `examine`.
    """
    people = people_of(plan, evidence)
    if isinstance(people, Absent):
        return shown(people)
    steps = steps_of(people)
    left = departures(people, steps)
    parts: Mapping[str, Callable[[], View]] = {
        "people": partial(_people, people),
        "retention": partial(_retention, people),
        "survival": partial(_survival, left),
        "fatigue": partial(_fatigue, people, steps),
        "novelty": partial(_novelty, people),
        "depth": partial(_depth, people),
        "taste": partial(_taste, people),
        "reengagement": partial(_reengagement, left),
        "migration": partial(_migration, people),
        "changes": partial(_changes, people),
        "forecast": partial(outlook, left, LEVEL),
    }
    found: dict[str, Any] = plain({name: part() for name, part in parts.items()})
    return found


def arms(shares: ByArm) -> View:
    """Give both arms and their difference as plain data."""
    return {name: shown(measured) for name, measured in shares._asdict().items()}


def _people(people: Activity) -> View:
    facts = people.facts
    return {
        "baseline": facts.units.baseline,
        "candidate": facts.units.candidate,
        "first": facts.first,
        "last": facts.last,
        "gaps": facts.gaps,
        "moved": facts.moved,
        "crossed": facts.crossed.count,
        "exposed": facts.exposed,
        "level": 1 - sum(LEVEL),
    }


def _retention(people: Activity) -> View:
    if not people.starts:
        return {"absent": "no_rows", "detail": "no unit began"}
    days = 1 if len(people.starts) <= MOST_COHORTS else WEEK
    longest = people.calendar.last - people.starts[0]
    ages = [age for age in AGES if age <= longest] or [AGES[0]]
    baseline, candidate = people.returns(ages, days=days)
    triangle = retention_triangle(baseline, candidate, LEVEL)
    single = retention_triangle(*people.returns(ages), LEVEL)
    groups = {name_of(group[0]): group for group in people.groups(days)}
    cells = [
        {
            "cohort": cell.cohort,
            "age": cell.age,
            "state": _state(people, groups[cell.cohort], cell.age),
            **arms(cell.shares),
        }
        for cell in triangle.cells
    ]
    columns = [
        {"age": column.age, "cohorts": len(column.cohorts), **arms(column.shares)}
        for column in single.columns
    ]
    return {
        "window": triangle.window,
        "cohort_days": days,
        "ages": ages,
        "cohorts": [
            {"name": name, "baseline": int(b), "candidate": int(c)}
            for name, b, c in zip(baseline.cohorts, baseline.units, candidate.units, strict=True)
        ],
        "cells": cells,
        "columns": columns,
    }


def _state(people: Activity, group: Sequence[int], age: int) -> str:
    """The worst of what can be said of the days that make a cohort."""
    cells = [people.calendar.cell(start, age) for start in group]
    worst = (Cell.MOVED, Cell.GAP, Cell.MATURING)
    return str(next((cell for cell in worst if cell in cells), Cell.KNOWN))


def _survival(left: Departures | Absent) -> View:
    if isinstance(left, Absent):
        return shown(left)
    whole = [_merged(arm) for arm in left.exits]
    last = min(int(arm.times[-1]) for arm in whole)
    curve = [
        {"age": age, **arms(survival_by_arm(whole[0], whole[1], age, LEVEL))}
        for age in range(1, min(last, HORIZON) + 1)
    ]
    ranked = log_rank(*left.exits)
    horizon = min(last, HORIZON)
    return {
        "quiet_days": QUIET,
        "curve": curve,
        "log_rank": shown(ranked) if isinstance(ranked, Absent) else ranked._asdict(),
        "horizon": horizon,
        "mean": arms(restricted_mean_by_arm(whole[0], whole[1], horizon, LEVEL)),
    }


def _merged(parts: Sequence[Exits]) -> Exits:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.merged(part)
    return whole


def _fatigue(people: Activity, steps: Any) -> View:
    baseline, candidate = exposures_to_drop(people, steps)
    both = baseline.upto(MOST_EXPOSURES), candidate.upto(MOST_EXPOSURES)
    hazards = [
        {"exposures": hazard.exposures, **arms(hazard.shares)}
        for hazard in hazard_by_arm(*both, LEVEL)
    ]
    trends = {}
    for name, arm in zip(Both._fields, (baseline, candidate), strict=True):
        trend = hazard_trend(arm)
        trends[name] = shown(trend) if isinstance(trend, Absent) else trend._asdict()
    return {
        "hazards": hazards,
        "slope": arms(slope_by_arm(baseline, candidate, LEVEL)),
        "trend": trends,
    }


def _novelty(people: Activity) -> View:
    found = wear(people)
    return shown(found) if isinstance(found, Absent) else arms(novelty_decay(*found, LEVEL))


def _depth(people: Activity) -> View:
    found = depths(people, "depth")
    if isinstance(found, Absent):
        return shown(found)
    return _distribution(found) | {"classes": _classes(found)}


def _distribution(found: Both[Depths]) -> View:
    quantiles = [
        {"q": one.q, **arms(one.values)} for one in quantiles_by_arm(*found, QUANTILES, LEVEL)
    ]
    return {"quantiles": quantiles, "distance": shown(wasserstein(*found, LEVEL))}


def _classes(found: Both[Depths]) -> list[View]:
    """Classes that begin at the quartiles of the baseline: a quarter of it lies in each."""
    baseline = found.baseline
    if not baseline.n:
        return []
    places = np.searchsorted(baseline.below, [0.25 - 1e-12, 0.5 - 1e-12, 0.75 - 1e-12])
    starts = sorted({float(baseline.depths[0]), *baseline.depths[places].tolist()})
    return [
        {"least": one.least, **arms(one.shares)}
        for one in depth_classes(*found, tuple(starts), LEVEL)
    ]


def _taste(people: Activity) -> View:
    """Surprise against predictability, where a ranker's table tells of them."""
    found = {name: depths(people, name, digits=2) for name in TASTES}
    return {
        name: shown(one) if isinstance(one, Absent) else _distribution(one)
        for name, one in found.items()
    }


def _reengagement(left: Departures | Absent) -> View:
    lapses = left if isinstance(left, Absent) else left.lapses
    if isinstance(lapses, Absent):
        return shown(lapses)
    found = reengagement(*lapses, LEVEL, lapsed_before=False)
    return {
        "quiet_days": QUIET,
        "back_days": BACK,
        "of_lapsed": arms(found.of_lapsed),
        "of_all": arms(found.of_all),
    }


def _migration(people: Activity) -> View:
    found = moves(people)
    if isinstance(found, Absent):
        return shown(found)
    whole = homogeneity(*found.moves, _seeded("migration", people))
    return {
        "by": found.by,
        "until": found.until,
        "n": found.units,
        "before": found.moves.baseline.before,
        "after": found.moves.baseline.after,
        "units": {
            name: arm.counts.sum(axis=1).tolist() for name, arm in found.moves._asdict().items()
        },
        "moves": [
            {
                "before": move.before,
                "after": move.after,
                **arms(move.shares),
                "p": move.p,
                "marked": move.marked,
            }
            for move in migration(*found.moves, LEVEL)
        ],
        "alike": shown(whole) if isinstance(whole, Absent) else whole._asdict(),
    }


def _changes(people: Activity) -> View:
    """Seek changes in the share of begun units that came on each day, and in its difference."""
    daily = people.daily
    enough = np.flatnonzero(np.minimum(*daily.begun) >= FEW_ON_DAY)
    if not enough.size:
        return {"absent": "too_few_units", "detail": f"no day with {FEW_ON_DAY} units of both arms"}
    begin = int(enough[0])
    shares = [
        (came[begin:] / could[begin:]).astype(np.float64)
        for came, could in zip(daily.active, daily.begun, strict=True)
    ]
    gaps = [day - daily.first - begin for day in people.calendar.gaps]
    for share in shares:
        share[[gap for gap in gaps if 0 <= gap < share.size]] = np.nan
    series = {
        "baseline": shares[0],
        "candidate": shares[1],
        "difference": shares[1] - shares[0],
    }
    first = daily.first + begin
    days = [name_of(first + place) for place in range(shares[0].size)]
    found = {name: _sought(name, values, days, people) for name, values in series.items()}
    lines = {
        name: [None if np.isnan(value) else float(value) for value in values]
        for name, values in series.items()
    }
    return {"days": days, "series": lines, "found": found}


def _sought(name: str, values: Floats, days: Sequence[str], people: Activity) -> View:
    rng = _seeded(name, people)
    block = WEEK if values.size >= WEEKLY and name != "difference" else 1
    changes = find_changes(values, LEVEL, rng, block=block)
    if isinstance(changes, Absent):
        return shown(changes)
    return {
        "block": block,
        "p": changes.p,
        "changes": [
            {
                "at": shown(change.at),
                "day": _day(change.at, days),
                "size": change.size,
            }
            for change in changes.changes
        ],
        "abruptness": _abrupt(changes, values, rng),
    }


def _day(at: Measured, days: Sequence[str]) -> str:
    """First day at the new level."""
    return "" if isinstance(at, Absent) else days[min(int(at.value + 0.5), len(days) - 1)]


def _abrupt(changes: Changes, values: Floats, rng: np.random.Generator) -> View | None:
    """Over how many days the change came; asked only where there is exactly one."""
    return shown(abruptness(values, LEVEL, rng)) if len(changes.changes) == 1 else None


def _seeded(name: str, people: Activity) -> np.random.Generator:
    """Seed a generator by what is drawn for, so that the same evidence gives the same bytes."""
    text = f"cohort\0{name}\0{people.calendar.last}\0{people.facts.rows}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
