"""Stream: rows hold exactly the panels, panels follow their law, and the law is the truth."""

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest
from scipy import integrate, special

from shipcall.world.chance.draws import Ints
from shipcall.world.streams import panels
from shipcall.world.streams.panels import SERVICES, scene, service_ends, stream_counts, stream_law
from shipcall.world.streams.served import TABLE, rows
from shipcall.world.streams.truth import stream_truth
from shipcall.world.truth import Effect, Fault, Labels, Model, Stream, Trait, World
from world.streams.watching import columns, stream

ALL = tuple(scene(World(shipcall_world=1, name="w", seed=1, stream=Stream())).sizes)
TROUBLED = (
    Fault(kind="null_surge", day=2, severity=0.6),
    Fault(kind="bots", day=1, severity=0.7),
    Fault(kind="serving_change", day=3, severity=0.9, where={"country": "NZ"}),
    Fault(kind="replay", day=2, severity=1.0),
    Fault(kind="latency", day=3, severity=1.0),
)


def world(*faults: Fault, seed: int = 5, days: int = 5, rows_per_day: int = 800) -> World:
    return World(
        shipcall_world=1,
        name="w",
        seed=seed,
        days=days,
        stream=Stream(rows_per_day=rows_per_day, exploration=0.1, recomputed=0.3, canary=0.1),
        trait=[Trait(column="country", levels={"US": 0.7, "NZ": 0.3}, odds={"NZ": -0.5})],
        labels=Labels(sources={"review": 0.6, "users": 0.4}, noise=0.05, reported=0.9),
        model={"candidate": Model(sharpness=1.5, tilt=0.3)},
        fault=list(faults),
    )


def counted(drawn: World, table: pa.Table) -> Ints:
    """Count the rows of a file by every axis of a panel, from its columns alone."""
    seen, c = scene(drawn), columns(table)
    _, once = np.unique(c["request"], return_index=True)
    times = np.unique(c["request"], return_counts=True)[1]
    c = {name: values[once] for name, values in c.items()}
    unlabelled = np.isnan(c["label"])
    days = (c["label_at"] - (c["at"].astype("datetime64[D]") + 1)) / np.timedelta64(1, "D")
    age = np.digitize(np.nan_to_num(days), [1.0, 2.0, 4.0])
    service = np.digitize(c["latency_ms"], service_ends(seen)[1:-1])
    kinds = {
        "who": ["unb".index(unit[0]) for unit in c["unit"]],
        "version": [seen.versions.index(version) for version in c["version"]],
        "explored": c["explored"].astype(int),
        "nulled": np.isnan(c["x1"]).astype(int),
        "copied": times - 1,
        "cell": [["US", "NZ"].index(country) for country in c["country"]],
        "source": [["review", "users"].index(source) for source in c["source"]],
        "service": np.where(c["fallback"] == 1, len(SERVICES) - 1, service),
        "score": np.searchsorted(seen.edges, special.logit(c["score"]), side="right") - 1,
        "outcome": np.where(unlabelled, 8, 4 * np.nan_to_num(c["label"]) + age).astype(int),
    }
    counts = np.zeros(list(seen.sizes.values()), dtype=np.int64)
    np.add.at(counts, tuple(np.asarray(kinds[axis]) for axis in ALL), 1)
    return counts


def test_the_rows_of_a_file_hold_exactly_the_panel() -> None:
    troubled = world(*TROUBLED)
    for day in range(5):
        panel = stream_counts(troubled, [[day]], ALL)[0]
        assert np.array_equal(counted(troubled, rows(troubled, day)), panel)


