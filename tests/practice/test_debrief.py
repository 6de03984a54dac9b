"""The debrief: twelve parts in their order, and numbers that hold against hand arithmetic."""

import json
import math
from typing import Any

import numpy as np
import pytest

from practice.plays import FULL, account
from practice.tiny import tiny_play
from shipcall.practice.belief import log_likelihoods
from shipcall.practice.debrief import debrief
from shipcall.practice.play import Play
from shipcall.practice.retelling.beliefs import bin_titles
from shipcall.practice.retelling.weights import ratio_text, weight_text, weights
from shipcall.practice.scoring.sheets import score_sheet
from shipcall.practice.sheet import Sheet
from shipcall.practice.timeline import Account

KEYS = [
    "account",
    "estimate",
    "ladder",
    "evidence",
    "causes",
    "forecast",
    "trigger",
    "trap",
    "text",
    "carry",
    "work",
    "next",
]


def told(play: Play, did: Account, verdict: str | None = None) -> dict[str, Any]:
    view = debrief(play, did, score_sheet(play, did.sheet, did.opened), verdict=verdict)
    return {one["key"]: one for one in view["parts"]} | {"whole": view}


def test_twelve_parts_stand_in_their_order() -> None:
    view = told(tiny_play(3, truth=0), account("flags"))["whole"]
    assert [one["key"] for one in view["parts"]] == KEYS
    assert [one["number"] for one in view["parts"]] == list(range(1, 13))
    assert "says little about a person" in view["note"]


@pytest.mark.parametrize("truth", [0, 1, 2])
@pytest.mark.parametrize("sheet", [FULL, Sheet()], ids=["full", "empty"])
def test_every_play_can_be_told_as_json(truth: int, sheet: Sheet) -> None:
    view = told(tiny_play(3, truth=truth), account("flags", "effect", sheet=sheet))["whole"]
    assert json.loads(json.dumps(view, allow_nan=False)) == view
    assert all(one["says"] for one in view["parts"])


def test_the_same_play_gives_the_same_bytes() -> None:
    one, two = (told(tiny_play(5, truth=1), account("flags"), "HOLD")["whole"] for _ in range(2))
    assert json.dumps(one) == json.dumps(two)


def test_the_weight_of_a_panel_is_the_log_ratio_by_hand() -> None:
    """One point on each side: effect is normal about 2 (trap) or -1 (twin) with error 0.8."""
    play = tiny_play(3, truth=0)
    seen = float(play.seen["effect"][0])
    nats = (-((seen - 2) ** 2) + (seen + 1) ** 2) / (2 * 0.8**2)
    assert weights(play, log_likelihoods(play))["effect"] == pytest.approx(nats / math.log(2))


def test_a_side_of_several_points_is_weighed_by_its_chances() -> None:
    """Trap at 2 or 3, each as likely: the mean of two normal densities against one."""
    plain = tiny_play(3, truth=0).case.model_dump(mode="json")
    plain["state"][0]["values"] = {"harm": [2.0, 3.0]}
    play = tiny_play(3, truth=0, state=plain["state"])
    seen = float(play.seen["effect"][0])
    trap = np.mean([math.exp(-((seen - at) ** 2) / (2 * 0.64)) for at in (2.0, 3.0)])
    twin = math.exp(-((seen + 1) ** 2) / (2 * 0.64))
    found = weights(play, log_likelihoods(play))["effect"]
    assert found == pytest.approx(math.log2(float(trap) / twin))


def test_words_say_nothing_for_either_side() -> None:
    rows = told(tiny_play(3, truth=0), account("notes"))["evidence"]["rows"]
    assert {row["panel"]: row["text"] for row in rows}["notes"] == "says nothing"


def test_the_belief_of_a_sound_reader_is_followed_panel_by_panel() -> None:
    path = told(tiny_play(3, truth=0), account("flags", "effect"))["evidence"]["path"]
    assert [step["after"] for step in path] == [None, "flags", "effect"]
    assert (path[0]["trap"], path[0]["twin"], path[0]["other"]) == pytest.approx((0.3, 0.5, 0.2))
    assert all(step["trap"] + step["twin"] + step["other"] == pytest.approx(1) for step in path)


def test_the_ladder_holds_you_the_bots_and_the_verdict() -> None:
    ladder = told(tiny_play(3, truth=0), account("flags"), "HOLD")["ladder"]
    rows = {row["who"]: row for row in ladder["rows"]}
    assert {"you", "oracle", "work verdict", "checklist", "weak answer", "coin"} <= rows.keys()
    assert rows["work verdict"]["option"] == "hold"
    assert rows["you"]["loss"] == pytest.approx(rows["work verdict"]["loss"])
    shares = [row["loss_share"] for row in ladder["rows"]]
    assert shares == sorted(shares)
    assert rows["oracle"]["loss_share"] == 0


