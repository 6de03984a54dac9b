"""Ramp settings: the rollouts that the certificate draws, as data.

Each keeps one of the ways in which rollouts mislead: shares that grow while the season moves,
arms of one unit in a hundred, events of one in five hundred, effects that move, outcomes that
come late, units that return, attempts that are repeated.
"""

from collections.abc import Iterator

from shipcall.trial.ramps import Guarded
from shipcall.world.populations.ramps import Ramp, Wave, amounts, coin, events

_LIVE = 'format = "outcomes", window = "{}d"'
GAIN = f'level = "product", kind = "proportion", better = "higher", {_LIVE}'
LOSS = f'level = "product", kind = "proportion", better = "lower", {_LIVE}'
ERROR = f'level = "safety", kind = "proportion", better = "lower", {_LIVE}'
SPENT = f'level = "product", kind = "mean", better = "higher", per_unit = "sum", {_LIVE}'
GRADE = f'level = "product", kind = "mean", better = "higher", range = [0, 1], {_LIVE}'
LATE = (0.8, 0.1, 0.05, 0.05), (0.3, 0.3, 0.2, 0.2)
"""By arm: chance that an event becomes known after so many days; the candidate's come later."""


def ramp_settings() -> Iterator[Guarded]:
    """Every guardrail over a ramp that is drawn, in the order of the certificate."""
    yield from _shares()
    yield from _small_arms()
    yield from _rare()
    yield from _moving()
    yield from _histories()


def _guarded(  # noqa: PLR0913 - one line for each setting
    ramp: Ramp,
    metric: str,
    margin: str,
    *,
    harm: float | None = None,
    every_hours: int = 24,
    attempts: int = 1,
    finds: bool = True,
) -> Guarded:
    return Guarded(
        population=ramp,
        metric=metric.format(max(ramp.window_days, 1)),
        margin=margin,
        harm=harm,
        every_hours=every_hours,
        attempts=attempts,
        finds=finds,
    )


def _shares() -> Iterator[Guarded]:
    ramp = Ramp(name="1, 10, 50 % with season, rate 5 %", outcomes=events(0.05))
    yield _guarded(ramp, GAIN, "0.01")
    yield _guarded(ramp, GAIN, "0.01", every_hours=1)
    yield _guarded(ramp, LOSS, "0.01")
    yield _guarded(
        Ramp(
            name="1, 10, 50, 100 % with a holdback of 10 %, rate 5 %",
            outcomes=events(0.05),
            shares=(0.01, 0.1, 0.5, 1.0),
            days=(3, 4, 7, 7),
            holdback=0.1,
        ),
        GAIN,
        "0.01",
    )
    yield _guarded(
        Ramp(
            name="1, 10, 50 % with season, rate 5 %, 20,000 units a day",
            outcomes=events(0.05),
            units=20_000,
            relative=True,
        ),
        GAIN,
        '"10%"',
    )
    yield _guarded(
        Ramp(
            name="1, 10, 50 % with season, amounts of skewness 12",
            outcomes=amounts({1.0: 0.06, 4.0: 0.02, 20.0: 0.004}),
        ),
        SPENT,
        "0.05",
    )


def _small_arms() -> Iterator[Guarded]:
    """Few units of the candidate: errors are held, and little is found."""
    for rate, metric, margin in ((0.05, GAIN, "0.01"), (0.002, LOSS, "0.002")):
        ramp = Ramp(
            name=f"1 % for 14 days with season, rate {100 * rate:g} %",
            outcomes=events(rate),
            shares=(0.01,),
            days=(14,),
        )
        yield _guarded(ramp, metric, margin, every_hours=1, finds=False)
    yield _guarded(
        Ramp(
            name="1 % for 7 days, every unit better or worse by a coin",
            outcomes=coin(),
            season=False,
            shares=(0.01,),
            days=(7,),
        ),
        GRADE,
        "0.1",
        every_hours=1,
        finds=False,
    )


def _rare() -> Iterator[Guarded]:
    """A doubling of one in five hundred, by the arms of the events and by the score."""
    seldom = "1, 10, 50 % with season, rate 0.2 %"
    doubled = Ramp(name=f"{seldom}, doubled", outcomes=events(0.002), relative=True)
    many = Ramp(
        name=f"{seldom}, 25,000 units a day", outcomes=events(0.002), units=25_000, relative=True
    )
    for metric in (ERROR, LOSS):
        yield _guarded(doubled, metric, '"0%"', harm=1.0)
        yield _guarded(many, metric, '"50%"')
    few = Ramp(name=seldom, outcomes=events(0.002))
    yield _guarded(few, LOSS, "0.001", every_hours=1, finds=False)


def _moving() -> Iterator[Guarded]:
    for wave, swing, words in (
        (Wave.DRIFTING, 0.02, "effect drifts from 2 points above its middle to 2 below"),
        (Wave.ALTERNATING, 0.04, "effect 4 points above and below its middle by turns of a day"),
    ):
        ramp = Ramp(
            name=f"1, 10, 50 % with season, rate 10 %, {words}",
            outcomes=events(0.1),
            wave=wave,
            swing=swing,
        )
        yield _guarded(ramp, GAIN, "0.01")
    ramp = Ramp(
        name="1, 10, 50 % with season, every unit better or worse by a coin", outcomes=coin()
    )
    yield _guarded(ramp, GRADE, "0.02")


def _histories() -> Iterator[Guarded]:
    yield _guarded(
        Ramp(
            name="six nested shares, 20,000 units return, 2 points lost by earlier exposure",
            outcomes=events(0.1),
            returning=True,
            carried=0.02,
            units=20_000,
            shares=(0.05, 0.1, 0.2, 0.3, 0.4, 0.5),
            days=(3, 3, 3, 3, 3, 3),
        ),
        GAIN,
        "0.02",
    )
    yield _guarded(
        Ramp(
            name="1, 10, 50 % with season, rate 5 %, the candidate's events come later",
            outcomes=events(0.05),
            late=LATE,
        ),
        GAIN,
        "0.01",
    )
    again = Ramp(name="1, 10, 50 % with season, rate 5 %", outcomes=events(0.05))
    yield _guarded(again, GAIN, "0.01", attempts=2)
