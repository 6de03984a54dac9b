"""Strengths study: read comparisons of several models from one file, and say who is preferred."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shipcall.app.study import EACH_ALONE, TAILS, study_form
from shipcall.core import UsageError
from shipcall.data.comparisons import Columns, Compared, read_comparisons
from shipcall.data.faults import listed, near
from shipcall.stats.clusters import Clusters
from shipcall.stats.sample import Ints
from shipcall.stats.strengths import Games
from shipcall.studies.strengths import Contest, strengths_study

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks of comparisons."""

    reference: str | None = None
    """The model against which strengths are told; None: the mean of all."""
    without: Sequence[str] = ()
    """Models whose comparisons are left out."""
    cluster: str | None = None
    """Column of what items depend on together; None: `cluster` where it is there, else the item."""
    judge: str | None = None
    """Column of who compared; None: `judge` where it is there."""


def strengths_view(file: Path, asked: Asked) -> View:
    """Say how strong each of several models is, who may be the strongest, and what does not fit.

    Needs no contract, and nothing is entered in a ledger: no release hangs on it.

    Args:
        file: A CSV, Parquet or JSONL file of comparisons.
        asked: What is asked.

    Raises:
        UsageError: If a model that is named does not appear, or fewer than two are left.
        EvidenceError: If the file cannot be read as comparisons.
    """
    compared = read_comparisons(file, Columns(cluster=asked.cluster, judge=asked.judge))
    _demand_known(asked, compared.models)
    kept = ~_any_of(compared, asked.without)
    contest, alone = _contest(compared, kept, asked)
    found = strengths_study(contest, TAILS)
    stated = tuple(_left_out(asked, alone))
    notes = (f"{EACH_ALONE} Ranks are the exception.", _rested(compared, kept), *found.notes)
    return study_form(replace(found, stated=stated, notes=notes), "")


def _demand_known(asked: Asked, models: Sequence[str]) -> None:
    named = [("--without", name) for name in asked.without]
    named += [("--reference", asked.reference)] if asked.reference is not None else []
    for option, name in named:
        if name not in models:
            raise UsageError(
                f"{option} {name!r}: no such model was compared. Compared were {listed(models)}."
                f"{near(name, models)}"
            )
    if asked.reference in asked.without:
        raise UsageError(
            f"--reference {asked.reference!r} is left out by --without. Name another one."
        )


def _any_of(compared: Compared, names: Sequence[str]) -> Any:
    numbers = [compared.models.index(name) for name in names]
    return np.isin(compared.first, numbers) | np.isin(compared.second, numbers)


def _contest(compared: Compared, kept: Any, asked: Asked) -> tuple[Contest, list[str]]:
    """The comparisons that count, and models that are gone though nobody left them out."""
    left = np.unique(np.concatenate([compared.first[kept], compared.second[kept]]))
    if left.size < 2:
        raise UsageError(
            f"without {listed(asked.without)} no comparison of two models is left. Leave out fewer."
        )
    names = [compared.models[number] for number in left.tolist()]
    gone = set(compared.models) - set(names) - set(asked.without)
    reference = None if asked.reference is None else asked.reference
    if reference in gone:
        raise UsageError(
            f"--reference {reference!r} met only models that are left out. Name another one."
        )
    usable = kept & np.isfinite(compared.won)
    games = Games(
        first=_places(compared.first[usable], left),
        second=_places(compared.second[usable], left),
        won=compared.won[usable],
        clusters=Clusters.of(compared.cluster[usable]),
        models=left.size,
    )
    failed = kept & ~usable
    both = np.concatenate([compared.first[failed], compared.second[failed]])
    contest = Contest(
        names=names,
        games=games,
        lost=np.bincount(_places(both, left), minlength=left.size).tolist(),
        reference=None if reference is None else names.index(reference),
    )
    return contest, sorted(gone)


def _places(numbers: Ints, left: Ints) -> Ints:
    return np.searchsorted(left, numbers).astype(np.int64)


def _left_out(asked: Asked, alone: Sequence[str]) -> list[str]:
    if not asked.without:
        return []
    said = f"left out: {listed(sorted(set(asked.without)))}"
    return [f"{said}; with them {listed(alone)}, which met nobody else" if alone else said]


def _rested(compared: Compared, kept: Any) -> str:
    """What the numbers rest on, and which rows count as one."""
    items, clusters = (np.unique(codes[kept]).size for codes in (compared.item, compared.cluster))
    told = f"{int(np.count_nonzero(kept)):,} comparisons of {items:,} items"
    if compared.judges:
        told += f" by {np.unique(compared.judge[kept]).size:,} judges"
    if clusters < items:
        return f"{told}; {clusters:,} clusters of items count as independent."
    return f"{told}; comparisons of one item count as one."
