"""Days of a person: clocks put forward, flights over the date line, a zone that a plan names."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipcall.app.prepare import desk_at, lesson_told
from shipcall.app.prepare_plan import begin_plan, exported_text, plan_view, tick, today_view
from shipcall.app.prepare_study import Study
from shipcall.core import UsageError
from shipcall.practice.journal import Entry
from shipcall.preparation.clock import MOVED, Clock, Days, day_at
from shipcall.preparation.diary import Diary

ANGELES, TOKYO, BERLIN = (
    ZoneInfo(name) for name in ("America/Los_Angeles", "Asia/Tokyo", "Europe/Berlin")
)
Goes = Callable[..., None]


def at(zone: ZoneInfo, *parts: int) -> Clock:
    """A clock that stands still."""
    wall = datetime(*parts, tzinfo=zone).timestamp()  # type: ignore[arg-type, misc]
    return Clock(now=lambda: wall, zone=zone)


@pytest.fixture
def goes(monkeypatch: pytest.MonkeyPatch) -> Goes:
    """Be somewhere at some time."""

    def there(zone: ZoneInfo, *parts: int) -> None:
        monkeypatch.setattr("shipcall.app.prepare.MACHINE", at(zone, *parts))

    return there


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change_has_all_of_its_hours(day: date, hours: int) -> None:
    """In Berlin clocks go forward on 29 March 2026 and back on 25 October 2026."""
    clock = Clock(zone=BERLIN)
    first = datetime(day.year, day.month, day.day, tzinfo=BERLIN).timestamp()
    shown = [day_at(wall, clock.offset(wall)) for wall in (first + 3600 * n for n in range(-1, 27))]
    assert shown.count(day) == hours
    assert shown == sorted(shown)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(1, 40 * 3600), st.sampled_from([ANGELES, TOKYO, BERLIN])),
        min_size=1,
        max_size=12,
    )
)
def test_every_line_keeps_the_day_that_was_shown_when_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[int, ZoneInfo]]
) -> None:
    folder, wall = tmp_path_factory.mktemp("diary"), datetime(2026, 10, 20, tzinfo=UTC).timestamp()
    shown = []
    for seconds, zone in acts:
        wall += seconds
        Diary.open(folder, Clock(now=lambda: wall, zone=zone)).add("taught", "not-worse", {})  # noqa: B023
        shown.append(datetime.fromtimestamp(wall, zone).date())
    entries = Diary.open(folder).entries
    for now in (ANGELES, TOKYO, BERLIN):
        days = Days(entries, Clock(zone=now))
        assert [days.of(one.wall) for one in entries if one.did == "taught"] == shown


def test_a_diary_says_only_that_its_clock_moved_when_it_did(tmp_path: Path) -> None:
    for clock in (at(BERLIN, 2026, 10, 24, 9), at(BERLIN, 2026, 10, 24, 22)):
        Diary.open(tmp_path, clock).add("taught", "not-worse", {})
    Diary.open(tmp_path, at(BERLIN, 2026, 10, 25, 9)).add("taught", "the-call", {})
    told = [(one.did, one.held.get("offset")) for one in Diary.open(tmp_path).entries]
    taught = ("taught", None)
    assert told == [(MOVED, 7200), taught, taught, (MOVED, 3600), taught]


def test_a_diary_that_says_nothing_of_its_clock_has_days_in_utc() -> None:
    """So had those that were written before clocks were written down."""
    wall = datetime(2026, 11, 21, 23, 30, tzinfo=UTC).timestamp()
    entry = Entry(n=0, wall=wall, seconds=0.0, did="taught", what="not-worse")
    assert Days([entry], Clock(zone=TOKYO)).of(wall) == date(2026, 11, 21)


def test_an_evening_before_a_flight_over_the_date_line_is_not_counted_twice(
    tmp_path: Path, goes: Goes
) -> None:
    """At 22:00 on 20 November in Los Angeles it is 15:00 on 21 November in Tokyo."""
    goes(ANGELES, 2026, 11, 20, 8)
    begin_plan(tmp_path, "Google", "20d")
    goes(ANGELES, 2026, 11, 20, 22)
    lesson_told(desk_at(tmp_path), "the-call")
    goes(TOKYO, 2026, 11, 21, 20)
    study = Study.at(tmp_path)
    assert (study.today, study.since) == (date(2026, 11, 21), [])
    assert "taught" in {one.did for one in study.before}
    assert "lesson-the-call" not in {one["id"] for one in _tasks(tmp_path) if one["done"]}


def test_a_day_that_comes_again_after_a_flight_shows_what_was_done_on_it(
    tmp_path: Path, goes: Goes
) -> None:
    """Who leaves Tokyo at 18:00 on 21 November lands in Los Angeles at 11:00 on the same day."""
    goes(TOKYO, 2026, 11, 20, 8)
    begin_plan(tmp_path, "Google", "20d")
    goes(TOKYO, 2026, 11, 21, 9)
    paper = str(next(one["id"] for one in _tasks(tmp_path) if one["kind"] == "paper"))
    before = [one["id"] for one in _tasks(tmp_path)]
    tick(tmp_path, paper)
    for day, done in ((20, []), (21, [paper])):
        goes(ANGELES, 2026, 11, day, 17)
        assert [one["id"] for one in _tasks(tmp_path) if one["done"]] == done
    assert [one["id"] for one in _tasks(tmp_path)] == before
    goes(ANGELES, 2026, 11, 22, 7)
    later = plan_view(tmp_path)["days"]
    assert paper not in {one["id"] for day in later for one in day["tasks"]}


def test_a_play_has_the_day_of_the_clock_by_which_the_next_line_was_written() -> None:
    """It has no offset of its own; at 3:00 in Tokyo it is 19:00 in Berlin, on the day before."""
    wall = datetime(2026, 11, 22, 3, tzinfo=TOKYO).timestamp()
    moved = Entry(n=0, wall=wall + 60, seconds=0.0, did=MOVED, held={"offset": 9 * 3600})
    assert Days([moved], Clock(zone=BERLIN)).of(wall) == date(2026, 11, 22)
    assert Days([], Clock(zone=BERLIN)).of(wall) == date(2026, 11, 21)


def test_a_play_before_clocks_went_back_has_the_day_of_its_own_summer_time() -> None:
    """At 00:30 on 24 October in Berlin it is 22:30 in UTC; by the winter's clock, 23:30."""
    wall = datetime(2026, 10, 24, 0, 30, tzinfo=BERLIN).timestamp()
    written = datetime(2026, 11, 2, 9, tzinfo=BERLIN).timestamp()
    moved = Entry(n=0, wall=written, seconds=0.0, did=MOVED, held={"offset": 3600})
    assert Days([moved], Clock(zone=BERLIN)).of(wall) == date(2026, 10, 24)


