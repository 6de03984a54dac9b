"""Conditions: under which circumstances an A/A was measured, and whether they still hold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shipcall.contract.contract import Contract
from shipcall.core import digest
from shipcall.data.suite import Suite
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.exposure import eval_set_fingerprint

Conditions = Mapping[str, Any]
"""Plain: `suite` (what was asked), `judge` (who graded), `configuration` (what was promised)."""
SuiteOf = Callable[[str], Suite | None]
"""Table -> its suite, or None where the table is not there."""

ALIKE = 2
"""An A/A that agrees in so many of the three conditions is worth naming although it is void."""
_SHOWN = 8


def conditions_of(contract: Contract, table: str, suite: Suite) -> dict[str, Any]:
    """State everything on which the false-block rate of a contract depends, but for the model.

    Ids of releases do not count: the next release of a family is judged under the conditions of
    this one as long as items, judge and promises stay.

    Args:
        contract: The contract that judges.
        table: The table that was read.
        suite: Of that table.
    """
    harness = contract.harness
    declared = harness.eval_set if harness else None
    return {
        "suite": {
            "table": table,
            "eval_set": eval_set_fingerprint(declared.name, declared.sha256) if declared else None,
            "items": suite.items,
            "sha256": suite.sha256,
        },
        "judge": {
            "stated": harness.scorer if harness else None,
            "seen": list(suite.scorers),
        },
        "configuration": configuration_of(contract),
    }


def configuration_of(contract: Contract) -> str:
    """SHA-256 of what moves the gate: metrics, checks, slices, risk, units, repeats, lost rows.

    Metrics and checks of later stages, owners, texts, paths and ids of releases are left out.
    """
    form = contract.model_dump(mode="json", exclude_unset=True)
    checks = [check for check in form.get("check", []) if check["stage"] == "gate"]
    sliced = form.get("slices")
    used = {check["metric"] for check in checks} | ({sliced["metric"]} if sliced else set())
    rules = ("sentinels", "max_missing")
    return digest(
        {
            "metric": {name: spec for name, spec in form.get("metric", {}).items() if name in used},
            "check": checks,
            "slices": sliced,
            "risk": contract.risk.model_dump(mode="json"),
            "unit": form["unit"],
            "repeats": contract.harness.repeats if contract.harness else 1,
            "evidence": {
                str(name): source.model_dump(mode="json", include=set(rules))
                for name, source in contract.evidence.items()
            },
        }
    )


def newest_aa(
    entries: Iterable[Entry], contract: Contract, suite_of: SuiteOf
) -> dict[str, Any] | None:
    """Find the A/A that speaks of a verdict: the newest measured under its conditions.

    Where there is none, the newest that is void is given with what changed since, if it was
    measured for this release or agrees in `ALIKE` of the three conditions.

    Args:
        entries: The ledger, of all releases.
        contract: The contract that judges.
        suite_of: Gives the suite of a table as the evidence has it now.

    Returns:
        The body of the entry with `at`, `release`, `entry` (its hash) and `void` (what changed;
        empty where it holds); None where no A/A says anything of this verdict.
    """
    void: dict[str, Any] | None = None
    known: dict[str, dict[str, Any] | None] = {}
    for entry in reversed([e for e in entries if e.kind is Kind.AA_MEASURED]):
        then = entry.body["conditions"]
        table = then["suite"]["table"]
        if table not in known:
            suite = suite_of(table)
            known[table] = None if suite is None else conditions_of(contract, table, suite)
        now = known[table]
        if now is None:
            continue
        changed = differences(then, now)
        form = {"at": entry.at, "release": entry.subject, "entry": entry.hash, "void": changed}
        if not changed:
            return {**entry.body, **form}
        near = entry.subject == contract.release.id or len(then) - len(changed) >= ALIKE
        if void is None and near:
            void = {**entry.body, **form}
    return void


def differences(then: Conditions, now: Conditions) -> list[str]:
    """Say in which conditions two readings differ, one phrase for each; empty where in none."""
    found = []
    if then["suite"] != now["suite"]:
        found.append(_suite_changed(then["suite"], now["suite"]))
    if then["judge"] != now["judge"]:
        before, after = _judge(then["judge"], now["judge"])
        found.append(f"the judge changed since (scorer {before} -> {after})")
    if then["configuration"] != now["configuration"]:
        before, after = then["configuration"][:_SHOWN], now["configuration"][:_SHOWN]
        found.append(f"what the gate promises changed since (configuration {before} -> {after})")
    return found


def _suite_changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if then["items"] != now["items"]:
        return f"the items changed since ({then['items']:,} -> {now['items']:,})"
    if then["sha256"] != now["sha256"]:
        before, after = (suite["sha256"][:_SHOWN] for suite in (then, now))
        return f"the items changed since (content {before} -> {after})"
    return "the evaluation set has another name or digest in the contract"


def _judge(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str]:
    """Name what differs: the scorer that graded, else the one that the contract states."""
    if then["seen"] != now["seen"]:
        return _listed(then["seen"]), _listed(now["seen"])
    return then["stated"] or "none", now["stated"] or "none"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
