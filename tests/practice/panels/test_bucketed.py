"""Numbers of a note as rows: the means of the file are the number on the panel."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from shipcall.practice.files import write_evidence
from shipcall.practice.laws import Floats
from shipcall.practice.panels.bucketed import Buckets, Written, tables
from shipcall.practice.panels.noted import Line
from shipcall.practice.play import draw_play
from shipcall.practice.shelf import load_case
from shipcall.world.truth import World

WORLD = World.model_validate({"shipcall_world": 1, "name": "x", "seed": 3})
REVENUE = Buckets(metric="revenue", count=200, base=100.0, spread=2.0)
ANSWERS = Buckets(metric="answers", count=200)


def values(*lines: Written, seed: int = 3) -> dict[str, tuple[Floats, Floats]]:
    """Metric -> values of the baseline's buckets, and of the candidate's."""
    made = tables(lines, WORLD.model_copy(update={"seed": seed}))
    arm = dict(zip(made["exposures"]["unit"], made["exposures"]["arm"], strict=True))
    arms = np.array([arm[unit] for unit in made["outcomes"]["unit"]])
    metric, value = made["outcomes"]["metric"], made["outcomes"]["value"]
    return {
        name: (
            value[(metric == name) & (arms == "baseline")],
            value[(metric == name) & (arms == "candidate")],
        )
        for name in np.unique(metric)
    }


def test_a_measured_number_is_the_difference_of_the_means_to_the_last_digit() -> None:
    found = values(Written(REVENUE, 0.73, 1, counted=False))
    baseline, candidate = found["revenue"]
    assert len(baseline) == len(candidate) == 200
    assert baseline.mean() == pytest.approx(100.0, abs=1e-9)
    assert candidate.mean() - baseline.mean() == pytest.approx(0.73, abs=1e-9)


def test_its_values_spread_as_they_were_said_to() -> None:
    """400 drawings of 200 buckets: variance 4 within, 199 degrees of freedom each."""
    spread = [
        values(Written(REVENUE, 0.0, 1, counted=False), seed=seed)["revenue"][0].var(ddof=1)
        for seed in range(400)
    ]
    assert np.mean(spread) == pytest.approx(4.0, abs=4 * 4 * (2 / 199 / 400) ** 0.5)


def test_events_lie_with_the_candidate_and_their_mean_is_the_rate() -> None:
    """11 events, told for one of 2: 5.5 for each."""
    found = values(Written(REVENUE, 0.7, 1, counted=False), Written(ANSWERS, 11.0, 2, counted=True))
    baseline, candidate = found["answers"]
    assert baseline.sum() == 0
    assert candidate.mean() == pytest.approx(5.5)
    assert (candidate % 100 == 0).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_files_of_the_recap_say_what_its_panels_say(seed: int, tmp_path: Path) -> None:
    play = draw_play(load_case("C14"), seed)
    write_evidence(play, tmp_path)
    folder = tmp_path / "evidence"
    exposures = pq.read_table(folder / "exposures.parquet").to_pylist()
    arm = {row["unit"]: row["arm"] for row in exposures}
    means: dict[tuple[str, str], list[float]] = {}
    for row in pq.read_table(folder / "outcomes.parquet").to_pylist():
        means.setdefault((row["metric"], arm[row["unit"]]), []).append(row["value"])
    for panel, metric in (("headline", "revenue"), ("gateway", "answers")):
        (reading,) = play.shown(panel).readings
        told = np.mean(means[metric, "candidate"]) - np.mean(means[metric, "baseline"])
        assert told == pytest.approx(reading.value, abs=1e-9)


def test_rows_that_spread_otherwise_than_the_panel_says_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"spread = error \* sqrt"):
        Line(name="gain", title="gain", law="number", of={}, error=0.5, buckets=REVENUE)


def test_a_share_has_no_buckets() -> None:
    with pytest.raises(ValidationError, match="no shares"):
        Line(name="gain", title="gain", law="share", of={}, n=9, buckets=ANSWERS)