def test_a_plan_that_names_a_zone_keeps_to_it_wherever_it_is_read(
    tmp_path: Path, goes: Goes
) -> None:
    goes(ZoneInfo("UTC"), 2026, 11, 21, 20)
    view = begin_plan(tmp_path, "Google", "30d", zone="Asia/Tokyo")
    assert (view["begun"], view["interview"]) == ("2026-11-22", "2026-12-22")
    assert today_view(tmp_path)["today"] == "2026-11-22"
    goes(ANGELES, 2026, 11, 21, 20)
    assert today_view(tmp_path)["today"] == "2026-11-22"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "Europe", "+01:00"])
def test_a_zone_that_is_not_known_is_refused_and_nothing_is_begun(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        begin_plan(tmp_path, "Google", "30d", zone=name)
    assert desk_at(tmp_path).diary is None


def test_days_of_a_calendar_belong_to_no_zone(tmp_path: Path, goes: Goes) -> None:
    """RFC 5545, 3.3.4: a DATE has no zone; whoever flies keeps the day."""
    goes(TOKYO, 2026, 11, 21, 20)
    begin_plan(tmp_path, "Google", "3d")
    text = exported_text(tmp_path, "ics")
    assert "TZID" not in text
    starts = [line for line in text.splitlines() if line.startswith(("DTSTART", "DTEND"))]
    first = date(2026, 11, 21)
    assert starts[::2] == [
        f"DTSTART;VALUE=DATE:{first + timedelta(days=n):%Y%m%d}" for n in range(4)
    ]


def _tasks(place: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = today_view(place)["day"]["tasks"]
    return found
