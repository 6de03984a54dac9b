"""C13, C14, C15, C38 and C39: choices of money, labels and plans.

What they show has laws that the case file states; rows of the files have those laws as well.
"""

import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from shipcall.core import Action
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.language import PRIORS
from shipcall.practice.laws import weigh
from shipcall.practice.play import Play, draw_play
from shipcall.practice.points import points, prior, worths
from shipcall.practice.redraw import drawn_logs
from shipcall.practice.scoring.sizes import FORMULAS
from shipcall.practice.shelf import load_case
from shipcall.studies.bill import Span, inference_bill
from shipcall.studies.labels import units_for_difference

CASES = ("C13", "C14", "C15", "C38", "C39")

OF_100 = re.compile(r"(?:^|, |\n|In |last )(\d\d)(?= |,)")
"""Two digits at the beginning of what is said of one group in 100."""


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


def test_the_story_tells_the_chances_that_score(play: Play) -> None:
    """Of 100 cases, by cause: as published, as a hopeful and as a doubtful colleague says."""
    told = play.case.story["How common"]
    found = [
        [
            round(100 * sum(p.chances[n] for p in play.points if p.state.cause == cause.name))
            for cause in play.case.cause
        ]
        for n in range(len(PRIORS))
    ]
    assert [int(number) for number in OF_100.findall(told)][: len(found[0])] == found[0]
    views = [f"{a}, {b}, {c} and {d}" for a, b, c, d in found[1:]]
    assert f"A hopeful colleague says {views[0]}; a doubtful one {views[1]}." in told


# What each story says, held against arithmetic from elsewhere.


def test_the_bill_of_the_story_is_price_by_people_by_answers() -> None:
    """0.0002 EUR, 12 million people: 73,050 EUR a month for each answer of a person and day."""
    case = load_case("C14")
    for answers in (1.0, 2.5, 5.5):
        bill = inference_bill(0.0002, Span.of(12e6), Span.of(answers))
        month = bill.low.month
        assert month is not None
        assert -case.worth["all"]["calls"] * answers == pytest.approx(month / 10_000, rel=0.001)
    assert inference_bill(0.0002, Span.of(12e6), Span.of(1.0)).low.day == pytest.approx(2_400)
    paying = inference_bill(0.0002, Span.of(0.08 * 12e6), Span.of(1.0)).low.month
    assert paying is not None
    assert -case.worth["paying"]["paid"] == pytest.approx(paying / 10_000, rel=0.03)


def test_the_groups_of_recap_need_as_many_people_as_a_table_says() -> None:
    """2 ((1.644854 + 0.841621) 29 / 2)^2 = 2599.8."""
    asked = load_case("C14").size
    assert asked is not None
    assert FORMULAS[asked.kind][0](asked) == pytest.approx(2599.8, abs=0.1)


# Chances with which a plan of labels excludes the loss.


def excludes(finnish: float, apart: float, loss: float) -> float:
    """Chance that a one-sided 5 % interval of a paired change lies above -3 points.

    Normal: the change of n pairs, of which a share differs, has variance share / n.
    """
    return float(stats.norm.cdf((0.03 - loss) * np.sqrt(finnish / apart) - stats.norm.ppf(0.95)))


def test_chances_of_the_label_plans_are_those_of_their_finnish_labels() -> None:
    """At random a plan holds Finnish labels by its share; the tag is right for 9 or 3 of 10."""
    for point in points(load_case("C15")):
        at = point.values
        found = 0.3 if point.state.cause == "hidden" else 0.9
        for plan, finnish in (
            ("few", 3_000 * at["share"] / 100),
            ("many", 14_000 * at["share"] / 100),
            ("drawn", 1_000 * found),
        ):
            told = excludes(finnish, at["apart"] / 100, at["loss"] / 100)
            assert at[plan] == pytest.approx(told, abs=0.006), (point.state.name, plan)


def test_the_table_of_finnish_labels_is_that_of_the_study() -> None:
    """275, 412, 687 and 962 by the normal formula; the study adds a pair or two for t."""
    shown = " ".join(load_case("C15").panel_of("need").text)
    for apart, labels in ((0.04, 275), (0.06, 412), (0.10, 687), (0.14, 962)):
        assert f"{labels}" in shown
        needed = units_for_difference(0.03, apart**0.5, 0.05)
        assert needed == pytest.approx(labels, abs=4)
    rare = next(p for p in points(load_case("C15")) if p.state.name == "rare_5")
    assert 687 / (rare.values["share"] / 100) == pytest.approx(13_740)


def test_the_loudest_wish_loses_where_calendars_forget_and_wins_where_they_do_not() -> None:
    case = load_case("C38")
    lists: dict[str, list[float]] = {"trap": [], "twin": []}
    for point in points(case):
        if point.state.role in lists:
            names = [option.name for option in case.option]
            here = worths(case, [point])[:, 0]
            others = max(here[names.index(name)] for name in ("codes", "recall", "none"))
            lists[point.state.role].append(float(here[names.index("no_show")] - others))
    assert max(lists["trap"]) < -40
    assert min(lists["twin"]) > 10


def test_the_feed_of_the_bills_is_what_makes_recall_pay() -> None:
    case = load_case("C38")
    shared = case.worth["recall"]["shared"]
    best = max(p.values["recall"] for p in points(case))
    assert best * case.worth["recall"]["recall"] + case.worth["recall"]["1"] < 0.35 * shared


