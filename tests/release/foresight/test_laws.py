"""What is drawn has the moments of the rows it stands for."""

import math
from typing import cast

import numpy as np
import pytest

from shipcall.core import Absent, Slice
from shipcall.release.foresight.laws import Law, NormalLaw, Place
from shipcall.release.foresight.models import NoLaw
from shipcall.release.foresight.outcomes import paired_law, runs_law
from shipcall.release.foresight.rowlaws import AucLaw, EceLaw, QuantileLaw
from shipcall.stats.calibration import plug_in_ece
from shipcall.stats.quantiles import sample_quantile
from shipcall.stats.sample import BinSample, Floats, PairSample, QuantileSample

ALL, PART = Slice(), Slice.of({"part": "a"})


def place(*units: int, lost: float = 0.0) -> Place:
    """Two cells, of which the first is the slice; one number of units for each look."""
    cells = np.array([[u // 4, u - u // 4] for u in units])
    members = np.array([[True, True], [True, False]])
    return Place(units=cells, parts=(ALL, PART), members=members, lost=lost)


def pairs(
    law: Law, where: Place, effect: Floats, part: Slice, draws: int = 400
) -> list[PairSample]:
    found = law.draw(where, effect, np.random.default_rng(1), draws)[-1][part]
    return cast("list[PairSample]", found)


def differences(samples: list[PairSample]) -> Floats:
    return np.array([(s.candidate or 0) - (s.baseline or 0) for s in samples])


LAWS: dict[str, tuple[Law, float]] = {
    "pairs": (paired_law(0.7, 0.2), math.sqrt(0.2)),
    "runs": (runs_law(0.7, 0.3, 0.6, 3), math.sqrt(0.3 - 0.4 * 0.42 * (1 - 1 / 3))),
    "normal": (
        NormalLaw(value=5, spread=2, difference=1.5, units_each=1, rows_each=1),
        1.5,
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_spread_of_what_is_drawn_is_the_one_that_was_taken(name: str) -> None:
    law, spread = LAWS[name]
    drawn = pairs(law, place(400), np.zeros(2), ALL, 2_000)
    assert differences(drawn).std() == pytest.approx(spread / 20, rel=0.06)
    stated = [s.var_baseline + s.var_candidate - 2 * s.covariance for s in drawn]
    assert np.mean(stated) == pytest.approx(spread**2 / 400, rel=0.03)


@pytest.mark.parametrize("name", LAWS)
def test_an_effect_stays_in_its_cells(name: str) -> None:
    law, spread = LAWS[name]
    effect = np.array([-0.06, 0.02])
    whole = differences(pairs(law, place(400), effect, ALL)).mean()
    inside = differences(pairs(law, place(400), effect, PART)).mean()
    noise = 4 * spread / 20 / math.sqrt(400)
    assert whole == pytest.approx(0.0, abs=noise)
    assert inside == pytest.approx(-0.06, abs=2 * noise)


@pytest.mark.parametrize("name", LAWS)
def test_later_looks_hold_the_units_of_earlier_ones(name: str) -> None:
    law, _ = LAWS[name]
    looks = law.draw(place(200, 400), np.zeros(2), np.random.default_rng(3), 300)
    first, second = (cast("list[PairSample]", look[ALL]) for look in looks)
    assert {s.clusters for s in first} == {200}
    assert {s.clusters for s in second} == {400}
    both = np.corrcoef(differences(first), differences(second))[0, 1]
    assert both == pytest.approx(math.sqrt(0.5), abs=0.1)


@pytest.mark.parametrize("name", LAWS)
def test_a_slice_without_units_has_no_sample(name: str) -> None:
    law, _ = LAWS[name]
    empty = Place(
        units=np.array([[0, 50]]), parts=(PART,), members=np.array([[True, False]]), lost=0.0
    )
    assert all(
        isinstance(s, Absent)
        for s in law.draw(empty, np.zeros(2), np.random.default_rng(1), 3)[0][PART]
    )


@pytest.mark.parametrize("name", LAWS)
def test_one_unit_is_drawn_without_a_warning(name: str) -> None:
    law, _ = LAWS[name]
    (sample,) = pairs(law, place(1), np.zeros(2), ALL, 1)
    assert sample.clusters == 1


def test_lost_rows_are_lost_at_their_share_of_each_slice() -> None:
    drawn = pairs(paired_law(0.7, 0.2), place(400, lost=0.05), np.zeros(2), PART, 1_000)
    assert np.mean([sample.lost.rows for sample in drawn]) == pytest.approx(5, abs=0.3)
    assert {sample.lost.rows + sample.rows for sample in drawn} == {100}


@pytest.mark.parametrize("name", ["runs", "normal"])
def test_units_whose_runs_are_lost_in_part_stay(name: str) -> None:
    law, _ = LAWS[name]
    drawn = pairs(law, place(400, lost=0.05), np.zeros(2), ALL, 200)
    rows = 3 if name == "runs" else 1
    assert {sample.clusters for sample in drawn} == {400}
    assert np.mean([s.lost.rows for s in drawn]) == pytest.approx(20 * rows, rel=0.1)


def test_references_say_what_every_cluster_contributes() -> None:
    for law, _ in LAWS.values():
        sample = law.reference(place(400), np.random.default_rng(1))[PART]
        assert isinstance(sample, PairSample)
        assert sample.influence is not None
        assert sample.influence.cluster.size == 100


def test_areas_under_the_curve_are_drawn_around_the_one_that_was_taken() -> None:
    law = AucLaw(value=0.8, positive=0.3, alike=0.6)
    drawn = pairs(law, place(300), np.full(2, 0.05), ALL, 150)
    assert np.mean([s.baseline for s in drawn]) == pytest.approx(0.8, abs=0.01)
    assert np.mean([s.candidate for s in drawn]) == pytest.approx(0.85, abs=0.01)


def test_more_rows_than_are_drawn_shrink_the_errors_by_the_root_of_their_number() -> None:
    law = AucLaw(value=0.8, positive=0.5, alike=0.6)
    few, many = (pairs(law, place(n), np.zeros(2), ALL, 60) for n in (4_000, 64_000))
    assert differences(few).std() / differences(many).std() == pytest.approx(4, rel=0.05)
    assert many[0].rows == 64_000
    assert few[0].var_baseline / many[0].var_baseline == pytest.approx(16, rel=0.2)


def test_calibration_errors_are_drawn_around_the_one_that_was_taken() -> None:
    law = EceLaw(value=0.05, bins=5, noise=0.02)
    drawn = law.draw(place(3_000), np.full(2, 0.03), np.random.default_rng(2), 10)[-1][ALL]
    found = [plug_in_ece(cast("BinSample", sample)) for sample in drawn]
    assert np.mean([ece.baseline for ece in found]) == pytest.approx(0.05, abs=0.01)
    assert np.mean([ece.candidate for ece in found]) == pytest.approx(0.08, abs=0.01)


def test_quantiles_are_drawn_around_the_one_that_was_taken() -> None:
    law = QuantileLaw(q=0.9, value=200.0, spread=0.5, alike=0.6, repeats=2, together=0.5)
    drawn = law.draw(place(2_000), np.full(2, 40.0), np.random.default_rng(2), 10)[-1][ALL]
    samples = [cast("QuantileSample", sample) for sample in drawn]
    assert np.mean([sample_quantile(s.baseline, 0.9) or 0 for s in samples]) == pytest.approx(
        200, rel=0.03
    )
    assert np.mean([sample_quantile(s.candidate, 0.9) or 0 for s in samples]) == pytest.approx(
        240, rel=0.03
    )
    assert {(s.clusters, s.baseline.size) for s in samples} == {(2_000, 4_000)}


def test_a_metric_without_data_is_absent_in_every_draw() -> None:
    law = NoLaw("pass^5 needs 5 runs of a unit; 3 are promised")
    drawn = law.draw(place(10), np.zeros(2), np.random.default_rng(1), 3)[0][ALL]
    assert [isinstance(sample, Absent) for sample in drawn] == [True] * 3


def test_counts_of_rare_events_are_those_of_the_binomial_law() -> None:
    """At 300 units and a rate of 0.002, no event at all comes with chance 0.998^300 = 0.5485."""
    drawn = pairs(paired_law(0.002, 0.0), place(300), np.zeros(2), ALL, 4_000)
    assert np.mean([s.hits_baseline == (0, 300) for s in drawn]) == pytest.approx(0.5485, abs=0.03)
