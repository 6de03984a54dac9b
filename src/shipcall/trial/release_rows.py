"""Release rows: families of slices, whole contracts, ramps, rollouts, people after a release."""

from collections.abc import Iterator
from itertools import product

from shipcall.trial.people import people
from shipcall.trial.ramp_calls import rollout_calls
from shipcall.trial.ramp_settings import ramp_settings
from shipcall.trial.release_benches import Family, Files, Whole
from shipcall.trial.row import (
    FORECASTS,
    FROM_FILES,
    MANY_LOOKS,
    MEAN,
    ROLLOUTS,
    SHARE,
    SLOW,
    WHOLE,
    Row,
)
from shipcall.world.populations.releases import (
    Promise,
    release,
    sliced_answers,
    sliced_grades,
)


def release_rows() -> Iterator[Row]:
    """Every row of a whole release, in the order of the certificate."""
    yield from _families()
    yield from _wholes()
    yield from _ramps()
    yield from _rollouts()
    yield from _people()


def _families() -> Iterator[Row]:
    for correction, law in product(("max-t", "holm"), ("normal", "exponential, tail down")):
        yield _family(Family(population=sliced_grades(law), metric=MEAN, correction=correction))
    yield _family(
        Family(population=sliced_grades("normal", overlapping=True), metric=MEAN),
    )
    many = Family(population=sliced_grades("normal", copies=4), metric=MEAN)
    yield _family(many, runs=WHOLE)
    yield _family(
        Family(population=sliced_grades("normal", copies=4), metric=MEAN, correction="holm")
    )
    yield _family(Family(population=sliced_answers(), metric=SHARE), runs=WHOLE)


def _family(bench: Family, *, runs: int = SLOW) -> Row:
    return Row(
        group="Slices, all on their bars",
        population=bench.population.name,
        judged=bench.correction,
        bench=bench,
        runs=runs,
    )


_AT_BAR = {
    "the goal": Promise(right=0.02),
    "the first guardrail": Promise(grade=-0.03),
    "the second guardrail": Promise(unsafe=0.03),
    "the protected slice": Promise(protected=-0.05),
    "the goal and a guardrail": Promise(right=0.02, grade=-0.03),
}
"""Which check lies on its bar while the others are met with room to spare."""


def _wholes() -> Iterator[Row]:
    ship, block = {"ship": 0.05}, {"block": 0.05}
    for words, promise in _AT_BAR.items():
        drawn = release(3_000, promise, correlation=0.5, name=f"{words} on its bar, n = 3,000")
        yield _whole(Whole(population=drawn, promises=ship))
    small = release(
        1_000, _AT_BAR["the goal"], correlation=0.5, name="the goal on its bar, n = 1,000"
    )
    yield _whole(Whole(population=small, promises=ship))
    for correlation in (0.0, 0.9):
        name = f"the goal on its bar, metrics correlate {correlation:g}"
        drawn = release(3_000, _AT_BAR["the goal"], correlation=correlation, name=name)
        yield _whole(Whole(population=drawn, promises=ship))
    every = Promise(right=0.02, grade=-0.03, unsafe=0.03, protected=-0.05)
    drawn = release(3_000, every, correlation=0.5, name="every check on its bar")
    yield _whole(Whole(population=drawn, promises=ship | block))
    drawn = release(3_000, Promise(), correlation=0.5, name="every bar met with room to spare")
    yield _whole(Whole(population=drawn, promises=block))
    for looks, attempts in ((3, 1), (1, 2)):
        words = f"the goal on its bar, {looks} looks, {attempts} attempts"
        drawn = release(9_000, _AT_BAR["the goal"], correlation=0.5, name=words)
        bench = Whole(population=drawn, promises=ship, looks=looks, attempts=attempts)
        yield _whole(bench, runs=MANY_LOOKS)
    words = "every check on its bar, 3 looks"
    drawn = release(9_000, every, correlation=0.5, name=words)
    yield _whole(Whole(population=drawn, promises=ship | block, looks=3), runs=MANY_LOOKS)
    for words in ("the goal", "the protected slice"):
        drawn = release(
            1_000, _AT_BAR[words], correlation=0.5, name=f"{words} on its bar, n = 1,000"
        )
        yield _whole(Files(population=drawn, promises=ship), runs=FROM_FILES)


def _whole(bench: Whole | Files, *, runs: int = WHOLE) -> Row:
    return Row(
        group="Whole contracts",
        population=bench.population.name,
        judged="the call, from files" if isinstance(bench, Files) else "the call",
        bench=bench,
        runs=runs,
    )


def _ramps() -> Iterator[Row]:
    for bench in ramp_settings():
        yield Row(
            group="Ramps",
            population=bench.population.name,
            judged=bench.judged,
            bench=bench,
            runs=SLOW,
            beside=("pooled", "unfound"),
        )


def _rollouts() -> Iterator[Row]:
    for bench in rollout_calls():
        yield Row(
            group="Rollout contracts",
            population=bench.name,
            judged="the call of every evening",
            bench=bench,
            runs=ROLLOUTS,
        )


def _people() -> Iterator[Row]:
    for bench in people():
        yield Row(
            group="People after a release",
            population=bench.population,
            judged=bench.judged,
            bench=bench,
            runs=FORECASTS if bench.event == "foretold" else SLOW,
        )
