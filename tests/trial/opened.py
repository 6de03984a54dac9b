"""Runs of one model, opened as a contract reads them."""

from collections.abc import Sequence
from pathlib import Path

from shipcall.contract.contract import Contract
from shipcall.contract.plan import Plan, plan
from shipcall.data.held import HeldRuns
from shipcall.data.replicates import Layout, Replicates
from shipcall.release.sources import metric_uses, sources_of, unit_columns
from shipcall.stages.gate import statistics_plan


def opened(contract: Contract, paths: Sequence[Path], column: str | None = None) -> Replicates:
    (source,) = sources_of(contract).values()
    layout = Layout(paths=tuple(paths), column=column)
    return Replicates(source, layout, unit=unit_columns(contract), metrics=metric_uses(contract))


def held_runs(contract: Contract, paths: Sequence[Path]) -> tuple[Plan, HeldRuns]:
    runs = opened(contract, paths)
    levels = runs.levels(contract.slices.by) if contract.slices else {}
    promised = plan(contract, "gate", levels)
    return promised, runs.held(statistics_plan(promised))
