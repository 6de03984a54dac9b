"""Drawn rollouts are judged as the stage judges them, and keep what a contract promises."""

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimate, Finding, Reason, Standing
from shipcall.data.ramp import Entered
from shipcall.report.certificate import certificate_page
from shipcall.stages._online import estimate_online
from shipcall.stages.rollout import examine
from shipcall.stats.sequential.epochs import Epochs, Pair, Sums
from shipcall.stats.sequential.tuning import tuned
from shipcall.trial.certificate import certificate_of
from shipcall.trial.certify import certify
from shipcall.trial.people import TAILS, WIDE, Said, Told, people
from shipcall.trial.ramp_calls import LAWS, ROOM, DrawnRollout, RolloutCalls, rollout_calls
from shipcall.trial.ramp_settings import ERROR, GAIN, GRADE, LATE, LOSS, SPENT, ramp_settings
from shipcall.trial.ramps import (
    LAUNCH,
    Guarded,
    epochs_of,
    plan_at,
    rollout_contract,
    table_of,
    tuned_on,
)
from shipcall.trial.row import Row
from shipcall.trial.rows import rows
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.ramps import DAY, Ramp, Wave, amounts, coin, events


def short(**law: object) -> Ramp:
    """Ten days, so that a test is quick."""
    given = {"name": "r", "outcomes": events(0.1), "days": (2, 3, 5), "units": 3_000.0}
    return Ramp(**(given | law))  # type: ignore[arg-type]


def guarded(ramp: Ramp, metric: str = GAIN, margin: str = "0.02", **how: object) -> Guarded:
    days = max(ramp.window_days, 1)
    return Guarded(population=ramp, metric=metric.format(days), margin=margin, **how)  # type: ignore[arg-type]


RELATIVE = short(relative=True, outcomes=events(0.01), units=30_000.0)
ALIKE = {
    "a difference of shares": guarded(short()),
    "a relative change": guarded(short(relative=True), LOSS, '"20%"'),
    "a ratio of rare events": guarded(RELATIVE, ERROR, '"50%"'),
    "a skewed mean": guarded(short(outcomes=amounts({1.0: 0.1, 8.0: 0.02})), SPENT, "0.06"),
    "grades by a coin": guarded(short(outcomes=coin()), GRADE, "0.05"),
    "nested shares": guarded(short(returning=True, units=9_000)),
}


@pytest.mark.parametrize("bench", ALIKE.values(), ids=ALIKE.keys())
def test_standings_are_those_of_the_stage_at_every_third_evening(bench: Guarded) -> None:
    """`stages._online.estimate_online` on the state until then, held against the same check."""
    cells = bench.population.draw(np.random.default_rng(3), 1, 2.5 * bench.edge)
    path = bench.path(cells, 0)
    assert path is not None
    stands, seen = bench.stands_on(path), set()
    for hour in range(3 * DAY - 1, cells.share.size, 3 * DAY):
        state = epochs_of(cells, 0, hour + 1)
        none = {cell: Pair(*(Sums(n=arm.n) for arm in pair)) for cell, pair in state.cells.items()}
        entered = Entered(epochs=state, missing=Epochs(cells=none))
        finding = Finding(check=bench.check, measured=estimate_online(bench.how, entered))
        place = int(np.flatnonzero(path.table.epoch == hour)[0])
        mine = bool(stands.clear[place]), bool(stands.breach[place])
        assert mine == (finding.standing is Standing.CLEAR, finding.standing is Standing.BREACH)
        assert bool(stands.present[place]) == isinstance(finding.measured, Estimate)
        seen.add(finding.standing)
    assert Standing.BREACH in seen


@pytest.mark.parametrize("outcomes", [events(0.1), events(0.002), coin()])
def test_tuning_is_that_of_the_whole_state(outcomes: object) -> None:
    ramp = short(outcomes=outcomes, units=700.0)
    cells = ramp.draw(np.random.default_rng(4), 2, 0.0)
    binary = len(ramp.outcomes.values) == 2
    for run in (0, 1):
        whole, quick = (
            tuned(epochs_of(cells, run), binary=binary),
            tuned_on(cells, run, binary=binary),
        )
        assert whole is not None
        assert quick is not None
        assert whole[1:] == quick[1:]
        since = min(cell.epoch for cell in quick.epochs.cells)
        for mine, theirs in zip(table_of(cells, run, since), whole.epochs.table(), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-9)


def test_levels_are_those_of_the_contract() -> None:
    once, twice = guarded(short()), guarded(short(), attempts=2)
    assert (once.check.clear_at, once.check.breach_at) == (0.05, 0.05)
    assert (twice.check.clear_at, twice.check.breach_at) == (0.025, 0.025)
    assert once.promises == {
        "harm": 0.05,
        "harm_at_bar": 0.05,
        "ship": 0.05,
        "missed": 0.05,
        "unfound": 0.1,
    }
    assert once.power_at == pytest.approx(0.02)
    assert "unfound" not in guarded(short(), finds=False).promises


