"""Simulations: no morning beats the best one, counts show an incident, no number is made up."""

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_simulations import (
    SHAPES,
    SIMULATED,
    Given,
    simulation_begun,
    simulation_read,
    simulation_shown,
    simulation_told,
    simulation_view,
    simulations,
)
from shipcall.core import UsageError
from shipcall.preparation.clock import Clock
from shipcall.preparation.simulations import morning, postmortem, sales
from shipcall.preparation.simulations.morning import WAYS, Item, MorningAnswer
from shipcall.preparation.simulations.postmortem import Action, PostMortemAnswer

SEEDS = range(30)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def item(name: str, *, k: int, n: int, harm: float, look: float = 5, act: float = 10) -> Item:
    return Item(
        id=name, kind="alarm", title="", text="", acts="", k=k, n=n, harm=harm, look=look,
        act=act, needless=100,
    )  # fmt: skip


def test_what_a_morning_loses_is_added_up_by_hand() -> None:
    """Chances 0.5 (0 of 0) and 0.75 (2 of 2); harm 60 and 120 EUR an hour.

    Act on b: minutes 10, w = 1.5 EUR a minute: 10 + 15 + 0.25 * 100 = 50. Then look at a, w = 0.5,
    d = 5 + 0.5 * 10 = 10, begun at 10: 10 + 0.5 * (5 + 10) + 0.5 * 10 = 22.5. Together 72.5.
    """
    items = [item("a", k=0, n=0, harm=60), item("b", k=2, n=2, harm=120)]
    ways: dict[str, morning.Way] = {"a": "look", "b": "act"}
    assert morning.expected_loss(items, ways, ["b", "a"]) == pytest.approx(72.5)


def test_leaving_costs_the_expected_harm_until_the_late_shift() -> None:
    """0.5 * 60 EUR an hour * 8 hours = 240."""
    assert morning.expected_loss([item("a", k=0, n=0, harm=60)], {"a": "leave"}, []) == 240


def test_the_expected_loss_is_what_is_lost_on_average() -> None:
    """2 items, drawn 40,000 times: truth by chance, then the minutes and harms as they come."""
    items = [item("a", k=1, n=4, harm=90), item("b", k=5, n=9, harm=40)]
    rng = np.random.default_rng(3)
    real = {one.id: rng.uniform(size=40_000) < one.chance for one in items}
    begun = 5 + 10 * real["a"]
    lost = begun * morning.MINUTE + real["a"] * 1.5 * 15
    lost = lost + 10 * morning.MINUTE + real["b"] * (40 / 60) * (begun + 10) + ~real["b"] * 100.0
    ways: dict[str, morning.Way] = {"a": "look", "b": "act"}
    assert morning.expected_loss(items, ways, ["a", "b"]) == pytest.approx(lost.mean(), rel=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_no_other_decisions_and_no_other_order_lose_less(seed: int) -> None:
    """All 3^5 decisions in all orders of five items, by brute force."""
    items = morning.draw_inbox(seed).items[:5]
    names = [one.id for one in items]
    least = min(
        morning.expected_loss(items, ways, order)
        for told in product(WAYS, repeat=5)
        for ways in [dict(zip(names, told, strict=True))]
        for order in permutations([name for name in names if ways[name] != "leave"])
    )
    best = morning.best_ways(items)
    found = morning.expected_loss(items, best, morning.best_order(items, best))
    assert found == pytest.approx(least)


@pytest.mark.parametrize("seed", range(8))
def test_nobody_loses_less_than_the_best_and_the_parts_add_up(seed: int) -> None:
    inbox = morning.draw_inbox(seed)
    names = [one.id for one in inbox.items]
    for answer in (
        MorningAnswer(),
        MorningAnswer(order=tuple(names)),
        MorningAnswer(decide=dict.fromkeys(names, "look")),
        MorningAnswer(order=tuple(reversed(names)), decide={names[0]: "leave"}),
    ):
        score = morning.score_morning(inbox, answer)
        assert score.lost >= score.best - 1e-9
        assert score.lost == pytest.approx(score.best + score.by_order + score.by_decisions)
        assert all(row.costs <= score.by_decisions + 1e-9 for row in score.rows)


def test_what_is_not_answered_is_left_and_costs() -> None:
    score = morning.score_morning(morning.draw_inbox(4), MorningAnswer())
    assert score.lost == score.left_all > score.best
    assert all(row.yours == "leave" and row.place is None for row in score.rows)


def test_the_best_answer_loses_nothing_beyond_the_best() -> None:
    inbox = morning.draw_inbox(6)
    best = morning.best_ways(inbox.items)
    order = tuple(morning.best_order(inbox.items, best))
    score = morning.score_morning(inbox, MorningAnswer(order=order, decide=best))
    assert score.by_order == score.by_decisions == 0
    assert all(row.yours == row.best and row.place == row.best_place for row in score.rows)


def test_inboxes_hold_every_kind_and_every_way_is_best_for_something() -> None:
    best = set()
    for seed in SEEDS:
        items = morning.draw_inbox(seed).items
        assert len(items) == morning.ITEMS
        assert {one.kind for one in items} == set(morning.KINDS)
        best |= set(morning.best_ways(items).values())
    assert best == set(WAYS)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (MorningAnswer(order=("charm",)), "no item 'charm'"),
        (MorningAnswer(decide={"charm": "act"}), "no item 'charm'"),
        (MorningAnswer(order=("release-at-ten", "release-at-ten")), "stands in the order twice"),
    ],
)
def test_items_that_are_not_there_are_refused(answer: MorningAnswer, said: str) -> None:
    inbox = next(
        one
        for one in map(morning.draw_inbox, SEEDS)
        if "release-at-ten" in [item.id for item in one.items]
    )
    with pytest.raises(UsageError, match=said):
        morning.score_morning(inbox, answer)