def test_a_verdict_that_stands_for_no_option_is_said_and_not_ranked() -> None:
    ladder = told(tiny_play(3, truth=0), account(), "NO SHIP")["ladder"]
    assert "work verdict" not in {row["who"] for row in ladder["rows"]}
    assert any("NO SHIP, for which this case has no option" in said for said in ladder["says"])


def test_no_call_is_told_as_the_worst_there_is() -> None:
    ladder = told(tiny_play(3, truth=0), account("flags", sheet=Sheet()))["ladder"]
    mine = next(row for row in ladder["rows"] if row["who"] == "you")
    assert (mine["loss_share"], mine["call"]) == (1.0, None)
    assert "No call counts as the worst" in ladder["says"][0]


def test_a_second_try_stands_on_the_ladder_and_changes_nothing_else() -> None:
    play = tiny_play(3, truth=0)
    once = told(play, account("flags"))
    twice = told(play, account("flags", second=Sheet(option="back")))
    rows = {row["who"]: row for row in twice["ladder"]["rows"]}
    assert rows["your second try"]["option"] == "back"
    assert once["ladder"]["loss"] == twice["ladder"]["loss"]


def test_luck_and_hindsight_stand_apart_from_the_loss() -> None:
    ladder = told(tiny_play(13, truth=1), account())["ladder"]
    mine = next(row for row in ladder["options"] if row["yours"])
    assert ladder["luck"] > 1
    assert ladder["luck"] == pytest.approx(mine["as_it_was"] - mine["expected"])
    best = max(row["as_it_was"] for row in ladder["options"])
    assert ladder["hindsight"] == pytest.approx(best - mine["as_it_was"])


def test_what_was_so_is_marked_once() -> None:
    for truth, cause in enumerate(("rot", "sound", "log")):
        rows = told(tiny_play(3, truth=truth), account("flags"))["causes"]["rows"]
        assert [row["cause"] for row in rows if row["so"]] == [cause]
        assert sum(row["posterior"] for row in rows) == pytest.approx(1)
        assert [row["stated"] for row in rows] == pytest.approx([0.5, 0.25, 0.25])


def test_nothing_stated_is_not_shown_as_zero() -> None:
    causes = told(tiny_play(3, truth=0), account(sheet=Sheet(option="hold")))["causes"]
    assert [row["stated"] for row in causes["rows"]] == [None] * 3
    assert causes["inference"] is None
    assert [row["stated"] for row in causes["claims"]] == [None] * 2


def test_the_realised_number_lies_in_the_bin_that_is_marked() -> None:
    forecast = told(tiny_play(3, truth=0), account())["forecast"]
    edges = [-math.inf, -1.5, -0.5, 0.5, 1.5, math.inf]
    came = [place for place, one in enumerate(forecast["bins"]) if one["came"]]
    assert len(came) == 1
    assert edges[came[0]] < forecast["realised"] <= edges[came[0] + 1]
    assert bin_titles([-1.5, -0.5, 0.5, 1.5])[came[0]] == forecast["bins"][came[0]]["title"]


def test_trap_and_twin_stand_side_by_side_at_one_panel() -> None:
    play = tiny_play(3, truth=0)
    trap = told(play, account("flags"))["trap"]
    here, there = trap["sides"]
    assert (here["role"], here["so"], there["role"], there["so"]) == ("trap", True, "twin", False)
    assert here["readings"][0]["value"] == pytest.approx(float(play.seen["effect"][0]))
    assert here["readings"][0]["value"] > there["readings"][0]["value"]
    assert trap["opened"] is False


def test_neither_side_is_claimed_where_something_else_is_so() -> None:
    trap = told(tiny_play(3, truth=2), account())["trap"]
    assert trap["role"] == "other"
    assert [side["so"] for side in trap["sides"]] == [False, False]


def test_a_worse_grade_comes_back_sooner() -> None:
    days = {}
    for option in ("advance", "hold", "back"):
        part = told(tiny_play(3, truth=0), account(sheet=Sheet(option=option)))["next"]
        days[part["grade"]] = part["due_days"]
    assert days["blunder"] < days["best"]


def test_signs_are_quoted_from_the_persons_own_text() -> None:
    text = told(tiny_play(3, truth=0), account())["text"]
    quotes = [sign["quote"] for sign in text["signs"] if sign["quote"]]
    assert quotes
    assert all(quote in FULL.reason for quote in quotes)


def test_ratios_are_said_for_the_side_they_speak_for() -> None:
    assert (ratio_text(25.0), ratio_text(-25.0)) == ("over a million : 1", "1 : over a million")
    assert weight_text(-1.0) == "hints at the twin"
