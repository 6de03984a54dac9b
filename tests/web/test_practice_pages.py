"""Pages of practice: one case from the start to the rule that is carried on.

Everything happens without JavaScript: forms are plain, and what was typed is never lost.
"""

import html
import json
import re
from urllib.parse import parse_qs, urlparse

import pytest
from click.testing import CliRunner

from asking import TOKEN
from shipcall.app import practise
from shipcall.app.practise_room import open_room
from shipcall.cli.main import shipcall
from shipcall.web.practice import halls
from shipcall.web.practice.told import TONES
from web.persons import PICTURES, SHEET, Player, said


def test_a_first_case_is_one_click_away_from_the_front_page(player: Player) -> None:
    form = re.search(r'<form[^>]*action="/practice/start".*?</form>', player.sees("/"), re.DOTALL)
    assert form is not None
    assert f'value="{TOKEN}"' in form[0]
    player.begin()
    assert "Start the clock" in player.sees()
    assert not player.session().terms.chosen


def test_the_start_lists_the_cases_with_their_minutes(player: Player) -> None:
    page = player.sees("/practice")
    assert 'name="case" value="tiny"' in page
    assert "A tinier release" in page
    assert page.count("5 min") == 2
    for time in ("1", "1.5", "2", "none"):
        assert f'name="time" value="{time}"' in page


@pytest.mark.parametrize(("time", "factor"), [("1", 1), ("1.5", 1.5), ("2", 2), ("none", None)])
def test_extra_time_is_a_setting_of_the_start(
    player: Player, time: str, factor: float | None
) -> None:
    player.begin(case="tiny", time=time)
    assert player.session().terms.extra_time == factor
    clock = {1: "5:00", 1.5: "7:30", 2: "10:00"}.get(factor or 0, "0:00")
    assert f">{clock}</b>" in player.sees()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"time": "0.5"}, "extra time is one of"),
        ({"mode": "replay"}, "there is no mode"),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(
    player: Player, fields: dict[str, str], told: str
) -> None:
    got = player.post("/practice/start", **fields)
    assert got.status_code == 400
    assert told in got.text


def test_the_case_is_read_before_the_clock_runs(player: Player) -> None:
    player.begin(case="tiny")
    page = player.sees()
    assert "A filter with another text cleaning" in page
    assert "data-seconds" not in page
    assert page.count("disabled>") == 9
    player.does("go")
    left = re.search(r'data-seconds="([\d.]+)"', player.sees())
    assert left is not None
    assert 290 < float(left[1]) <= 300


def test_a_panel_that_was_opened_stays_and_is_drawn(playing: Player) -> None:
    where = playing.does("look", panel="effect")
    assert where == f"{playing.at}?panel=effect#panels"
    playing.does("look", panel="changes")
    page = playing.sees()
    assert "What do the changes say?" in page
    assert page.count('<svg class="strip"') == 1
    both = playing.sees(f"{playing.at}?panel=all")
    assert both.count('<svg class="strip"') == 2
    assert "<b>3</b>" in page
    assert "of 7" in page


def test_what_was_typed_is_kept_by_whatever_button_is_pressed(playing: Player) -> None:
    playing.does("look", panel="effect", **SHEET)
    sheet = playing.session().sheet
    assert sheet.option == "back"
    assert dict(sheet.causes) == {"rot": 0.2, "sound": 0.5, "log": 0.3}
    assert sheet.forecast == pytest.approx((0.05, 0.1, 0.2, 0.3, 0.35))
    assert sheet.trigger is not None
    assert (sheet.trigger.scope, sheet.trigger.bar, sheet.trigger.window_days) == ("nz", 0.5, 3)
    assert sheet.size == 1200
    assert sheet.estimate is not None
    assert (sheet.estimate.loss_below, sheet.estimate.probability) == (0.03, 0.8)
    assert sheet.reason == "NZ loses 2 pp.\nWe take it back."


def test_what_was_kept_stands_in_the_fields_and_is_not_kept_again(playing: Player) -> None:
    playing.does("save", **SHEET)
    steps = len(playing.session().steps)
    page = playing.sees()
    assert re.search(r'value="back" checked', page)
    assert re.search(r'name="causes.sound" value="50"', page)
    assert "NZ loses 2 pp.\nWe take it back.</textarea>" in page
    playing.does("save", **SHEET)
    assert len(playing.session().steps) == steps


def test_a_field_that_is_emptied_takes_the_answer_away(playing: Player) -> None:
    playing.does("save", **SHEET)
    playing.does("save", **SHEET | {"size": "", "causes.log": "", "trigger.bar": "",
                                    "trigger.window_days": ""})  # fmt: skip
    sheet = playing.session().sheet
    assert sheet.size is None
    assert sheet.trigger is None
    assert dict(sheet.causes) == {"rot": 0.2, "sound": 0.5}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"forecast.0": "40"}, "40 % so far; spread 100 % over the bins."),
        ({"causes.rot": "90", "causes.sound": "40"}, "these causes add up to 130 %"),
        ({"claims.worse": "150"}, "give 0 to 100, in percent"),
        ({"trigger.bar": "1"}, "a trigger says where, above which bar"),
        ({"trigger.scope": "nz", "trigger.bar": "1", "trigger.window_days": "99"}, "whole days"),
        ({"estimate.probability": "80"}, "an estimate is two numbers"),
        ({"size": "many"}, "&#39;many&#39; is no number."),
        ({"size": "-4"}, "a size is above 0"),
    ],
)
def test_what_is_no_answer_yet_comes_back_as_it_was_typed(
    playing: Player, typed: dict[str, str], told: str
) -> None:
    where = playing.does("save", **dict.fromkeys(SHEET, "") | typed)
    page = playing.sees(where)
    assert told in page
    assert "not kept" in page
    for name, text in typed.items():
        assert re.search(
            rf'name="{re.escape(name)}"[^>]*value="{text}"|value="{text}" selected', page
        )
    locked = playing.does("lock", **typed)
    assert playing.session().phase == "open"
    assert "Not locked." in playing.sees(locked)