def test_an_incident_is_seen_where_the_exact_tail_says() -> None:
    """scipy.stats.binom.sf(cases - 1, units, rate) < 0.001, rate of the first 14 days."""
    for seed in SEEDS:
        one = postmortem.draw_incident(seed)
        before = one.days[: postmortem.BEFORE]
        rate = sum(day.cases for day in before) / sum(day.units for day in before)
        rings = [
            day.day for day in one.days if stats.binom.sf(day.cases - 1, day.units, rate) < 0.001
        ]
        assert rings[0] == one.seen
        assert one.seen is not None
        assert one.seen >= one.began > postmortem.BEFORE


def best_post_mortem(one: postmortem.Incident) -> PostMortemAnswer:
    causes = [each.id for each in one.scene.statement if each.kind == "contributing"]
    return PostMortemAnswer(
        order=tuple(each.id for each in one.scene.event),
        seen=one.seen,
        causes=tuple(causes),
        action=tuple(
            Action(what="change it", against=name, owner="Lea", metric="below 2 %", by="1 May")
            for name in causes
        ),
    )


@pytest.mark.parametrize("seed", range(6))
def test_who_knows_everything_is_asked_nothing(seed: int) -> None:
    one = postmortem.draw_incident(seed)
    score = postmortem.score_incident(one, best_post_mortem(one))
    assert not score.swapped
    assert score.left_out == score.missed == ()
    assert len(score.lints) == 0
    assert score.late == 0
    assert score.pairs > 0


def test_an_empty_post_mortem_finds_nothing_and_passes_nothing() -> None:
    one = postmortem.draw_incident(1)
    score = postmortem.score_incident(one, PostMortemAnswer())
    assert score.found == ()
    assert score.late is None
    assert len(score.left_out) == len(one.scene.event)
    assert score.lints[0].rule == "no-action"


def test_two_events_that_lay_ready_before_the_cause_have_no_order() -> None:
    one = postmortem.draw_incident(1)
    first, second, *rest = best_post_mortem(one).order
    swapped = PostMortemAnswer(order=(second, first, *rest))
    assert postmortem.score_incident(one, swapped).swapped == ()
    late = PostMortemAnswer(order=(*rest, first, second))
    assert (first, rest[-1]) in postmortem.score_incident(one, late).swapped


def test_blame_is_no_cause_and_no_reason_for_an_action() -> None:
    one = postmortem.draw_incident(1)
    blame = next(each.id for each in one.scene.statement if each.kind == "blame")
    said = PostMortemAnswer(causes=(blame,), action=(Action(what="talk to them", against=blame),))
    score = postmortem.score_incident(one, said)
    assert score.blame == (blame,)
    assert score.found == ()
    rules = [lint.rule for lint in score.lints]
    assert rules[:4] == ["no-owner", "no-metric", "no-date", "blame"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"order": ["charm"]}, "no event 'charm'"),
        ({"causes": ["charm"]}, "no statement 'charm'"),
        ({"seen": 99}, "there is no day 99"),
    ],
)
def test_what_is_not_in_an_incident_is_refused(said: dict[str, object], wrong: str) -> None:
    with pytest.raises(UsageError, match=wrong):
        postmortem.score_incident(
            postmortem.draw_incident(1), PostMortemAnswer.model_validate(said)
        )


def sound(sheet: sales.Sheet) -> str:
    facts = [
        f"{one.says} {one.value}, somewhere from {one.low} to {one.high}." for one in sheet.facts
    ]
    unknown = f"Do not promise {sheet.scene.unknown.words[0]}: too few."
    return " ".join([*facts, unknown, "Where it is not sure, a person looks."])


def rules(sheet: sales.Sheet, text: str) -> list[str]:
    return [flag.rule for flag in sales.score_text(sheet, text).flags]


@pytest.mark.parametrize("seed", range(9))
def test_a_text_from_the_sheet_with_its_ranges_is_not_flagged(seed: int) -> None:
    sheet = sales.draw_sheet(seed)
    assert rules(sheet, sound(sheet)) == []
    assert len(sales.score_text(sheet, sound(sheet)).told) == len(sheet.facts)


