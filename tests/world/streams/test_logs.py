"""Logs of a world: what the changes say, and what the jobs say."""

from collections import Counter
from datetime import timedelta

import pytest

from shipcall.formats.monitoring import CHANGE_KINDS
from shipcall.world.faults.catalogue import FAULTS
from shipcall.world.streams import changes, lineage
from shipcall.world.streams.served import rows
from shipcall.world.truth import Fault, Rollout, Stream, World


def world(*faults: Fault, rollout: Rollout | None = None) -> World:
    return World(
        shipcall_world=1,
        name="logged",
        seed=4,
        days=10,
        stream=Stream(rows_per_day=100),
        rollout=rollout,
        fault=list(faults),
    )


def log(told: World) -> list[tuple[int, str, str]]:
    found = changes.rows(told, 0).to_pylist()
    return [((row["at"] - told.start).days, row["kind"], row["what"]) for row in found]


def test_a_silent_fault_is_not_in_the_log() -> None:
    assert log(world(Fault(kind="unit_change", day=3))) == []


@pytest.mark.parametrize("kind", sorted(FAULTS.keys() - {"none"}))
def test_a_logged_fault_stands_there_on_its_day_as_a_change(kind: str) -> None:
    ((day, called, what),) = log(world(Fault(kind=kind, day=3, logged=True)))
    assert day == 3
    assert called in CHANGE_KINDS
    assert what


def test_a_decoy_is_an_innocent_deploy_on_the_same_day() -> None:
    both = log(world(Fault(kind="serving_change", day=3, logged=True, decoy=True)))
    assert sorted(kind for _, kind, _ in both) == ["deploy", "policy"]
    alone = log(world(Fault(kind="none", day=3, logged=True, decoy=True)))
    assert [(day, kind) for day, kind, _ in alone] == [(3, "deploy")]


def test_stages_of_the_rollout_stand_in_the_log_in_order() -> None:
    told = log(
        world(
            Fault(kind="bots", day=1, decoy=True),
            rollout=Rollout(shares=[0.1, 0.5], hours=[48.0, 24.0]),
        )
    )
    assert [(day, kind) for day, kind, _ in told] == [
        (0, "experiment"),
        (1, "deploy"),
        (2, "experiment"),
    ]


def test_every_job_starts_and_ends_and_counts_the_rows_of_the_file() -> None:
    told = world(Fault(kind="replay", severity=1.0))
    for day in range(10):
        events = lineage.rows(told, day).to_pylist()
        runs = Counter(event["run"]["runId"] for event in events)
        assert set(runs.values()) == {2}
        loaded = next(e for e in events if e["job"]["name"] == "load" and e["eventType"] != "START")
        statistics = loaded["outputs"][0]["outputFacets"]["outputStatistics"]
        assert statistics["rowCount"] == rows(told, day).num_rows


def test_labels_are_counted_when_they_are_a_day_old() -> None:
    told = world()
    labels = next(
        e
        for e in lineage.rows(told, 2).to_pylist()
        if e["job"]["name"] == "label" and e["eventType"] == "COMPLETE"
    )
    ends = told.start + timedelta(days=4)
    young = [r for r in rows(told, 2).to_pylist() if r["label_at"] and r["label_at"] < ends]
    assert labels["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == len(young)
    assert young


def test_a_missing_partition_is_a_run_that_failed() -> None:
    told = world(Fault(kind="missing_partition", severity=1.0))
    ended = {
        day: next(
            e["eventType"]
            for e in lineage.rows(told, day).to_pylist()
            if e["job"]["name"] == "load" and e["eventType"] != "START"
        )
        for day in range(7)
    }
    assert [day for day, kind in ended.items() if kind == "FAIL"] == [5, 6]


def test_stale_features_are_read_from_the_day_before() -> None:
    told = world(Fault(kind="skew", day=4))
    read = [
        next(e for e in lineage.rows(told, day).to_pylist() if e["job"]["name"] == "features")
        for day in (3, 4)
    ]
    assert [e["inputs"][0]["name"] for e in read] == ["rows/day=2026-10-08"] * 2