def test_locking_with_open_parts_asks_once_more(playing: Player) -> None:
    where = playing.does("lock", **{"causes.rot": "20"})
    assert playing.session().phase == "open"
    assert "Without a call you lose all that is at stake." in playing.sees(where)
    playing.does("lock", sure="yes")
    assert playing.session().phase == "locked"
    assert dict(playing.session().sheet.causes) == {"rot": 0.2}


def test_the_server_locks_when_the_clock_has_run_out(playing: Player) -> None:
    hall = halls.hall_of(playing.root)
    playing.does("save", call="hold")
    late = open_room(playing.root, lambda: hall.room.clock() + 400)
    practise.at(late, playing.play)
    assert "The clock ran out" in playing.sees()
    playing.does("save", call="back")
    assert playing.session().sheet.option == "hold"


def test_a_second_sheet_comes_before_the_truth_and_every_panel_is_free(locked: Player) -> None:
    locked.does("retry")
    page = locked.sees()
    assert page.count("<small>free</small>") == 4
    assert "never rated" in page
    locked.does("save", call="hold")
    locked.does("lock", sure="yes")
    where = locked.does("reveal")
    assert "Your second sheet: hold" in locked.sees(where)
    assert locked.session().sheet.option == "back"


def test_learn_mode_pauses_covers_the_panels_and_gives_hints(player: Player) -> None:
    player.begin(case="tiny", mode="learn")
    player.does("go")
    player.does("look", panel="effect")
    player.does("hint")
    assert "<b>Hint.</b>" in player.sees()
    player.does("pause")
    page = player.sees()
    assert "Paused: the clock stands still" in page
    assert 'class="strip"' not in page
    player.does("go")
    assert 'class="strip"' in player.sees()


def test_the_debrief_tells_twelve_parts_with_pictures_and_is_taken_away_as_markdown(
    revealed: Player,
) -> None:
    page = revealed.sees(f"{revealed.at}/debrief")
    heads = re.findall(r'<section id="(\w+)"><h2><span class="letter"[^>]*>(\d+)<', page)
    assert [int(number) for _, number in heads] == list(range(1, 13))
    for name in PICTURES:
        assert f"/charts/{name}.svg" in page
    clause = json.loads(said("resume", revealed.play))["debrief"]["parts"][10]["clause"]
    assert html.escape(clause) in page or not clause
    for name in PICTURES:
        address = f"{revealed.at}/debrief/charts/{name}"
        picture = revealed.client.get(f"{address}.svg")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "<desc" in picture.text
        assert len(revealed.client.get(f"{address}.csv").text.splitlines()) > 2
    got = revealed.client.get(f"{revealed.at}/debrief.md")
    assert got.headers["content-type"].startswith("text/markdown")
    CliRunner().invoke(shipcall, ["practice", "portfolio", revealed.play, "page.md"])
    assert got.text == (revealed.root / "page.md").read_text(encoding="utf-8")


def test_the_one_rule_is_carried_on(revealed: Player) -> None:
    revealed.sees(f"{revealed.at}/debrief")
    where = revealed.does("carry", rule="Hold the interval\nagainst the budget.")
    assert where == f"{revealed.at}/debrief#carry"
    assert revealed.session().finished is not None
    assert "Hold the interval against the budget.</bdi></p></blockquote>" in revealed.sees(where)
    assert "Hold the interval against the budget." in revealed.sees("/practice/me")


def test_a_round_of_spot_decisions_goes_from_one_to_the_next(player: Player) -> None:
    plays: list[str] = []
    player.begin(of="2")
    for number in (1, 2):
        player.does("go", of="2", **({"round": plays[0]} if plays else {}))
        page = player.sees(f"{player.at}?of=2&round={'.'.join(plays)}")
        assert f"spot decision {number} of 2" in page
        assert page.count("<fieldset") == 2
        where = player.does("finish", of="2", round=".".join(plays), call="hold")
        told = player.sees(where)
        assert "On these panels it loses" in told
        plays.append(player.play)
        if number == 1:
            fields = dict(re.findall(r'name="(mode|of|round|time)" value="([^"]*)"', told))
            assert fields == {"of": "2", "round": plays[0], "time": "1"}
            player.begin(**fields)
    assert "2 spot decisions; on the panels shown you lost" in told


def test_every_grade_has_a_colour_and_a_shape() -> None:
    from shipcall.practice.scoring.score import GRADES  # noqa: PLC0415 - beside its one use

    assert TONES.keys() == GRADES.keys()


def test_where_jobs_take_long_the_page_shows_how_far_they_are(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipcall.web.jobs.Jobs.where.__kwdefaults__", {"patience": 0.0})
    monkeypatch.setattr(halls, "PATIENCE", 0.0)
    got = player.post("/practice/start", case="tiny")
    assert urlparse(got.headers["location"]).path.startswith(("/jobs/", "/practice/play/"))
    assert parse_qs(urlparse(got.headers["location"]).query) == {}
