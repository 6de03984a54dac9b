"""Activity: what the database counts is what plain Python counts, and holes are never an answer."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peoples import active, drawn, evidence, exposure, harm, noon, number, people, reopened
from shipcall.core import Absent, Reason, Slice
from shipcall.data.activity import Activity
from shipcall.data.calendar import Both, Calendar, Cell, Daily, name_of
from shipcall.data.evidence import Evidence
from shipcall.data.habits import (
    BEHAVIOURS,
    Departures,
    Moved,
    departures,
    depths,
    exposures_to_drop,
    moves,
    steps_of,
    wear,
)
from shipcall.stats.cohorts import CohortSample

ARMS = ("baseline", "candidate")
DAYS = 36


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Evidence, Any]]:
    root = tmp_path_factory.mktemp("world")
    rows = drawn(harm(count=300, days=DAYS, people={"count": 300, "growth": 0.02}), root)
    found = reopened(root)
    yield found, rows
    found.close()


class Plain:
    """The same world, counted unit by unit."""

    def __init__(self, rows: Any) -> None:
        first = sorted(rows["exposures"], key=lambda row: row["at"], reverse=True)
        self.of = {row["unit"]: row for row in first}
        self.start = {unit: number(str(row["at"].date())) for unit, row in self.of.items()}
        self.ages: dict[str, set[int]] = defaultdict(set)
        self.depths: dict[str, list[float]] = defaultdict(list)
        self.before: dict[str, str] = {}
        for row in sorted(rows["activity"], key=lambda row: row["day"]):
            unit = row["unit"]
            if unit not in self.of:
                continue
            self.before.setdefault(unit, row["segment"])
            age = number(row["day"]) - self.start[unit]
            if age >= 0:
                self.ages[unit].add(age)
                if age < 7:
                    self.depths[unit].append(row["depth"])

    def arm(self, unit: str) -> int:
        return ARMS.index(self.of[unit]["arm"])

    def lapse(self, unit: str) -> int:
        """First active age after which seven days were silent."""
        ages = self.ages[unit] | {0}
        return next(a for a in sorted(ages) if not ages & set(range(a + 1, a + 8)))

    def both(self) -> set[int]:
        starts = Counter((self.start[unit], self.arm(unit)) for unit in self.of)
        return {s for s, _ in starts if starts[s, 0] and starts[s, 1]}


def opened(world: tuple[Evidence, Any], *by: str) -> tuple[Activity, Plain]:
    found = world[0].people(noon(DAYS), by)
    assert isinstance(found, Activity)
    return found, Plain(world[1])


@pytest.mark.parametrize("country", [None, "NZ"])
def test_who_came_back_is_counted_as_plain_python_counts(
    world: tuple[Evidence, Any], country: str | None
) -> None:
    found, plain = opened(world, "country")
    part = Slice() if country is None else Slice.of({"country": country})
    inside = [u for u in plain.of if country in (None, plain.of[u]["country"])]
    back, days = found.came_back(7, part), found.active_days(7, part)
    assert isinstance(back, CohortSample)
    assert isinstance(days, CohortSample)
    for arm in range(2):
        kept = [u for u in inside if plain.start[u] + 7 < DAYS and plain.arm(u) == arm]
        each = [len(plain.ages[u] & set(range(1, 8))) for u in kept]
        assert back.units[arm].sum() == days.units[arm].sum() == len(kept)
        assert back.total[arm].sum() == sum(7 in plain.ages[u] for u in kept)
        assert days.total[arm].sum() == sum(each)
        assert days.squares[arm].sum() == sum(one**2 for one in each)
        assert days.some[arm].sum() == sum(one > 0 for one in each)
        assert days.full[arm].sum() == sum(one == 7 for one in each)


def test_returns_by_cohort_are_those_of_plain_python(world: tuple[Evidence, Any]) -> None:
    found, plain = opened(world)
    for arm, counts in enumerate(found.returns((1, 7, 14), days=7)):
        for place, name in enumerate(counts.cohorts):
            weeks = [u for u in plain.of if (plain.start[u] - number(name)) in range(7)]
            own = [u for u in weeks if plain.arm(u) == arm]
            assert counts.units[place] == len(own)
            for column, age in enumerate((1, 7, 14)):
                ripe = all(plain.start[u] + age < DAYS for u in weeks)
                assert counts.closed[place, column] == (len(own) if ripe else 0)
                came = sum(age in plain.ages[u] for u in own) if ripe else 0
                assert counts.returned[place, column] == came


def test_who_dropped_is_who_was_silent_for_a_week(world: tuple[Evidence, Any]) -> None:
    found, plain = opened(world)
    left = departures(found, steps_of(found))
    assert isinstance(left, Departures)
    assert isinstance(left.lapses, Both)
    for place, name in enumerate(left.cohorts):
        known = DAYS - 1 - number(name) - 7
        for arm in range(2):
            own = [u for u in plain.of if plain.start[u] == number(name) and plain.arm(u) == arm]
            lapses = Counter(plain.lapse(u) for u in own)
            exits = left.exits[arm][place]
            counted = dict(zip(exits.times.tolist(), exits.dropped.tolist(), strict=True))
            assert all(counted.get(age + 1, 0) == lapses[age] for age in range(known + 1))
            assert exits.units == len(own)
            assert left.survivors[arm][place].counts[-1] == exits.hidden.sum()
    ripe = {s for s in plain.both() if DAYS - 1 - s >= 21}
    own = [u for u in plain.of if plain.start[u] in ripe and plain.arm(u) == 0]
    gone = [u for u in own if plain.lapse(u) <= 7]
    back = [u for u in gone if plain.ages[u] & {plain.lapse(u) + k for k in range(8, 15)}]
    assert left.lapses.baseline.units == len(own)
    assert left.lapses.baseline.lapsed == len(gone)
    assert left.lapses.baseline.returned == len(back)


def test_exposures_to_the_drop_are_active_days(world: tuple[Evidence, Any]) -> None:
    found, plain = opened(world)
    risk, gone = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for unit in plain.of:
        known = DAYS - 1 - plain.start[unit] - 7
        if plain.start[unit] not in plain.both():
            continue
        for place, age in enumerate(sorted(plain.ages[unit] | {0}), start=1):
            if age <= min(known, plain.lapse(unit)):
                risk[plain.arm(unit), place] += 1
                gone[plain.arm(unit), place] += age == plain.lapse(unit)
    for arm, exposed in enumerate(exposures_to_drop(found, steps_of(found))):
        counts = exposed.exposures.tolist()
        assert exposed.at_risk.tolist() == [risk[arm, n] for n in counts]
        assert exposed.dropped.tolist() == [gone[arm, n] for n in counts]


def test_depth_is_the_median_of_the_first_week(world: tuple[Evidence, Any]) -> None:
    found, plain = opened(world)
    counted = depths(found, "depth")
    assert isinstance(counted, Both)
    for arm, one in enumerate(counted):
        ripe = [u for u in plain.depths if plain.start[u] in plain.both() and plain.arm(u) == arm]
        own = [np.median(plain.depths[u]) for u in ripe if plain.start[u] + 6 < DAYS]
        assert one.n == len(own)
        assert float(one.depths @ one.units) == pytest.approx(sum(own), abs=0.06 * len(own))
    absent = depths(found, "surprise")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.WRONG_COLUMNS


def test_moves_go_from_the_segment_to_a_week_afterwards(world: tuple[Evidence, Any]) -> None:
    found, plain = opened(world)
    moved = moves(found)
    assert isinstance(moved, Moved)
    assert (moved.by, moved.until) == ("segment", 28)
    step = {0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3, 7: 3}
    for arm, table in enumerate(moved.moves):
        ripe = {s for s in plain.both() if s + 28 < DAYS}
        own = [u for u in plain.of if plain.start[u] in ripe and plain.arm(u) == arm]
        counted = Counter(
            (plain.before.get(u, "(none)"), step[len(plain.ages[u] & set(range(22, 29)))])
            for u in own
        )
        cells = {
            (before, j): int(table.counts[i, j])
            for i, before in enumerate(table.before)
            for j in range(len(BEHAVIOURS))
            if table.counts[i, j]
        }
        assert cells == dict(counted)


def test_wear_is_the_fall_of_each_unit(world: tuple[Evidence, Any]) -> None:
    found, plain = opened(world)
    worn = wear(found)
    assert isinstance(worn, Both)
    ripe = {s for s in plain.both() if s + 28 < DAYS}
    own = [u for u in plain.of if plain.start[u] in ripe and plain.arm(u) == 1]
    weeks = set(range(1, 8)), set(range(22, 29))
    falls = [(len(plain.ages[u] & weeks[0]) - len(plain.ages[u] & weeks[1])) / 7 for u in own]
    assert worn.candidate.units == len(own)
    assert worn.candidate.total == pytest.approx(sum(falls))
    assert worn.candidate.squares == pytest.approx(sum(fall**2 for fall in falls))


def some(arm: str, units: int, days: list[int], name: str = "") -> tuple[list[Any], list[Any]]:
    names = [f"{arm[0]}{name}{i}" for i in range(units)]
    rows = [row for unit in names for row in active(unit, days, arm=arm)]
    return [exposure(unit, arm, 0) for unit in names], rows


def test_a_day_on_which_nobody_has_a_row_is_no_answer(tmp_path: Path) -> None:
    """Day 2 is lost for everybody: nobody "stayed away", the cell is not known."""
    one, two = some("baseline", 5, [0, 1, 3]), some("candidate", 5, [0, 1, 3])
    exposed, came = one[0] + two[0], one[1] + two[1]
    found = people(tmp_path, came, exposed, until=4)
    assert found.facts.gaps == ("2026-10-07",)
    absent = found.came_back(2)
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.ROWS_MISSING
    assert not found.returns((1, 2, 3)).baseline.closed[:, 1].any()
    assert isinstance(found.came_back(3), CohortSample)
    assert isinstance(found.active_days(3), Absent)


def test_a_day_lost_for_one_arm_alone_is_no_answer(tmp_path: Path) -> None:
    """40 candidate units came every day but day 2, when 40 of the baseline came."""
    one, two = some("baseline", 40, [0, 1, 2, 3]), some("candidate", 40, [0, 1, 3])
    found = people(tmp_path, one[1] + two[1], one[0] + two[0], until=4)
    assert isinstance(found.came_back(2), Absent)
    assert isinstance(found.came_back(3), CohortSample)


def test_an_arm_whose_rows_end_early_is_not_an_arm_that_stays_away(tmp_path: Path) -> None:
    one, two = some("baseline", 40, list(range(12))), some("candidate", 40, [0, 1])
    found = people(tmp_path, one[1] + two[1], one[0] + two[0], until=12)
    assert all(isinstance(found.came_back(age), Absent) for age in range(2, 12))


def test_days_after_the_last_row_or_the_verdict_are_not_known(tmp_path: Path) -> None:
    one, two = some("baseline", 3, [0, 1, 5]), some("candidate", 3, [0, 2, 4])
    found = people(tmp_path, one[1] + two[1], one[0] + two[0], until=30)
    assert found.facts.behind == 24
    late = found.came_back(6)
    assert isinstance(late, Absent)
    assert late.reason is Reason.MATURING
    early = people(tmp_path, one[1] + two[1], one[0] + two[0], until=2)
    assert early.facts.last == name_of(early.starts[0] + 1)
    assert isinstance(early.came_back(2), Absent)


def test_rows_twice_count_a_unit_once_and_are_counted(tmp_path: Path) -> None:
    one, two = some("baseline", 3, [0, 1]), some("candidate", 3, [0, 1])
    found = people(tmp_path, one[1] + two[1] + one[1][:2], one[0] + two[0], until=2)
    assert found.facts.duplicates.count == 2
    assert found.facts.duplicates.example == "b0"
    back = found.came_back(1)
    assert isinstance(back, CohortSample)
    assert back.total.tolist() == [[3.0], [3.0]]


def test_a_unit_belongs_to_the_arm_of_its_first_exposure(tmp_path: Path) -> None:
    """It went on to the candidate later; another was in both arms at once and belongs to none."""
    one, two = some("baseline", 4, [0, 1]), some("candidate", 4, [0, 1])
    later = [exposure("b0", "candidate", 1, "2")]
    torn = [exposure("t", "baseline", 0), exposure("t", "candidate", 0, "2")]
    rows = one[1] + two[1] + active("t", [0, 1], arm="baseline")
    found = people(tmp_path, rows, one[0] + two[0] + later + torn, until=2)
    assert found.facts.units == Both(4, 4)
    assert found.facts.crossed.count == 1
    assert found.facts.crossed.example == "t"
    assert found.facts.moved == 1
    back = found.came_back(1)
    assert isinstance(back, CohortSample)
    assert back.units.tolist() == [[4], [4]]


def test_a_unit_that_went_back_to_the_baseline_has_crossed(tmp_path: Path) -> None:
    one, two = some("baseline", 4, [0, 1]), some("candidate", 4, [0, 1])
    back = [exposure("c0", "baseline", 1, "2")]
    found = people(tmp_path, one[1] + two[1], one[0] + two[0] + back, until=2)
    assert (found.facts.crossed.count, found.facts.crossed.example) == (1, "c0")


def test_a_cohort_ends_where_a_ramp_moves_it_on(tmp_path: Path) -> None:
    """Two of four baseline units have the candidate from day 2 on, which only activity tells."""
    one, two = some("baseline", 4, [0, 1, 2, 3]), some("candidate", 4, [0, 1, 2, 3])
    for row in one[1]:
        if row["unit"] in ("b0", "b1") and row["day"] >= "2026-10-07":
            row["arm"] = "candidate"
    found = people(tmp_path, one[1] + two[1], one[0] + two[0], until=4)
    assert isinstance(found.came_back(1), CohortSample)
    absent = found.came_back(2)
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.UNSOUND


def test_a_failed_exposure_is_none(tmp_path: Path) -> None:
    one, two = some("baseline", 2, [0, 1]), some("candidate", 2, [0, 1])
    exposed = [row | {"reason": "SPLIT"} for row in one[0] + two[0]]
    failed = [exposure("x", "candidate", 0, reason="ERROR")]
    found = people(tmp_path, one[1] + two[1] + active("x", [0], arm="candidate"),
                   exposed + failed, until=2)  # fmt: skip
    assert found.facts.units == Both(2, 2)
    assert found.facts.strangers == 1


def test_without_exposures_a_unit_begins_where_it_first_appears(tmp_path: Path) -> None:
    rows = active("a", [0, 3], arm="baseline") + active("b", [1, 2], arm="candidate")
    found = people(tmp_path, rows, until=4)
    assert not found.facts.exposed
    assert [name_of(start) for start in found.starts] == ["2026-10-05", "2026-10-06"]
    assert found.facts.units == Both(1, 1)


def test_a_slice_is_what_a_unit_was_before_it_began(tmp_path: Path) -> None:
    """The model may move people; a later value of the column never counts."""
    rows = [
        *active("a", [0], arm="baseline", plan="free"),
        *active("a", [1], arm="baseline", plan="paid"),
        *active("b", [0], arm="candidate", plan="free"),
        *active("b", [1], arm="candidate", plan="free"),
    ]
    exposed = [exposure("a", "baseline", 0), exposure("b", "candidate", 0)]
    found = people(tmp_path, rows, exposed, until=2, by=("plan",))
    free = found.came_back(1, Slice.of({"plan": "free"}))
    assert isinstance(free, CohortSample)
    assert free.units.tolist() == [[1], [1]]
    assert isinstance(found.came_back(1, Slice.of({"plan": "paid"})), Absent)


def test_promised_exposures_that_are_not_there_are_not_replaced(tmp_path: Path) -> None:
    evidence(tmp_path, active("a", [0], arm="baseline"), [exposure("a", "baseline", 0)])
    (tmp_path / "exposures.csv").unlink()
    (tmp_path / "again").mkdir()
    reader = evidence(tmp_path / "again", active("a", [0]), [exposure("a", "baseline", 0)])
    assert isinstance(reader.people(noon(1)), Activity)
    bare = evidence(tmp_path, active("a", [0]))
    absent = bare.people(noon(1))
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.WRONG_COLUMNS


def test_a_table_that_is_not_there_is_absent(tmp_path: Path) -> None:
    empty = reopened(tmp_path).people(noon(1))
    assert isinstance(empty, Absent)
    assert empty.reason is Reason.NO_EVIDENCE


def test_nobody_yet_is_absent_everywhere(tmp_path: Path) -> None:
    """The verdict is from before the first row."""
    one, two = some("baseline", 3, [5, 6]), some("candidate", 3, [5, 6])
    exposed = [row | {"at": "2026-10-10T09:00:00Z"} for row in one[0] + two[0]]
    found = people(tmp_path, one[1] + two[1], exposed, until=2)
    assert found.facts.units == Both(0, 0)
    assert isinstance(found.came_back(1), Absent)
    assert isinstance(departures(found, steps_of(found)), Absent)
    assert isinstance(moves(found), Absent)
    assert isinstance(wear(found), Absent)


def test_a_calendar_says_the_worst_first() -> None:
    calendar = Calendar(last=10, gaps=frozenset({4}), moved={1: 6})
    cells = [calendar.cell(1, age) for age in (1, 3, 5, 10)]
    assert cells == [Cell.KNOWN, Cell.GAP, Cell.MOVED, Cell.MATURING]
    assert calendar.steady(1) == 2
    assert calendar.steady(5) == 5


def test_an_arm_too_small_to_come_every_day_has_no_gap() -> None:
    counts = np.array([10, 10, 10, 10])
    few = np.array([0, 3, 0, 2])
    daily = Daily(
        first=0, everybody=counts, active=Both(counts, few), begun=Both(counts * 2, counts)
    )
    assert daily.gaps() == frozenset()
