"""Setting: what a contract would be judged on with so many units: plan, places, counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shipcall.contract.contract import Contract, Source
from shipcall.contract.plan import NOT_READ, Plan, plan
from shipcall.core import Absent, Check, Reason, Role, Slice
from shipcall.data.facts import Facts, LostPairs
from shipcall.release.foresight.cells import Cells, crossing
from shipcall.release.foresight.laws import Place
from shipcall.release.foresight.nuisance import Nuisance, TableNuisance
from shipcall.stages.gate import count_finding, generator, is_fact


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """One contract at one size."""

    contract: Contract
    nuisance: Nuisance
    plan: Plan
    """Without checks that cannot move the call, and without slices nobody could count."""
    unread: tuple[str, ...]
    """Checks that were left out because their slices are not counted yet."""
    units: Mapping[str, int]
    """Table -> units at the last look."""
    seed: tuple[str, ...]

    @classmethod
    def of(
        cls,
        contract: Contract,
        nuisance: Nuisance,
        levels: Mapping[Slice, int] | None,
        *,
        factor: float,
        seed: str,
    ) -> "Setting":
        """Plan the gate for so many times the promised units.

        Args:
            contract: As parsed.
            nuisance: What is taken beside it.
            levels: Units of every slice at the promised size; None where nobody counted them.
            factor: How many times the promised units there are.
            seed: Names what is drawn for.
        """
        scaled = None
        if levels is not None:
            scaled = {part: round(units * factor) for part, units in levels.items()}
        promised = plan(contract, "gate", scaled)
        moving = [check for check in promised.checks if check.role is not Role.WATCH]
        counted = [check for check in moving if _is_counted(check, scaled)]
        tables = nuisance.tables.values()
        return cls(
            contract=contract,
            nuisance=nuisance,
            plan=replace(promised, checks=tuple(counted)),
            unread=tuple(check.id for check in moving if check not in counted),
            units={t.table: max(round(t.units.value * factor), 1) for t in tables if t.units},
            seed=(seed, f"{factor:.6g}"),
        )

    @cached_property
    def looks(self) -> list[int]:
        """Looks at which the counts do not hold the call anyway, from 1.

        The gate is asked after equal parts of the units. A look at which fewer units are there
        than were promised is a HOLD, whatever they say.
        """
        every = range(1, self.contract.risk.looks + 1)
        return [look for look in every if all(self._trusted(check, look) for check in self._counts)]

    @property
    def _counts(self) -> list[Check]:
        return [check for check in self.plan.checks if is_fact(check)]

    def _trusted(self, check: Check, look: int) -> bool:
        facts = self.facts(look)[check.evidence]
        return count_finding(self.plan, check, facts).satisfied

    def facts(self, look: int) -> dict[str, Facts]:
        """Counts of every table at a look, as they are expected to be."""
        tables = dict.fromkeys(check.evidence for check in self._counts)
        return {table: self._facts(table, look) for table in tables}

    def _facts(self, table: str, look: int) -> Facts:
        source = {str(n): s for n, s in self.contract.evidence.items()}.get(table)
        if source is None:
            detail = f"{table}: no path in [evidence]"
            return Facts(absent=Absent(reason=Reason.NO_EVIDENCE, detail=detail))
        taken, units = self.nuisance.tables.get(table), self.units.get(table)
        if taken is None or units is None:
            return Facts(rows=1, units=1, clusters=1, pairs=1)
        return _expected(source, taken, units, self._at(units, look), self._runs(table))

    @cached_property
    def distrusted(self) -> frozenset[str]:
        """Counts that hold the call, or that do where more is lost than was expected."""
        last = self.contract.risk.looks
        failing = [check.id for check in self._counts if not self._trusted(check, last)]
        return frozenset(failing or [c.id for c in self._counts if c.metric == "lost"])

    def within_loss(self, look: int, rng: np.random.Generator, draws: int) -> NDArray[np.bool_]:
        """Draws in which no table loses more rows than was declared; shape (draws,)."""
        within = np.ones(draws, np.bool_)
        sources = {str(name): source for name, source in self.contract.evidence.items()}
        for name, facts in self.facts(look).items():
            taken = self.nuisance.tables.get(name)
            if taken is not None and taken.lost.value and facts.pairs:
                lost = rng.binomial(facts.pairs, taken.lost.value, draws)
                within &= lost <= sources[name].max_missing * facts.pairs
        return within

    def _runs(self, table: str) -> int:
        return self.plan.runs_per_unit.get(table, 1)

    def _at(self, units: int, look: int) -> int:
        return units * look // self.contract.risk.looks

    @cached_property
    def cells(self) -> Cells:
        """The crossing of the slices that some check speaks of."""
        parts = {check.slice for check in self.plan.checks}
        return crossing(self.plan.levels, parts, generator(*self.seed, "cells"))

    def place(self, metric: str) -> Place:
        """Where the units of a metric stand, at the looks that can decide."""
        table = self.plan.measures[metric].evidence
        asked = [c.slice for c in self.plan.checks if c.metric == metric and not is_fact(c)]
        parts = tuple(dict.fromkeys([Slice(), *asked]))
        whole = self.cells.sizes(self.units[table])
        sizes = [self.cells.sizes(self._at(self.units[table], look)) for look in self.looks[:-1]]
        return Place(
            units=np.minimum.accumulate(np.stack([*sizes, whole])[::-1])[::-1],
            parts=parts,
            members=np.stack([self.cells.within(part) for part in parts]),
            lost=(self.nuisance.metrics[metric].lost or self.nuisance.tables[table].lost).value,
        )


def _is_counted(check: Check, levels: Mapping[Slice, int] | None) -> bool:
    unread = any(level == NOT_READ for _, level in check.slice.pairs)
    return not unread and (levels is not None or not check.slice.pairs)


def _expected(source: Source, taken: TableNuisance, promised: int, units: int, runs: int) -> Facts:
    pairs = units * runs
    lost = round(taken.lost.value * pairs)
    rows = pairs * (2 if taken.table == "scores" else 1)
    share = units / promised
    all_rows = None if source.expect.rows is None else max(round(rows / share), 1)
    return Facts(
        expected_units=promised if source.expect.units is not None else None,
        expected_rows=all_rows,
        rows=rows,
        units=units,
        clusters=max(round(units / taken.cluster.value), 1),
        pairs=pairs,
        lost_pairs=LostPairs(only_baseline=lost // 2, only_candidate=lost - lost // 2),
    )