def test_an_error_is_one_only_where_the_running_effect_is_on_the_other_side() -> None:
    """The effect drifts through the bar: early clears and late breaches are right."""
    ramp = short(wave=Wave.DRIFTING, swing=0.06, season=False, units=20_000.0)
    bench = guarded(ramp)
    cells = ramp.draw(np.random.default_rng(5), 1, -0.03)
    path = bench.path(cells, 0)
    assert path is not None
    stands, inside = bench.stands_on(path), bench.inside(path)
    assert stands.breach.any()
    assert inside.any()
    assert not inside.all()
    assert not (stands.breach & inside).any()
    assert list(bench.at_bar(cells, 0)) == ["pooled"]


def test_pooling_takes_the_season_for_an_effect_and_the_sequence_does_not() -> None:
    tally = guarded(short(units=20_000.0)).draw(np.random.default_rng(6), 20)
    assert tally.events.get("harm_at_bar", 0) <= 3
    assert tally.events["pooled"] >= 15
    assert "unfound" not in tally.events
    assert tally.median_day in range(3, 6), "while one in ten has the candidate"


def test_every_event_can_come_about() -> None:
    """A margin of 2 points where the loss is 6, and a sequence that starts after the ramp."""
    ramp = short()
    bench = guarded(ramp)
    harmed = ramp.draw(np.random.default_rng(7), 1, -0.06)
    better = ramp.draw(np.random.default_rng(7), 1, 0.06)
    few = short(units=10.0).draw(np.random.default_rng(7), 1, 0.0)
    assert bench.found(harmed, 0) in range(3, 6)
    assert bench.found(better, 0) is None
    assert bench.found(few, 0) is None
    assert list(bench.still(few, 0)) == ["absent"]
    assert list(bench.at_bar(few, 0)) == []
    lying = guarded(ramp, margin="0.06")
    assert list(lying.still(harmed, 0)) == []
    assert bench.draw(np.random.default_rng(8), 3).runs == 3


def test_late_outcomes_are_judged_when_their_window_has_closed() -> None:
    late = guarded(short(late=LATE))
    cells = late.population.draw(np.random.default_rng(9), 1, -0.06)
    path = late.path(cells, 0)
    assert path is not None
    first = int(path.table.epoch[late.stands_on(path).breach & path.looks][0])
    assert late.found(cells, 0) == (first + 1) // DAY + 4


def test_two_attempts_err_where_either_does() -> None:
    """At a level of 0.05 each: 1 - 0.95^2 is more than what is promised, so each has half."""
    tally = guarded(short(), attempts=2).draw(np.random.default_rng(10), 5)
    assert tally.runs == 5


def test_medians_count_runs_without_a_day_as_later_than_any() -> None:
    tally = Tally()
    for day in (4, 9, None, None):
        tally.add(Outcome((), day=day))
    assert tally.median_day == 9
    assert Tally.of(tally.plain) == tally
    more = Tally()
    more.add(Outcome(("unfound",)), 3)
    tally.merge(more)
    assert tally.median_day is None


def test_a_drawn_rollout_answers_what_the_stage_asks() -> None:
    ramp = LAWS["solved"]
    rng = np.random.default_rng(11)
    arrived = ramp.arrive(rng, 1)
    metrics = {name: one.observe(rng, arrived, ROOM[name]) for name, one in LAWS.items()}
    drawn = DrawnRollout(ramp, metrics, 0)
    two_days = LAUNCH + timedelta(days=2)
    steps = drawn.steps(two_days)
    assert [(step.share, step.first) for step in steps] == [
        (0.01, LAUNCH),
        (0.1, LAUNCH + timedelta(days=1)),
    ]
    counts = drawn.integrity(two_days)
    assert counts.units == int(arrived.dealt[0, :, : 2 * DAY].sum())
    assert counts.dealt[1, 0.1] == steps[1].units
    contract = rollout_contract(ramp, _body())
    plan = plan_at(contract, ramp, 2 * DAY - 1)
    assert plan.progress is not None
    assert (plan.progress.position, plan.progress.as_of) == (1, two_days)
    findings = {finding.check.id: finding for finding in examine(plan, drawn)}
    assert isinstance(findings["rollout.solved"].measured, Estimate)
    assert findings["rollout.solved"].measured.n < counts.units / 2, "only day 1 has closed"
    sanity = [f for name, f in findings.items() if name.startswith("sanity.")]
    assert sanity
    assert all(finding.satisfied for finding in sanity)
    early = {f.check.id: f for f in examine(plan_at(contract, ramp, DAY - 1), drawn)}
    assert isinstance(early["rollout.solved"].measured, Absent)


def _body() -> str:
    from shipcall.trial.ramp_calls import WHOLE  # noqa: PLC0415 - long text, used here only

    return WHOLE


