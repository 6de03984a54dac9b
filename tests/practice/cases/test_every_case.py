"""What has to hold of every case, whatever it is about; what is a case's own stands beside."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from shipcall.contract.lint import lint
from shipcall.contract.parse import parse_contract
from shipcall.metrics import METRICS
from shipcall.practice.belief import believed
from shipcall.practice.files import write_evidence
from shipcall.practice.ladder import Standing, stand
from shipcall.practice.language import PRIORS
from shipcall.practice.play import Play, draw_play
from shipcall.practice.points import holds, line, worths
from shipcall.practice.redraw import redrawn
from shipcall.practice.shelf import contract_text, load_case, slugs

CASES = tuple(load_case(slug).id for slug in slugs())
PLAYS = 200
LADDER = ("oracle", "checklist", "gate at p < .05", "weak answer", "coin")

OF_ITS_OWN = {"C01": "worst", "C03": "both", "C08": "unsafe"}
"""Case -> a word in readings that two of its panels call alike and take of other rows."""
PARTED = ("C02", "C04", "C05", "C19", "C22")
"""Cases in which a panel parts what the one it holds counts as a whole."""
CAUTIOUS = ("C19", "C33")
"""Cases whose tempting call is the cautious one: their trap is commoner to the hopeful."""
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
"""A contract for the clause of a case that has none of its own."""


class Asked(NamedTuple):
    """How far apart players and options of a case have to be, as shares of the stake."""

    room: float = 0.015
    """Least difference between neighbours on the ladder."""
    in_trap: float = 0.3
    """The weak answer loses more where the trap is so."""
    in_twin: float = 0.5
    """It loses less where its twin is."""
    times: float = 2.0
    """And so many times less than in the trap, at least."""
    best: float = 0.65
    """No option is the best one in so large a share of the plays."""
    several: tuple[int, float] = (3, 0.05)
    """So many options are the best one in more than so large a share."""


ROLLOUT = Asked(in_twin=0.16, times=2.5)
SHADOW = Asked(room=0.02, in_trap=0.5, in_twin=0.15, best=0.7, several=(3, 0.03))
GATE = Asked(room=0.0, best=0.7)
MONEY = Asked(room=0.02, in_trap=0.35, best=0.7)
PEOPLE = Asked(room=0.02, in_trap=0.45, in_twin=0.2, best=0.6)
STREAM = Asked(in_trap=0.0, times=1.4, best=0.75, several=(4, 0.05))
ASKED = (
    dict.fromkeys(("C01", "C02", "C04", "C05", "C16", "C17", "C19", "C20", "C22"), ROLLOUT)
    | dict.fromkeys(("C08", "C09", "C10"), SHADOW)
    | dict.fromkeys(("C06", "C07", "C11", "C21", "C23"), GATE)
    | dict.fromkeys(("C13", "C14", "C15", "C38", "C39"), MONEY)
    | dict.fromkeys(("C03", "C18"), PEOPLE)
    | dict.fromkeys(("C24", "C30", "C33"), STREAM)
    | {"C12": Asked(room=0.02, in_trap=0.4, times=3.0, best=0.7, several=(4, 0.05))}
)
TOLD_OF = {"C08": 25, "C09": 50, "C10": 20}
"""Case -> how many releases its story tells of, where it is not 100."""
SHORT = ("C09", "C12", "C30")
"""Cases whose strong answer has 120 words at most, the others 140."""
CARELESS = ("C09", "C30")
"""Cases whose weak answer meets no criterion at all, the others half of them at most."""


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


@pytest.fixture(scope="module")
def standing(play: Play) -> Standing:
    return stand(play, 2 * PLAYS if ASKED[play.case.id] is STREAM else PLAYS, seed=5)


def test_every_case_says_how_far_apart_its_players_are() -> None:
    assert set(ASKED) == set(CASES)


# Its texts.


@pytest.mark.parametrize("name", CASES)
def test_its_story_has_the_headings_of_every_case(name: str) -> None:
    assert list(load_case(name).story) == ["Release", "Promise", "How common", "What counts"]


@pytest.mark.parametrize("name", CASES)
def test_its_story_tells_the_chances_of_every_view(name: str) -> None:
    """Of 100 such releases, or of as many as it tells of: each state, or those of one cause."""
    case = load_case(name)
    told = set(re.findall(r"\d+", case.story["How common"]))
    for number in range(len(PRIORS)):
        for state in case.state:
            alike = sum(one.chances[number] for one in case.state if one.cause == state.cause)
            chances = {
                f"{of * chance:.0f}"
                for chance in (state.chances[number], alike)
                for of in {100, TOLD_OF.get(name, 100)}
            }
            assert chances & told, (state.name, PRIORS[number])


@pytest.mark.parametrize("name", CASES)
def test_its_answer_in_words_can_be_checked_and_asked_on(name: str) -> None:
    telling = load_case(name).telling
    assert 5 <= len(telling.criteria) <= 9
    assert len(telling.follow_ups) == 3
    assert len(telling.strong.split()) <= (120 if name in SHORT else 140)
    assert all(any(w in telling.strong.lower() for w in one.words) for one in telling.criteria)
    weak = [any(w in telling.weak.lower() for w in one.words) for one in telling.criteria]
    assert sum(weak) <= (0 if name in CARELESS else len(weak) / 2)


# Its contract.


@pytest.mark.parametrize("name", CASES)
def test_whatever_judges_it_has_a_contract_without_faults_or_lints(name: str) -> None:
    case = load_case(name)
    text = contract_text(case)
    assert text is not None or case.stage is None
    if text is not None:
        parsed = parse_contract(text, file="contract.toml")
        assert lint(parsed, text=text, measurable=METRICS) == ()


@pytest.mark.parametrize("name", CASES)
def test_the_clause_of_its_debrief_is_a_promise(name: str) -> None:
    """One of its own contract, where it has one; else one that a contract may make."""
    case = load_case(name)
    text, clause = contract_text(case), case.debrief.clause
    if text is None:
        parsed = parse_contract(FRAME + clause, file="contract.toml")
        assert [check.role for check in parsed.check] == ["goal" if name == "C12" else "guardrail"]
        return
    told, whole = tomllib.loads(clause), tomllib.loads(text)
    assert told
    assert all(_within(part, whole[key], case.stage) for key, part in told.items())


def _within(part: Any, whole: Any, stage: str | None) -> bool:
    """Every promise is there word by word; how long to copy may be what it should have been."""
    if isinstance(part, list):
        return bool(part) and all(one in whole for one in part)
    if stage == "shadow":
        return bool(part) and part.keys() <= whole.keys() | {"review_sample"}
    return bool(part) and part.items() <= whole.items()


# Its panels.


def test_every_panel_can_be_shown(play: Play) -> None:
    for panel in play.case.panel:
        shown = play.shown(panel.name)
        assert shown.rows or shown.text
        assert len({tuple(row) for row in shown.rows}) <= 1


@pytest.mark.parametrize("name", CASES)
def test_all_panels_cost_half_as_much_again_as_can_be_looked_at(name: str) -> None:
    case = load_case(name)
    assert sum(panel.minutes for panel in case.panel) >= 1.5 * case.looking
    assert 1 <= len(case.spot) <= 2


def test_the_same_seed_gives_the_same_numbers(play: Play) -> None:
    again = draw_play(play.case, play.seed)
    assert all((again.seen[name] == seen).all() for name, seen in play.seen.items())


def test_a_panel_that_is_held_by_another_tells_nothing_beyond_it(play: Play) -> None:
    """What both read is the same, and what both count adds up, slice by slice."""
    for panel in play.case.panel:
        fine = play.shown(panel.name)
        values = {one.name: one.value for one in fine.readings}
        for held in panel.holds:
            coarse = play.shown(held)
            for one in coarse.readings:
                if one.name in values and OF_ITS_OWN.get(play.case.id) not in one.name.split():
                    assert values[one.name] == pytest.approx(one.value, abs=1e-12)
            if play.case.id in PARTED:
                (whole,) = coarse.rows
                for count in {"baseline_n", "candidate_n", "items"} & whole.keys():
                    assert sum(row[count] for row in fine.rows) == whole[count]


@pytest.mark.slow
def test_whoever_opens_its_folder_finds_evidence(play: Play, tmp_path: Path) -> None:
    rows = write_evidence(play, tmp_path)
    assert rows
    assert min(rows.values()) > 0
    assert len(list((tmp_path / "evidence").iterdir())) == len(rows)


# What is asked.


@pytest.mark.parametrize("name", CASES)
def test_the_trap_is_rarer_to_the_hopeful_and_commoner_to_the_doubtful(name: str) -> None:
    states = [state for state in load_case(name).state if state.role == "trap"]
    published, hopeful, doubtful = (sum(s.chances[n] for s in states) for n in range(len(PRIORS)))
    if name in CAUTIOUS:
        hopeful, doubtful = doubtful, hopeful
    assert hopeful < published < doubtful


def test_nothing_that_is_asked_is_known_beforehand(play: Play) -> None:
    case = play.case
    assert all(0 < so.sum() < len(so) for so in holds(case, play.points))
    assert case.forecast is not None
    means = line(case.forecast.of, play.points)
    assert means.min() <= case.forecast.edges[1]
    assert means.max() >= case.forecast.edges[-2]
    if ASKED[case.id] is MONEY:
        assert means.min() < case.forecast.edges[1]
        assert means.max() > case.forecast.edges[-2]


@pytest.mark.slow
def test_views_of_how_common_things_are_matter_to_some_calls_and_not_to_most(play: Play) -> None:
    worth, everything = worths(play.case, play.points), [panel.name for panel in play.case.panel]
    apart = 0
    for one in redrawn(play, 100, seed=3):
        best = {int(np.argmax(worth @ believed(one, everything, which=view))) for view in PRIORS}
        apart += len(best) > 1
    assert 5 <= apart <= 60


# The proof of its score.


@pytest.mark.slow
def test_players_stand_in_order_with_room_between(standing: Standing) -> None:
    asked, lost = ASKED[standing.case], {rung.who: rung.loss for rung in standing.rungs}
    assert lost["oracle"] == 0
    for better, worse in itertools.pairwise(LADDER):
        assert lost[better] + asked.room < lost[worse], (better, worse)
    if asked is GATE:
        assert lost["gate at p < .05"] > lost["checklist"] + 0.03
        assert lost["weak answer"] > lost["checklist"] + 0.1


@pytest.mark.slow
def test_the_weak_answer_falls_into_the_trap_and_passes_its_twin(standing: Standing) -> None:
    asked = ASKED[standing.case]
    weak = next(rung for rung in standing.rungs if rung.who == "weak answer")
    assert weak.in_trap is not None
    assert weak.in_twin is not None
    assert weak.in_trap > asked.in_trap
    assert weak.in_twin < asked.in_twin
    assert weak.in_trap > asked.times * weak.in_twin


@pytest.mark.slow
def test_the_oracle_is_calibrated(standing: Standing) -> None:
    assert standing.ranks_p > 0.001


@pytest.mark.slow
def test_trap_and_twin_can_be_told_apart_and_not_at_a_glance(standing: Standing) -> None:
    assert 0.80 <= standing.auc <= 0.98


@pytest.mark.slow
def test_no_option_is_always_the_best(standing: Standing) -> None:
    asked = ASKED[standing.case]
    many, share = asked.several
    assert max(standing.calls.values()) < asked.best
    assert sum(of > share for of in standing.calls.values()) >= many