def test_a_coarser_panel_is_the_sum_of_a_finer_one() -> None:
    troubled = world(*TROUBLED)
    fine = stream_counts(troubled, [[0, 1], [2, 3, 4]], ALL)
    coarse = stream_counts(troubled, [[0, 1], [2, 3, 4]], ("cell", "score"))
    kept = tuple(1 + n for n, axis in enumerate(ALL) if axis not in ("cell", "score"))
    assert np.array_equal(fine.sum(axis=kept), coarse)
    law = stream_law(troubled, [[0, 1], [2, 3, 4]], ALL).rate
    assert law.sum(axis=kept) == pytest.approx(
        stream_law(troubled, [[0, 1], [2, 3, 4]], ("cell", "score")).rate
    )


@pytest.mark.slow
def test_panels_have_the_mean_and_the_variance_of_their_law() -> None:
    """Counts are Poisson: the squared distance over the rate has mean 1 over seeds."""
    axes = ("source", "service", "outcome")
    some = TROUBLED[-1:]
    law = stream_law(world(*some), [range(3), range(3, 5)], axes).rate
    drawn = np.stack(
        [
            stream_counts(world(*some, seed=seed), [range(3), range(3, 5)], axes)
            for seed in range(60)
        ]
    )
    large = law > 10
    z = (drawn - law)[:, large] / np.sqrt(law[large])
    assert abs(z.mean()) < 4 / math.sqrt(z.size)
    assert (z**2).mean() == pytest.approx(1.0, abs=5 * math.sqrt(2 / z.size))
    assert drawn.mean(axis=0)[~large].sum() == pytest.approx(law[~large].sum(), rel=0.1)


def test_the_chance_of_a_label_in_a_bin_is_the_integral() -> None:
    """Adaptive quadrature over the stated log odds, normal with the stated mean and spread.

    Usual day, one model: of known units both features are read, so the truth is what is stated;
    of units never seen x1 is read as 0, and its pull of 0.8 is noise of that spread.
    """
    plain = World(shipcall_world=1, name="w", seed=1, stream=Stream(unseen=0.2, fallback=0.0))
    seen = scene(plain)
    base = float(special.logit(0.3))
    for scored in seen.scored(0):
        known = scored.strand.who == "known"
        spread = 0.8 * math.sqrt(2) if known else 0.8
        for number in (0, 3, 7, len(seen.edges) - 2):
            low, high = seen.edges[number : number + 2]
            low, high = max(low, base - 12 * spread), min(high, base + 12 * spread)
            expected, _ = integrate.quad(
                lambda x, s=spread, k=known: (
                    math.exp(-0.5 * ((x - base) / s) ** 2)
                    / (s * math.sqrt(2 * math.pi))
                    * (float(special.expit(x)) if k else _noisy(x))
                ),
                low,
                high,
                epsabs=1e-12,
            )
            assert scored.right[0, number] == pytest.approx(expected, abs=2e-7)


def _noisy(mean: float) -> float:
    value, _ = integrate.quad(
        lambda z: float(special.expit(mean + 0.8 * z)) * math.exp(-0.5 * z * z), -9, 9
    )
    return value / math.sqrt(2 * math.pi)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="none"),
        Fault(kind="concept_drift", severity=1.0),
        Fault(kind="unit_change", severity=0.6),
        Fault(kind="feedback_loop", severity=1.0),
        Fault(kind="covariate_shift", severity=1.0, where={"country": "NZ"}),
    ],
    ids=lambda fault: fault.kind,
)
def test_what_is_stated_as_true_is_what_the_rows_have(fault: Fault) -> None:
    """Labels of this world are all reported and never flipped, but for those still to come."""
    drawn = world(fault, rows_per_day=6_000, days=5).model_copy(
        update={"labels": Labels(delay_days=0.01)}
    )
    c = columns(stream(drawn, range(4)))
    said = {(f["metric"], f["slice"], f.get("day")): f["value"] for f in stream_truth(drawn)}
    known = ~np.isnan(c["label"])
    inside = c["country"] == "NZ"
    for name, mask in (("all", known), ("country=NZ", known & inside)):
        found = {
            "positive": c["label"],
            "served_positive": c["prediction"],
            "right": c["label"] == c["prediction"],
            "stated": c["score"],
            "fallback": c["fallback"],
        }
        for metric, values in found.items():
            part = values[mask].astype(np.float64)
            error = max(part.std(), 0.02) / math.sqrt(part.size)
            assert part.mean() == pytest.approx(said[metric, name, None], abs=4.5 * error)
    for day in range(4):
        there = c["at"].astype("datetime64[D]") == np.datetime64("2026-10-05") + day
        expected = float(said["rows", "all", day])
        assert there.sum() == pytest.approx(expected, abs=4.5 * math.sqrt(expected))