def test_a_whole_contract_rolls_back_a_harm_and_ships_a_gain() -> None:
    harmed = RolloutCalls(name="harmed", effects={"asked": 0.06}, promises={"ship": 0.05})
    tally = harmed.draw(np.random.default_rng(12), 1)
    assert tally.events == {"harm": 1}
    assert tally.median_day is not None
    good = RolloutCalls(name="good").draw(np.random.default_rng(13), 1)
    assert good.events == {"shown": 1}


def test_what_is_said_of_people_is_held_against_what_is_so() -> None:
    estimate = Estimate(value=0.5, low=0.4, high=0.6, tails=TAILS, n=9, method="m")
    absent = Absent(reason=Reason.NO_ROWS, detail="none")
    answers = iter([Said(estimate, 0.6), Said(estimate, 0.61), Said(absent, 0.1)])
    told = Told(population="p", judged="j", say=lambda _rng: next(answers))
    tally = told.draw(np.random.default_rng(1), 3)
    assert tally.events == {"missed": 1, "absent": 1}
    assert tally.bias == pytest.approx(-0.105)
    assert told.promises == {"missed": 0.05}


@pytest.mark.parametrize("told", list(people()), ids=lambda told: told.population)
def test_everything_about_people_is_said_and_mostly_holds(told: Told) -> None:
    """Six of eight at a level of 0.05 or 0.2 are in one of 500,000 or one of 100 runs too few."""
    runs = 8 if told.event == "missed" else 3
    tally = told.draw(np.random.default_rng(2), runs)
    assert "absent" not in tally.events
    assert tally.events.get(told.event, 0) <= 2
    assert told.tails == (WIDE if told.event == "foretold" else TAILS)


def test_ramps_stand_in_a_table_with_what_was_found_and_what_pooling_says() -> None:
    bench = guarded(short(units=20_000.0))
    row = Row(
        group="Ramps",
        population="a ramp",
        judged=bench.judged,
        bench=bench,
        runs=20,
        beside=("pooled", "unfound"),
    )
    small = Row(
        group="Ramps",
        population="a small arm",
        judged="j",
        bench=guarded(short(), finds=False),
        runs=10,
        beside=("pooled", "unfound"),
    )
    form = certificate_of(certify([row, small]), seed=1, planned=2).plain
    page, day = certificate_page(form), form["rows"][0]["median_day"]
    line, other = (text for text in page.splitlines() if text.startswith(("| a ramp", "| a small")))
    assert "higher is better, may lose 0.02, score, daily" in line
    assert f"| 1.0000 (0.8316 to 1.0000) at 0.02 | {day} |" in line, (
        "binomtest(20, 20), Clopper-Pearson"
    )
    assert "not promised" in other
    assert "pooled analysis alarms on the bar" in page


def test_the_certificate_draws_every_ramp_two_thousand_times() -> None:
    ramps = [row for row in rows() if row.group == "Ramps"]
    assert [(row.population, row.judged) for row in ramps] == [
        (one.population.name, one.judged) for one in ramp_settings()
    ]
    assert {row.runs for row in ramps} == {2_000}
    assert {row.population for row in rows() if row.group == "Rollout contracts"} == {
        one.name for one in rollout_calls()
    }


def kept(tally: Tally, bench: Guarded) -> None:
    """No promise is refuted at 0.001: scipy.stats.binom, exactly."""
    for event, promise in bench.promises.items():
        count = tally.events.get(event, 0)
        assert stats.binom.sf(count - 1, tally.runs, promise) > 0.001, (event, count)


def setting(words: str, judged: str = "") -> Guarded:
    return next(
        one for one in ramp_settings() if words in one.population.name and judged in one.judged
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "judged", "pooled"),
    [
        ("rate 5 %", "hourly", 0.9),
        ("1 % for 14 days with season, rate 0.2 %", "hourly", 0.0),
        ("by turns of a day", "daily", 0.9),
        ("six nested shares", "daily", 0.9),
    ],
)
def test_no_promise_is_refuted_by_600_ramps(words: str, judged: str, pooled: float) -> None:
    """A rate of 0.1 where 0.05 is promised is refuted from 49 on, with chance 0.94.

    The certificate draws each ramp 2,000 times.
    """
    bench = setting(words, judged)
    tally = bench.draw(np.random.default_rng(14), 600)
    kept(tally, bench)
    assert tally.events["pooled"] / tally.runs >= pooled


@pytest.mark.slow
def test_a_doubling_of_one_in_500_is_found_sooner_by_the_arms_of_its_events() -> None:
    """Same law, same bar, same level; 300 ramps each, and the medians of their days."""
    days = {}
    for judged in ("arms of events", "score"):
        bench = setting("rate 0.2 %, doubled", judged)
        tally = bench.draw(np.random.default_rng(15), 300)
        kept(tally, bench)
        days[judged] = tally.median_day
    assert days["arms of events"] is not None
    assert days["score"] is not None
    assert days["arms of events"] < days["score"]