def test_no_number_of_a_sheet_stands_for_two_things_and_ranges_hold_their_value() -> None:
    for seed in SEEDS:
        facts = sales.draw_sheet(seed).facts
        said = [number for one in facts for number in one.numbers]
        assert len(set(said)) == len(said)
        assert all(one.low < one.value < one.high for one in facts)
        assert min(facts, key=lambda one: one.value).weak


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("It gets 55 of them.", "not-on-the-sheet"),
        ("It gets 99.5 of them.", "not-on-the-sheet"),
        ("We guarantee it.", "promised"),
        ("It always works.", "promised"),
        ("Recall is fine.", "word-of-the-trade"),
        ("word " * 160, "too-long"),
    ],
)
def test_what_goes_beyond_the_sheet_is_flagged(more: str, rule: str) -> None:
    sheet = sales.draw_sheet(2)
    assert rules(sheet, f"{sound(sheet)} {more}") == [rule]


def test_a_value_without_both_ends_beside_it_is_flagged() -> None:
    sheet = sales.draw_sheet(2)
    fact = sheet.facts[0]
    bare = sound(sheet).replace(f", somewhere from {fact.low} to {fact.high}", "")
    assert rules(sheet, bare) == ["without-its-range"]
    assert sales.score_text(sheet, bare).flags[0].about == fact.says


def test_leaving_out_the_weakest_the_unknown_and_the_fallback_is_flagged() -> None:
    found = rules(sales.draw_sheet(2), "It is good.")
    assert found == ["weakest-left-out", "unknown-left-out", "no-fallback"]


def test_the_unknown_told_as_known_is_flagged() -> None:
    sheet = sales.draw_sheet(2)
    word = sheet.scene.unknown.words[0]
    text = sound(sheet).replace(f"Do not promise {word}: too few.", f"{word} works as well.")
    assert rules(sheet, text) == ["unknown-as-known"]


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing was written"):
        sales.score_text(sales.draw_sheet(2), "  ")


@pytest.mark.parametrize("name", SHAPES)
def test_showing_a_simulation_gives_nothing_away(name: str) -> None:
    shown = simulation_shown(name, 5)
    told = str(shown)
    assert shown == simulation_shown(name, 5) != simulation_shown(name, 6)
    assert not {"best", "seen", "cause", "began", "kind_of"} & set(shown)
    assert "contributing" not in told
    assert len(simulations()["simulations"]) == 3


ANSWERS = {"morning": "seed = 5\n", "post-mortem": "seed = 5\n", "sales": "It is good."}


@pytest.mark.parametrize("name", SHAPES)
def test_an_answer_is_scored_kept_and_marked_by_its_clock(desk: Desk, name: str) -> None:
    with pytest.raises(UsageError, match=r"not answered yet|which drawing"):
        simulation_view(desk, name)
    simulation_begun(desk, name, 5)
    view = simulation_told(desk, name, Given(ANSWERS[name]))
    assert view["clock"]["kept"] == "within"
    assert view["seed"] == 5
    assert not view["repeat"]
    again = simulation_told(desk, name, Given(ANSWERS[name], 5))
    assert again["repeat"]
    diary = desk.diary
    assert diary is not None
    assert len(list(diary.of(SIMULATED, name))) == 2


def test_a_drawing_begun_without_a_clock_stays_without_one(desk: Desk) -> None:
    simulation_begun(desk, "sales", 5, timed=False)
    simulation_begun(desk, "sales", 5)
    assert simulation_told(desk, "sales", Given("It is good."))["clock"] == {
        "kept": "untimed",
        "seconds": None,
    }


def test_a_clock_that_ran_out_is_said(desk: Desk) -> None:
    simulation_begun(desk, "sales", 5)
    diary = desk.diary
    assert diary is not None
    began = diary.entries[-1].wall
    late = replace(desk, machine=Clock(now=lambda: began + 301 + 5))
    assert simulation_told(late, "sales", Given("It is good."))["clock"]["kept"] == "over"


def test_a_text_without_a_drawing_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="which drawing is answered"):
        simulation_told(desk, "sales", Given("It is good."))
    with pytest.raises(UsageError, match="and --seed says 6"):
        simulation_told(desk, "morning", Given("seed = 5", 6))
    with pytest.raises(UsageError, match="no simulation 'charm'"):
        simulation_begun(desk, "charm")
    assert desk.diary is None


def test_a_text_for_sales_is_read_by_pointing_and_the_others_are_not(desk: Desk) -> None:
    simulation_told(desk, "sales", Given("It is good. It fails in the rain.", 5))
    view = simulation_read(desk, "sales", {"worst-error": [2]}, reader="Ada")
    (reading,) = view["readings"]
    met = {one["criterion"]: one["quotes"] for one in reading["met"]}
    assert met["worst-error"] == ["It fails in the rain."]
    assert met["next-step-for-sales"] == []
    for marks, said in (({"charm": [1]}, "no criterion"), ({"worst-error": [3]}, "no sentence 3")):
        with pytest.raises(UsageError, match=said):
            simulation_read(desk, "sales", marks)
    simulation_told(desk, "morning", Given("seed = 5"))
    with pytest.raises(UsageError, match="scored and not read"):
        simulation_read(desk, "morning", {})
