"""Trial: the judge itself is judged, on what the team brings."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shipcall.app.workspace import now, signing_key, sound_entries, workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Plan, plan
from shipcall.contract.seal import contract_digest
from shipcall.core import Slice, UsageError, plain
from shipcall.data.replicates import Layout, Replicates
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.conditions import conditions_of
from shipcall.release.history import sealed_contract
from shipcall.release.sources import metric_uses, slice_table, sources_of, unit_columns
from shipcall.stages.gate import generator, statistics_plan
from shipcall.trial.aa import Certificate, Counts, certify_aa

View = dict[str, Any]
STAGE = "gate"


def aa_release(  # noqa: PLR0913 - where the runs are, and how long it may take
    file: Path,
    evidence: Sequence[Path],
    *,
    column: str | None = None,
    table: str | None = None,
    draws: int = 1_000,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> View:
    """Measure how often a contract blocks a model that nobody changed, and record it.

    Args:
        file: The contract file.
        evidence: Runs of one model: a file for each, or one table with all of them.
        column: Column that tells the runs of one table apart; None: the column of the arm.
        table: Which of the tables that the gate reads; None where it reads one.
        draws: How often runs are dealt to the items anew.
        progress: Is told how many judgements of how many are done.

    Raises:
        UsageError: If the gate does not read one such table.
        EvidenceError: If the runs are not runs of one model on the same items.
    """
    contract = read_contract(file)
    name = _table(contract, table)
    ledger = workspace_of(file).ledger()
    entries = sound_entries(ledger)
    layout = Layout(paths=tuple(evidence), column=column)
    source, unit = sources_of(contract)[name], unit_columns(contract)
    replicates = Replicates(source, layout, unit=unit, metrics=metric_uses(contract))
    try:
        body = _measured(contract, name, replicates, entries, draws, progress)
    finally:
        replicates.close()
    entry = ledger.append(Kind.AA_MEASURED, contract.release.id, body, at=now(), key=signing_key())
    return {
        "kind": "aa",
        "subject": contract.release.id,
        "at": entry.at,
        **entry.body,
        "ledger": {"head": entry.hash, "entries": entry.index + 1},
    }


def _table(contract: Contract, asked: str | None) -> str:
    """Name the one table of the gate that the runs are in."""
    there = sources_of(contract)
    read = [
        name
        for name in dict.fromkeys(check.evidence for check in plan(contract, STAGE, None).checks)
        if name in there
    ]
    if asked is None and len(read) == 1:
        return read[0]
    if asked in read:
        return str(asked)
    known = ", ".join(read) or "none"
    if asked is None and read:
        raise UsageError(f"the gate reads several tables: {known}. Say which: --table {read[0]}.")
    raise UsageError(
        f"the gate of this contract reads {known}; there is no A/A of {asked or 'nothing'}. "
        "Name a table of [evidence] that a check of the gate reads."
    )


def _measured(  # noqa: PLR0913, PLR0917 - everything the entry is made of
    contract: Contract,
    table: str,
    replicates: Replicates,
    entries: list[Entry],
    draws: int,
    progress: Callable[[int, int], None],
) -> View:
    promised = plan(contract, STAGE, _levels(contract, table, replicates, entries))
    held = replicates.held(statistics_plan(_on(promised, table)))
    sha256 = contract_digest(contract)
    certificate = certify_aa(
        _on(promised, table),
        held,
        promised=contract.risk.block / (contract.risk.looks * contract.risk.attempts),
        final=contract.final_stage(STAGE),
        draws=draws,
        rng=generator("aa", sha256, *sorted(replicates.digests.values()), draws),
        progress=progress,
    )
    others = {check.evidence for check in promised.checks} - {table, ""}
    return {
        "contract": sha256,
        "conditions": conditions_of(contract, table, replicates.suite),
        "replicates": {"runs": list(held.names), "files": replicates.digests},
        "left_out": sorted(others),
        **certificate_form(certificate),
    }


def _levels(
    contract: Contract, table: str, replicates: Replicates, entries: list[Entry]
) -> Mapping[Slice, int] | None:
    """Slices as sealed with this very contract, else as the runs have them."""
    sealed = sealed_contract(entries, contract.release.id)
    if sealed and sealed.levels is not None and sealed.digest == contract_digest(contract):
        return sealed.levels
    if contract.slices is None:
        return {}
    return replicates.levels(contract.slices.by) if slice_table(contract) == table else None


def _on(promised: Plan, table: str) -> Plan:
    """The checks that read one table, and those that no table can answer."""
    kept = tuple(check for check in promised.checks if check.evidence in (table, ""))
    return replace(promised, checks=kept)


def certificate_form(certificate: Certificate) -> View:
    """Give the plain form of what was measured, as the ledger holds it."""
    return {
        "promised": certificate.promised,
        "answer": certificate.answer.value,
        "why": certificate.why,
        "whole": _counts(certificate.whole) | {"share": plain(certificate.whole_share)},
        "within": _counts(certificate.within) | {"share": plain(certificate.within_share)},
        "drifts": plain(certificate.drifts),
    }


def _counts(counts: Counts) -> View:
    form: View = plain(counts)
    return {
        name: {check: n for check, n in sorted(value.items()) if n} if _is_count(value) else value
        for name, value in form.items()
    }


def _is_count(value: object) -> bool:
    return isinstance(value, dict | Counter)
