"""C03 and C18: sessions that met both models, and people who are no longer in the mean."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shipcall.core import Action
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.play import draw_play
from shipcall.practice.points import points, world_at
from shipcall.practice.shelf import load_case
from shipcall.practice.weeks import DEPTHS, depth_chances


def test_depth_rises_as_much_where_people_leave_as_where_they_are_won() -> None:
    """Mean rise over the points of trap and twin, in requests a session; both between 1 and 2 %."""
    case = load_case("C18")
    found = points(case)
    worlds = [world_at(case, point, seed=1, name="w") for point in found]
    mean = depth_chances(worlds, 27) @ DEPTHS
    rise = (mean[:, 1] - mean[:, 0]) / mean[:, 0]
    by_role = {
        role: [r for r, point in zip(rise, found, strict=True) if point.state.role == role]
        for role in ("trap", "twin")
    }
    trap, twin = (sum(rises) / len(rises) for rises in by_role.values())
    assert 0.01 < trap < 0.02
    assert trap == pytest.approx(twin, rel=0.15)


def test_the_files_of_requests_are_those_of_the_panels(tmp_path: Path) -> None:
    play = draw_play(load_case("C03"), 6)
    write_files(play, tmp_path)
    assert {file.name for file in (tmp_path / "evidence").iterdir()} == {
        "exposures.parquet",
        "outcomes.parquet",
    }
    units = pq.read_table(tmp_path / "evidence" / "exposures.parquet")["unit"].to_pylist()
    crossed = len(units) - len(set(units))
    late = play.shown("sessions").rows[-1]["count"]
    assert 0 < late < crossed


@pytest.mark.slow
def test_units_that_met_both_models_hold_whatever_the_gain(tmp_path: Path) -> None:
    case = load_case("C03")
    twin = next(n for n, p in enumerate(points(case)) if p.values["lift"] == 4.0)
    play = draw_play(case, 3, truth=twin)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    crossed = next(f for f in verdict.findings if f.check.id == "sanity.exposures.crossed")
    assert verdict.call is Action.HOLD
    assert not crossed.satisfied


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gone", "climb", "calls"), [(6.0, 2.0, {"HOLD", "ROLL BACK"}), (0.0, 6.0, {"NO OBJECTION"})]
)
def test_the_cohort_stage_objects_where_casual_readers_leave(
    gone: float, climb: float, calls: set[str], tmp_path: Path
) -> None:
    case = load_case("C18")
    values = {"gone": gone, "climb": climb, "tire": 0.0}
    play = draw_play(case, 3, truth=[dict(p.values) for p in points(case)].index(values))
    write_files(play, tmp_path)
    assert judge_play(play, tmp_path).verdict.call in calls
