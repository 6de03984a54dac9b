"""The tracker: a table that says how little it knows, and no readiness number."""

import json
from datetime import date
from typing import Any

import pytest
from scipy import stats

from practice.plays import finished
from practice.tiny import tiny
from shipcall.practice.difficulty import Landmarks
from shipcall.practice.finished import Finished
from shipcall.practice.rating import Strength
from shipcall.practice.tracker import tracker

TODAY = date(2026, 11, 21)
CASES = {"C99": tiny(), "C98": tiny(id="C98", slug="tinier", title="A tinier release")}
PLACES = Landmarks({"C99": Strength(deviation=150)}, {"checklist": 1580.0, "coin": 1290.0})


def told(*plays: Finished) -> dict[str, Any]:
    view = tracker(plays, TODAY, cases=CASES, places=PLACES)
    json.dumps(view, allow_nan=False)
    return {one["key"]: one for one in view["parts"]} | {"whole": view}


def test_nothing_played_says_what_to_do() -> None:
    parts = told()["whole"]["parts"]
    assert all(one["empty"] for one in parts)
    assert all(one["says"] for one in parts)
    assert "`shipcall practice`" in parts[0]["says"][0]


def test_there_is_no_readiness_number() -> None:
    view = told(*(finished(n, loss_share=0.02) for n in range(30)))["whole"]
    assert not [one for one in view["parts"] if "readiness" in one["key"]]
    assert "no number for readiness" in view["note"]


def test_unrated_plays_are_counted_and_tell_nothing_else() -> None:
    parts = told(finished(1, mode="learn", loss_share=1.0), finished(2, repeat=True))
    assert (parts["plays"]["plays"], parts["plays"]["rated"]) == (2, 0)
    assert parts["loss"]["empty"]
    assert parts["rating"]["empty"]


def test_few_plays_say_little_and_with_which_interval() -> None:
    """Clopper and Pearson for 2 of 3, by scipy: 0.094 to 0.992."""
    shares = (0.0, 0.02, 0.5)
    loss = told(*(finished(n, loss_share=share) for n, share in enumerate(shares)))["loss"]
    low, high = stats.binomtest(2, 3).proportion_ci(method="exact")
    assert (loss["good"]["low"], loss["good"]["high"]) == pytest.approx((low, high))
    assert "3 plays say little: between 9 % and 99 %" in loss["says"][1]
    assert loss["median"] == 0.02


def test_the_dearest_three_come_first_and_free_ones_never() -> None:
    plays = [finished(n, loss_share=share) for n, share in enumerate((0.1, 0.9, 0.0, 0.4, 0.2))]
    worst = told(*plays)["loss"]["worst"]
    assert [one["loss"] for one in worst] == pytest.approx([9.0, 4.0, 2.0])
    assert told(finished(1))["loss"]["worst"] == []


def test_no_rating_is_shown_while_it_is_wide() -> None:
    few = told(*(finished(n, loss_share=0.1) for n in range(3)))["rating"]
    assert (few["shown"], few["rating"], few["low"]) == (False, None, None)
    assert "No number yet" in few["says"][0]
    many = told(*(finished(n, loss_share=0.1) for n in range(20)))["rating"]
    assert many["shown"]
    assert many["low"] < many["rating"] < many["high"]
    assert "+-" in many["says"][0]
    assert [one["who"] for one in many["bots"]] == ["checklist", "coin"]


def test_extra_time_marks_the_rating() -> None:
    marked = told(finished(1, extra_time=2.0), finished(2))["rating"]
    assert marked["marked"] == 1
    assert any(said.startswith("Marked: 1 play") for said in marked["says"])


def test_archetypes_stand_with_the_dearest_first_and_the_unplayed_named() -> None:
    plays = [finished(1, loss_share=0.1), finished(2, case="C98", loss_share=0.6)]
    part = told(*plays)["archetypes"]
    assert [row["key"] for row in part["rows"]] == ["C98", "C99"]
    assert part["rows"][0]["band"] is None
    assert told(plays[0])["archetypes"]["unplayed"][0]["slug"] == "tinier"


def test_a_case_that_left_the_shelf_keeps_its_plays() -> None:
    rows = told(finished(1, case="C77", loss_share=0.5))["archetypes"]["rows"]
    assert [row["title"] for row in rows] == ["C77"]


def causes(inference: float, investigation: float) -> dict[str, float]:
    return {"inference": inference, "investigation": investigation}


