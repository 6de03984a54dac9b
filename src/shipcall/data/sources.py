"""Sources: where the evidence lies and how its columns are named, as promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One table of evidence."""

    format: str
    """Key of READ."""
    path: str
    """File or glob, relative to the folder of the contract."""
    arm_paths: Mapping[str, str] = field(default_factory=dict)
    """baseline, candidate -> file or glob of that arm, where each has its own; `path` then only
    names them for people."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of the format -> column of the file. A name that the format does not have becomes
    another name of a slice column."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Column of the format -> the same value for every row."""
    arms: Mapping[str, str] = field(default_factory=dict)
    """baseline, candidate -> how the file names that arm. Rows of other arms are left alone."""
    sentinels: Mapping[str, str] = field(default_factory=dict)
    """A value that stands for no value -> the status it means."""
    expect_units: int | None = None
    """Promised number of units (items), at least 1."""
    expect_rows: int | None = None
    """Promised number of rows of the file, at least 1."""
    max_missing: float = 0.0
    """Greatest share of rows that may be lost, in [0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitColumns:
    """How the contract's [unit] names the columns, where a table does not use our names."""

    id: str
    cluster: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricUse:
    """How the grades of one metric of a `scores` table are valued."""

    name: str
    """Value of the `metric` column."""
    range: tuple[float, float] | None = None
    """Least and greatest grade; a grade outside it is a judge error, never averaged in."""
    better: str = "higher"
    """A model error is valued at the worst end of the range; without a range it is lost."""
    column: str | None = None
    """Another column than `value` that is measured; the range then speaks of that column."""
    thresholds: tuple[float, ...] = ()
    """Grades are counted as yes from here on; a threshold beyond all grades makes them constant."""


ARMS = ("baseline", "candidate")
NO_LEVEL = "(none)"
"""Level of a slice column that holds nothing."""


def by_name(metrics: Mapping[str, MetricUse]) -> dict[str, MetricUse]:
    """Name in the `metric` column -> how its grades are valued.

    Of several uses of one name the first with a range of the grade itself counts; the
    thresholds of all of them do.
    """
    uses: dict[str, MetricUse] = {}
    cuts: dict[str, tuple[float, ...]] = {}
    for _, use in sorted(metrics.items()):
        graded = use.column in (None, "value")
        plain = use if graded else replace(use, range=None, thresholds=())
        cuts[use.name] = (*cuts.get(use.name, ()), *plain.thresholds)
        if use.name not in uses or (uses[use.name].range is None and plain.range is not None):
            uses[use.name] = plain
    return {name: replace(use, thresholds=cuts[name]) for name, use in uses.items()}