@pytest.mark.slow
def test_one_seed_gives_one_stream_in_any_order_of_chunks() -> None:
    forward = [rows(world(*TROUBLED), day) for day in range(5)]
    backward = [rows(world(*TROUBLED), day) for day in reversed(range(5))][::-1]
    assert all(a.equals(b) for a, b in zip(forward, backward, strict=True))


def test_another_seed_gives_another_stream() -> None:
    assert not rows(world(), 0).equals(rows(world(seed=6), 0))


def test_with_all_defaults_both_models_are_alike() -> None:
    plain = World(shipcall_world=1, name="w", seed=1, stream=Stream(canary=0.5))
    law = stream_law(plain, [range(28)], ("version", "service", "score", "outcome")).rate[0]
    assert law[0] == pytest.approx(law[1])


@pytest.mark.slow
def test_a_day_may_come_in_several_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "CHUNK", 250)
    panels._scene.cache_clear()  # noqa: SLF001 - laid out with other chunks
    split = world(*TROUBLED, seed=9)
    assert TABLE.chunks(split) == 5 * 4
    parts = [rows(split, chunk) for chunk in range(12, 16)]
    whole = counted(split, pa.concat_tables(parts))
    assert np.array_equal(whole, stream_counts(split, [[3]], ALL)[0])
    moments = [part["at"].to_numpy() for part in parts]
    assert all(a.max() <= b.min() for a, b in itertools.pairwise(moments))
    panels._scene.cache_clear()  # noqa: SLF001


def test_a_label_that_was_not_reported_in_time_is_null() -> None:
    last = columns(rows(world(), 4))
    assert np.isnan(last["label"]).all()
    first = columns(rows(world(), 0))
    known = ~np.isnan(first["label"])
    assert (first["label_at"][known] < np.datetime64("2026-10-10")).all()
    assert (first["label_at"][known] > first["at"][known]).all()
    assert np.isnat(first["label_at"][~known]).all()


def test_a_model_without_skill_in_a_slice_reads_the_features_of_others_there() -> None:
    blind = world().model_copy(
        update={"effect": [Effect(model="baseline", where={"country": "NZ"}, skill=-20.0)]}
    )
    c = columns(stream(blind, range(3)))
    other = c["x1"] != c["x1_recomputed"]
    again = ~np.isnan(c["x1_recomputed"]) & (c["version"] == "v1")
    inside = c["country"] == "NZ"
    known = np.array([unit[0] == "u" for unit in c["unit"]])
    assert other[again & inside & known].all()
    assert not other[again & ~inside].any()


def test_duplicates_are_whole_rows() -> None:
    table = rows(world(Fault(kind="replay", severity=1.0)), 0)
    names = table["request"].to_pylist()
    lines = {str(row) for row in table.to_pylist()}
    assert len(set(names)) == len(lines) < len(names)


def test_a_day_without_rows_has_its_columns() -> None:
    gone = world(Fault(kind="missing_partition", severity=1.0), days=6)
    assert rows(gone, 5).num_rows == 0
    assert rows(gone, 5).schema == rows(gone, 0).schema


def test_a_world_without_a_stream_has_no_panels() -> None:
    with pytest.raises(ValueError, match="no stream"):
        scene(World(shipcall_world=1, name="w", seed=1))
