"""Row: one line of the certificate: a population, what is judged of it, and what is promised."""

from dataclasses import dataclass

from shipcall.trial.benches import Bench, OneCheck
from shipcall.trial.classes import outside_classes
from shipcall.world.populations.rows import Drawn, Tabled

CLOSED, SLOW = 10_000, 2_000
"""Runs of closed forms; and of resampling and exact tables, which take a hundred times as long."""
WHOLE, MANY_LOOKS, FROM_FILES = 1_000, 500, 300
"""Runs of whole contracts: drawn, looked at three times, and written to files."""
FORECASTS, ROLLOUTS = 500, 300
"""Runs of forecasts, and of whole rollouts with a verdict every evening."""

SHARE = 'kind = "proportion", better = "higher"'
HARM = 'kind = "proportion", better = "lower"'
MEAN = 'kind = "mean", better = "higher"'
GRADE = 'kind = "mean", better = "higher", range = [0, 1]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the certificate."""

    group: str
    population: str
    judged: str
    bench: Bench
    runs: int = CLOSED
    outside: str = ""
    """Why the population lies outside the declared classes; empty where it lies inside."""
    beside: tuple[str, ...] = ()
    """Events that are counted as a warning, and promised by nobody."""

    @property
    def key(self) -> str:
        """Name under which it is drawn, kept and looked for; one of a kind."""
        return f"{self.group}: {self.population}; {self.judged}"


def one_check(
    group: str,
    population: Drawn | Tabled,
    metric: str,
    bar: str,
    *,
    runs: int = CLOSED,
) -> Row:
    """Make the row of one check with its bar at the truth."""
    kind = metric.split('"')[1]
    return Row(
        group=group,
        population=population.name,
        judged=f"{kind} {bar}",
        bench=OneCheck(population=population, metric=metric, bar=bar),
        runs=runs,
        outside=outside_classes(population.shape, population.units),
    )