def test_where_bits_are_lost_is_said_only_if_chance_cannot_do_it() -> None:
    even = [finished(n, causes=causes(n % 2, (n + 1) % 2)) for n in range(20)]
    assert "cannot be told" in told(*even)["bits"]["says"][1]
    reading = [finished(n, causes=causes(1.0, 0.2)) for n in range(6)]
    assert told(*reading)["bits"]["says"][1].startswith("Reading costs you more")
    assert "cannot be told" in told(*reading[:5])["bits"]["says"][1]
    looking = [finished(n, causes=causes(0.0, 0.2)) for n in range(6)]
    assert told(*looking)["bits"]["says"][1].startswith("Looking costs you more")


def claim(*, stated: float, so: bool) -> dict[str, object]:
    return {"name": "worse", "stated": stated, "so": so}


def test_how_many_claims_are_lacking_is_said_in_words() -> None:
    plays = [finished(n, claims=[claim(stated=0.9, so=True)]) for n in range(10)]
    said = told(*plays)["calibration"]["says"]
    assert said[0].startswith("About 30 more plays with a claim said with about 90 % tell 90 %")
    assert told(*plays)["calibration"]["slope"] is None


def test_who_is_too_sure_is_told_once_it_can_be_known() -> None:
    plays = [finished(n, claims=[claim(stated=0.9, so=n % 2 == 0)]) for n in range(40)]
    part = told(*plays)["calibration"]
    assert part["says"][0].endswith("in 50 % of 40 plays: you are too sure.")
    assert part["bins"][4]["shown"]
    assert part["slope"]["low"] < part["slope"]["high"]


def test_forecasts_are_held_against_what_they_gave() -> None:
    """The bins held for likely carry .8 together; -2 lies in the first, which is none of them."""
    stated = [0.1, 0.1, 0.4, 0.4, 0.0]
    plays = [finished(n, forecast={"stated": stated, "realised": -2.0}) for n in range(12)]
    part = told(*plays)["forecasts"]
    assert (part["plays"], part["hit"], part["too_narrow"]) == (12, 0.0, True)
    assert told(*plays[:9])["forecasts"]["says"][0].startswith("1 more plays with a forecast")


def test_a_gap_of_self_knowledge_is_told_with_its_interval() -> None:
    plays = [finished(n, estimate={"stated": 0.9, "so": n % 4 == 0}) for n in range(40)]
    part = told(*plays)["estimates"]
    assert part["gap"]["low"] < 0.65 < part["gap"]["high"]
    assert part["says"][0].startswith("You think more of your calls than they are worth")
    assert told(*plays[:9])["estimates"]["says"][0].startswith("1 more plays")


def test_a_lean_says_how_many_plays_it_lacks() -> None:
    few = told(*(finished(n) for n in range(12)))["lean"]
    assert few["says"] == [
        "48 more rated plays with a call are needed until a lean can be told from chance."
    ]
    plays = [finished(n, role="trap" if n % 2 else "twin", best="hold") for n in range(80)]
    part = told(*plays)["lean"]
    assert part["says"][0].startswith("You let more go on")
    assert part["stops"] == {
        "traps": 40,
        "stopped_traps": 0,
        "twins": 40,
        "stopped_twins": 0,
    }


def test_triggers_that_could_not_be_held_against_harm_are_not_good_ones() -> None:
    trigger = {"fired_false": None, "missed": 0.4, "loss": 5.0, "best_loss": 3.0}
    part = told(finished(1, trigger=trigger))["triggers"]
    assert (part["fired_false"], part["missed"], part["over_best"]) == (None, 0.4, 2.0)
    assert "never replayed" in part["says"][1]


def test_time_is_told_of_plays_on_the_clock() -> None:
    """120 of 300 seconds, 3.5 of 7 evidence-minutes."""
    part = told(finished(1), finished(2, mode="learn"))["time"]
    assert (part["plays"], part["clock"], part["looking"]) == (1, 0.4, 0.5)


def test_a_blunder_is_due_before_a_good_call() -> None:
    plays = [
        finished(1, loss_share=0.9, at="2026-11-18T10:00:00Z"),
        finished(2, case="C98", at="2026-11-18T10:00:00Z"),
    ]
    assert [one["slug"] for one in told(*plays)["next"]["due"]] == ["tiny"]
    assert told(plays[1])["next"]["unplayed"] == ["tiny"]