def test_a_stream_pays_from_two_thirds_of_a_point_on() -> None:
    """60 a point, 55 - 15 = 40 more to run: 40 / 60 of a point, where nothing goes wrong."""
    case = load_case("C39")
    for point in points(case):
        stream, weekly = (float(worths(case, [point])[n, 0]) for n in (0, 1))
        if point.state.role in ("trap", "twin"):
            assert (stream > weekly) == (point.values["fresh"] > 40 / 60)
            assert (stream > weekly) == (point.state.role == "twin")


def test_the_replay_of_the_stream_looks_alike_where_a_week_is_fresh_enough() -> None:
    replayed: dict[str, list[float]] = {"trap": [], "twin": []}
    for point in points(load_case("C39")):
        if point.state.role in replayed:
            replayed[point.state.role].append(point.values["lift"] + point.values["fresh"])
    trap, twin = (np.mean(replayed[role]) for role in ("trap", "twin"))
    assert trap == pytest.approx(twin, abs=0.3)


# What their contracts say of the files.


@pytest.mark.slow
@pytest.mark.parametrize("name", ["C14", "C15", "C38", "C39"])
def test_the_contract_holds_where_the_trap_is_worst(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    truth = max(n for n, one in enumerate(points(case)) if one.state.role == "trap")
    play = draw_play(case, 3, truth=truth)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    assert verdict.call is Action.HOLD
    assert case.verdict[verdict.call] != case.weak[0].option


@pytest.mark.slow
@pytest.mark.parametrize("name", ["C38", "C39"])
def test_the_contract_goes_on_in_some_play_of_the_best_twin(name: str, tmp_path: Path) -> None:
    """Of six; both twins are near what their bars can show."""
    case = load_case(name)
    truth = max(n for n, one in enumerate(points(case)) if one.state.role == "twin")
    said = set()
    for seed in range(6):
        play = draw_play(case, seed, truth=truth)
        write_files(play, tmp_path / str(seed))
        said.add(judge_play(play, tmp_path / str(seed)).verdict.call)
    assert said == {Action.ADVANCE, Action.HOLD}


@pytest.mark.parametrize("truth", [0, 4])
def test_labels_that_nobody_drew_hold_the_contract_whatever_is_so(
    truth: int, tmp_path: Path
) -> None:
    """The pilot has no Finnish message: trap and twin alike lack what the bank asks for."""
    play = draw_play(load_case("C15"), 3, truth=truth)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    assert verdict.call is Action.HOLD
    silent = {one.check.id for one in verdict.findings if one.standing == "ABSENT"}
    assert silent == {"gate.finnish"}


@pytest.mark.parametrize("name", ["C15", "C38", "C39"])
@pytest.mark.parametrize("seed", [1, 2])
def test_panels_of_pairs_count_the_rows_of_the_file(name: str, seed: int, tmp_path: Path) -> None:
    play = draw_play(load_case(name), seed)
    write_files(play, tmp_path)
    rows = pq.read_table(tmp_path / "evidence" / "scores.parquet").to_pylist()
    panels = [panel for panel in play.case.panel if panel.kind == "paired"]
    assert len(rows) == 2 * sum(panel.given["items"] for panel in panels)
    for panel in panels:
        ((column, level),) = panel.given["slice"].items()
        pairs: dict[str, dict[str, float]] = {}
        for row in rows:
            if row[column] == level:
                pairs.setdefault(row["item"], {})[row["arm"]] = row["value"]
        won = sum(pair["candidate"] > pair["baseline"] for pair in pairs.values())
        lost = sum(pair["candidate"] < pair["baseline"] for pair in pairs.values())
        (shown,) = play.shown(panel.name).rows
        assert (shown["won"], shown["lost"], shown["items"]) == (won, lost, len(pairs))


# Whether going on, holding and refusing are each the best call often enough.


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("C38", {"no_show": 0.2, "codes": 0.15, "recall": 0.12, "label": 0.12, "none": 0.12}),
        ("C39", {"stream": 0.2, "weekly": 0.25, "trial": 0.12, "rule": 0.12}),
    ],
)
def test_each_call_is_the_best_one_in_a_fair_share(name: str, least: dict[str, float]) -> None:
    """4,000 draws, everything seen."""
    play = draw_play(load_case(name), 1)
    _, logs = drawn_logs(play, 4_000, seed=3)
    beliefs = weigh(prior(play.points, PRIORS[0]), sum(logs.values(), np.zeros(())))
    best = np.argmax(beliefs @ worths(play.case, play.points).T, axis=1)
    names = [option.name for option in play.case.option]
    for option, share in least.items():
        assert np.mean(best == names.index(option)) > share, option


def test_what_is_had_besides_is_had_whatever_the_look_says() -> None:
    """C38: 6 for labels; where No-show is far behind, labelling first is Codes less 6."""
    case = load_case("C38")
    names = [option.name for option in case.option]
    behind = max(points(case), key=lambda p: p.values["codes"] - p.values["no_show"])
    here = dict(zip(names, worths(case, [behind])[:, 0], strict=True))
    assert here["label"] == pytest.approx(here["codes"] - 6, abs=0.1)
    ahead = max(points(case), key=lambda p: p.values["no_show"] - p.values["codes"])
    here = dict(zip(names, worths(case, [ahead])[:, 0], strict=True))
    assert here["label"] == pytest.approx(here["no_show"] - 6, abs=0.1)
