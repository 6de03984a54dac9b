"""Reveal: what is so in a world, beside what the evidence drawn from it let anyone see."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Measure, plan
from shipcall.world.write import TRUTH

View = dict[str, Any]


def reveal(contract: Path, truth: Path, findings: Iterable[Mapping[str, Any]]) -> list[View]:
    """Set the truth of a world beside what was measured on its evidence.

    Args:
        contract: The contract that judged.
        truth: Folder into which the world was drawn.
        findings: Of the view of a verdict.

    Returns:
        One line for each finding whose truth the world states: its id, the truth in the unit of
        the estimand, the interval, and whether it holds the truth.
    """
    told = json.loads((truth / TRUTH).read_text(encoding="utf-8"))
    facts = {(fact["metric"], fact["slice"]): fact for fact in told["facts"]}
    measures = plan(read_contract(contract), "gate", None).measures
    lines = []
    for finding in findings:
        estimate = finding["estimate"]
        measure = measures.get(finding["metric"])
        fact = facts.get((_name(measure), finding["slice"])) if measure else None
        if estimate is None or estimate["census"] or fact is None:
            continue
        so = _estimand(finding["estimand"], fact)
        held = estimate["low"] <= so <= estimate["high"]
        lines.append({**finding, "truth": so, "held": held})
    return lines


def _name(measure: Measure) -> str:
    """What a world calls the number that a metric of the contract measures."""
    options, graded = measure.options, f"{measure.options.name}_graded"
    if measure.kind == "quantile":
        return f"{options.column}_p{round(100 * (options.q or 0.5))}"
    if measure.kind == "pass_k":
        return graded.replace(options.name, f"pass_{options.k}", 1)
    return options.column or graded


def _estimand(estimand: str, fact: Mapping[str, float]) -> float:
    if estimand == "relative":
        return fact["candidate"] / fact["baseline"] - 1.0
    return fact[estimand]
