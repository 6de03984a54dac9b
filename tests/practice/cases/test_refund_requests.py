"""C12: a bar that follows from what errors cost."""

import numpy as np
import pytest

from shipcall.practice.bots import calls_of_bots
from shipcall.practice.ladder import losses
from shipcall.practice.play import Play, draw_play
from shipcall.practice.points import worths
from shipcall.practice.redraw import redrawn
from shipcall.practice.shelf import load_case
from shipcall.world.chance.draws import Floats
from shipcall.world.streams.panels import OUTCOMES, scene, stream_law
from shipcall.world.streams.served import TABLE
from shipcall.world.truth import World

BARS = {"low": 0.1, "middle": 0.4, "high": 0.8, "highest": 0.95}
"""Worth -> bar it stands for."""


@pytest.fixture(scope="module")
def play() -> Play:
    return draw_play(load_case("C12"), 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_bands_are_those_of_the_file(seed: int) -> None:
    play = draw_play(load_case("C12"), seed)
    world = play.setting.drawn
    rows = [r for chunk in range(TABLE.chunks(world)) for r in TABLE.rows(world, chunk).to_pylist()]
    edges = {"0.8 to 1": (0.8, 2.0), "0.4 to 0.8": (0.4, 0.8), "0.1 to 0.4": (0.1, 0.4)}
    first = {"2 to 8 Nov": 0, "9 to 15 Nov": 7}
    for shown in play.shown("bands").rows:
        low, high = edges.get(shown["of"], (0.0, 0.1))
        begins = first[shown["window"]]
        labels = [
            row["label"]
            for row in rows
            if begins <= (row["at"] - world.start).days < begins + 7
            and low <= row["score"] < high
            and row["label"] is not None
        ]
        assert (shown["count"], shown["rows"]) == (sum(labels), len(labels))


def test_the_first_week_is_told_wholly_by_the_bands(play: Play) -> None:
    bands = [row for row in play.shown("bands").rows if row["window"] == "2 to 8 Nov"]
    whole = {row["of"]: row for row in play.shown("headline").rows}
    for column in ("count", "rows"):
        top = sum(row[column] for row in bands if row["of"] == "0.8 to 1")
        assert whole["stated 0.8 or more"][column] == top
        assert whole["stated less"][column] == sum(row[column] for row in bands) - top


def test_the_version_in_the_file_does_not_tell_what_is_so() -> None:
    case = load_case("C12")
    versions = set()
    for place in (0, 6, 12, 16):
        world = draw_play(case, 1, truth=place).setting.drawn
        versions.add(frozenset(TABLE.rows(world, 0)["version"].to_pylist()))
    assert len(versions) == 1


def errors_at(world: World, bar: float) -> tuple[float, float]:
    """Misses and waits at a bar, of 1,000 requests."""
    rates = stream_law(world, (tuple(range(13)),), ("score", "outcome")).rate[0]
    scores = 1 / (1 + np.exp(-scene(world).edges[:-1]))
    checked = scores >= bar - 1e-9
    dishonest = _of(rates, "1 at")
    honest = _of(rates, "0 at")
    whole = float(dishonest.sum() + honest.sum())
    return 1000 * dishonest[~checked].sum() / whole, 1000 * honest[checked].sum() / whole


def _of(rates: Floats, label: str) -> Floats:
    named = [name.startswith(label) for name in OUTCOMES]
    return np.asarray(rates[:, named].sum(axis=1))


@pytest.mark.parametrize("state", ["dear_misses", "fewer"])
def test_worth_is_what_the_errors_of_its_worlds_cost(play: Play, state: str) -> None:
    """10,000 requests; a thousand EUR a month. Within 2 of what the case says."""
    place = next(n for n, point in enumerate(play.points) if point.state.name == state)
    values, world = play.points[place].values, play.setting.worlds[place]
    for name, bar in BARS.items():
        misses, waits = errors_at(world, bar)
        cost = (misses * values["miss"] + waits * values["wait"]) / 100
        told = {"1": 1.0, **values}
        stated = sum(factor * told[key] for key, factor in play.case.worth[name].items())
        saved = play.case.worth[name]["1"]
        assert stated == pytest.approx(saved - cost, abs=2)


def test_neither_the_best_f1_nor_holding_does_without_a_price(play: Play) -> None:
    """Over 100 plays: who always takes one of them loses more than who asks what errors cost."""
    lost: dict[str, list[float]] = {"best_f1": [], "trace": [], "checklist": []}
    for one in redrawn(play, 100, seed=9):
        calls = {name: name for name in ("best_f1", "trace")}
        calls["checklist"] = calls_of_bots(one)["checklist"]
        for who, loss in losses(one, calls).items():
            lost[who].append(loss)
    assert np.mean(lost["best_f1"]) > np.mean(lost["checklist"]) + 0.04
    assert np.mean(lost["trace"]) > np.mean(lost["checklist"])


def test_the_low_bar_is_best_in_the_trap_and_the_worst_in_its_twin(play: Play) -> None:
    expected = worths(play.case, play.points)
    names = [option.name for option in play.case.option]
    for number, point in enumerate(play.points):
        order = [names[place] for place in np.argsort(-expected[:, number])]
        if point.state.role == "trap":
            assert order[0] == "low"
        if point.state.role == "twin":
            assert order[-1] == "low"
