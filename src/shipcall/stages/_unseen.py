"""Unseen: what the tables of paired evidence cannot tell, in sentences."""

from collections.abc import Collection, Iterator, Sequence

from shipcall.contract.plan import Plan
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Facts
from shipcall.stages._measure import rare


def unseen(plan: Plan, evidence: Evidence) -> list[str]:
    """Say of every table that was read what nobody could see in it."""
    read: Sequence[str] = list(dict.fromkeys(c.evidence for c in plan.checks if c.evidence))
    return [
        sentence
        for table in read
        if evidence.present(table)
        for sentence in _unseen_in(table, evidence.facts(table), rare(plan))
    ]


def _unseen_in(table: str, facts: Facts, rarely: Collection[str]) -> Iterator[str]:
    if not facts.hashed:
        yield (
            f"{table}: no content hash, so rows were paired by name alone; that both models "
            "saw the same content was not proved."
        )
    if facts.alike is not None:
        yield (
            f"{table}: no row of the candidate differs from the baseline's; whether the "
            "candidate was run at all was not assessed."
        )
    if facts.elsewhere:
        yield (
            f"{table}: {facts.elsewhere:,} of {facts.rows:,} rows compare other models than the "
            "two, or one with itself, and were left out."
        )
    if facts.expected_units is not None and facts.units > facts.expected_units:
        yield (
            f"{table}: {facts.units:,} units where {facts.expected_units:,} were promised; "
            "where the others come from was not assessed."
        )
    silent = sorted({metric for _, metric in facts.constant} & set(rarely))
    if silent:
        yield (
            f"{table}: {', '.join(silent)} never varied; that its scorer can fire at all was "
            "not assessed. Grade some rows that are known to be bad."
        )
    if facts.rehashed.count:
        yield (
            f"{table}: {facts.rehashed.count:,} contents stand under several names (first "
            f"{facts.rehashed.example}); they were counted as different units."
        )
    if facts.expected_units is None and facts.expected_rows is None:
        yield (
            f"{table}: no expected count was promised, so rows that are missing for both "
            "models could not be noticed."
        )
