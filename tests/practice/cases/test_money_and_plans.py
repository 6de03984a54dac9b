"""C13, C14, C15, C38 and C39: choices of money, labels and plans, which no contract judges.

Most of what they show has laws that the case file states; C13 counts the rows of a file.
"""

import itertools
import re

import numpy as np
import pytest
from scipy import stats

from shipcall.contract.parse import parse_contract
from shipcall.practice.belief import believed
from shipcall.practice.ladder import Standing, stand
from shipcall.practice.language import PRIORS, Case
from shipcall.practice.play import Play, draw_play
from shipcall.practice.points import Point, line, points, worths
from shipcall.practice.redraw import redrawn
from shipcall.practice.scoring.sizes import FORMULAS
from shipcall.practice.shelf import contract_text, load_case
from shipcall.studies.bill import Span, inference_bill
from shipcall.studies.labels import units_for_difference

CASES = ("C13", "C14", "C15", "C38", "C39")
PLAYS = 200
LADDER = ("oracle", "checklist", "gate at p < .05", "weak answer", "coin")

OF_100 = re.compile(r"(?:^|, |\n|In |last )(\d\d)(?= |,)")
"""Two digits at the beginning of what is said of one group in 100."""

FRAME = """
shipcall = 1
[release]
id = "planned-1"
kind = "classifier"
surface = "the product"
owner = "the team"
baseline = "v1"
candidate = "v2"
change = "weights"
hypothesis = "It is worth what it costs."
value = "Money."
data_seen = "none"
reversible = "minutes"
decide_by = 2031-03-31
[unit]
id = "unit"
cluster = "unit"
[harness]
scorer = "log"
owner = "the team"
why = "The log is what people see."
[evidence]
predictions = "evidence/predictions.parquet"
exposures = "evidence/exposures.parquet"
outcomes = "evidence/outcomes.parquet"
[rollout]
stages = [10, 100]
min_hours = [72]
max_days = 14
max_silence = "6h"
"""


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


@pytest.fixture(scope="module")
def standing(play: Play) -> Standing:
    return stand(play, PLAYS, seed=5)


@pytest.mark.slow
def test_players_stand_in_order_with_room_between(standing: Standing) -> None:
    lost = {rung.who: rung.loss for rung in standing.rungs}
    assert lost["oracle"] == 0
    for better, worse in itertools.pairwise(LADDER):
        assert lost[better] + 0.02 < lost[worse], (better, worse)


@pytest.mark.slow
def test_the_weak_answer_falls_into_the_trap_and_passes_its_twin(standing: Standing) -> None:
    weak = next(rung for rung in standing.rungs if rung.who == "weak answer")
    assert weak.in_trap is not None
    assert weak.in_twin is not None
    assert weak.in_trap > 0.35
    assert weak.in_twin < weak.in_trap / 2


@pytest.mark.slow
def test_the_oracle_is_calibrated(standing: Standing) -> None:
    assert standing.ranks_p > 0.001


@pytest.mark.slow
def test_trap_and_twin_can_be_told_apart_and_not_at_a_glance(standing: Standing) -> None:
    assert 0.80 <= standing.auc <= 0.98


@pytest.mark.slow
def test_no_option_is_always_the_best(standing: Standing) -> None:
    assert max(standing.calls.values()) < 0.7
    assert sum(share > 0.05 for share in standing.calls.values()) >= 3


def test_no_contract_judges_it(play: Play) -> None:
    assert play.case.stage is None
    counted = play.case.id == "C13"
    assert (contract_text(play.case) is not None) == counted
    assert play.setting.drawn.write == (["predictions"] if counted else [])


def test_a_clause_of_the_debrief_is_of_our_grammar(play: Play) -> None:
    parsed = parse_contract(FRAME + play.case.debrief.clause, file="contract.toml")
    assert [check.role for check in parsed.check] == ["guardrail"]


def test_every_panel_can_be_shown_and_costs_more_than_there_is(play: Play) -> None:
    for panel in play.case.panel:
        shown = play.shown(panel.name)
        assert shown.rows or shown.text
        assert len({tuple(row) for row in shown.rows}) <= 1
    assert sum(panel.minutes for panel in play.case.panel) >= 1.5 * play.case.looking


def test_its_answer_in_words_can_be_checked_and_asked_on(play: Play) -> None:
    telling = play.case.telling
    assert 5 <= len(telling.criteria) <= 9
    assert len(telling.follow_ups) == 3
    assert len(telling.strong.split()) <= 140
    assert all(any(w in telling.strong.lower() for w in one.words) for one in telling.criteria)
    weak = [any(w in telling.weak.lower() for w in one.words) for one in telling.criteria]
    assert sum(weak) <= len(weak) / 2 + 1


def test_the_same_seed_gives_the_same_numbers(play: Play) -> None:
    again = draw_play(play.case, play.seed)
    assert all((again.seen[name] == seen).all() for name, seen in play.seen.items())


def test_the_trap_is_rarer_to_the_hopeful_and_commoner_to_the_doubtful(play: Play) -> None:
    trap = [sum(p.chances[n] for p in play.points if p.state.role == "trap") for n in range(3)]
    assert trap[1] < trap[0] < trap[2]


@pytest.mark.slow
def test_views_of_how_common_things_are_matter_to_some_calls_and_not_to_most(play: Play) -> None:
    worth, everything = worths(play.case, play.points), [panel.name for panel in play.case.panel]
    apart = 0
    for one in redrawn(play, 100, seed=3):
        best = {int(np.argmax(worth @ believed(one, everything, which=view))) for view in PRIORS}
        apart += len(best) > 1
    assert 5 <= apart <= 60


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


def test_nothing_that_is_asked_is_known_beforehand(play: Play) -> None:
    case = play.case
    for claim in case.claim:
        so = [_so(case, claim.name, point) for point in play.points]
        assert 0 < sum(so) < len(so)
    assert case.forecast is not None
    means = line(case.forecast.of, play.points)
    assert means.min() < case.forecast.edges[1]
    assert means.max() > case.forecast.edges[-2]


def _so(case: Case, name: str, point: Point) -> bool:
    claim = next(one for one in case.claim if one.name == name)
    if claim.causes:
        return point.state.cause in claim.causes
    return float(line(claim.of, [point])[0]) > claim.above


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
