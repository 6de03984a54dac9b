"""Sources: from the contract's [evidence] to open tables."""

from collections.abc import Collection
from pathlib import Path

from shipcall.contract.contract import Contract
from shipcall.contract.plan import better_of, graded_name, read_column
from shipcall.core import Slice
from shipcall.data.evidence import Evidence
from shipcall.data.sources import MetricUse, Source, UnitColumns
from shipcall.metrics import METRICS, Options
from shipcall.stages.gate import GATE


def open_evidence(
    contract: Contract, root: Path, formats: Collection[str] = GATE.reads
) -> Evidence:
    """Open the tables which a stage reads.

    Args:
        contract: Says where they lie, how their columns are called and what is expected.
        root: Folder of the contract; paths are relative to it.
        formats: Those of the stage; other tables are not looked at.

    Raises:
        EvidenceError: If a table is there and cannot be read as what it claims to be.
    """
    sources = sources_of(contract, formats)
    unit = unit_columns(contract)
    return Evidence(sources, root=root, unit=unit, metrics=metric_uses(contract))


def sources_of(contract: Contract, formats: Collection[str] = GATE.reads) -> dict[str, Source]:
    """Say of every table of these formats where it lies and how it is written."""
    return {
        str(name): Source(
            format=name,
            path=source.where,
            arm_paths={} if isinstance(source.path, str) else source.path.model_dump(),
            columns=source.columns,
            constants=source.constants,
            arms={"baseline": contract.release.baseline, "candidate": contract.release.candidate}
            | source.arms,
            sentinels=dict(source.sentinels),
            expect_units=source.expect.units,
            expect_rows=source.expect.rows,
            max_missing=source.max_missing,
        )
        for name, source in contract.evidence.items()
        if name in formats
    }


def unit_columns(contract: Contract) -> UnitColumns:
    """Say how the contract's [unit] names the columns."""
    return UnitColumns(id=contract.unit.id, cluster=contract.unit.cluster, time=contract.unit.time)


def metric_uses(contract: Contract) -> dict[str, MetricUse]:
    """Say how each metric of the contract values a run in which the model failed."""
    uses = {}
    for name, spec in contract.metric.items():
        metric = METRICS.get(spec.kind)
        bounds = spec.range or (metric.range if metric else None)
        cut = metric is not None and "threshold" in metric.options
        given = spec.threshold
        threshold = Options(name=name).threshold if given is None else given
        uses[name] = MetricUse(
            name=graded_name(contract, name),
            range=bounds,
            better=better_of(spec),
            column=read_column(spec),
            thresholds=(threshold,) if cut else (),
        )
    return uses


def slice_table(contract: Contract) -> str | None:
    """Name the table in which the slices are enumerated: the one their metric reads."""
    if contract.slices is None:
        return None
    spec = contract.metric[contract.slices.metric]
    metric = METRICS.get(spec.kind)
    formats = metric.formats if metric else GATE.reads
    named = [n for n in contract.evidence if n in formats and n in GATE.reads]
    return next((n for n in named if spec.format in (None, n)), None)


def read_levels(contract: Contract, evidence: Evidence) -> dict[Slice, int] | None:
    """Enumerate the slices from the baseline's rows, blind to every outcome.

    Returns:
        Units of each level; empty without [slices]; None where the rows are not there yet.
    """
    table = slice_table(contract)
    if contract.slices is None:
        return {}
    if table is None or not evidence.present(table):
        return None
    return dict(evidence.levels(contract.slices.by, table))
