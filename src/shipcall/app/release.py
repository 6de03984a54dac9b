"""Releases: check, plan, seal, amend, judge, call, look at the ledger."""

import difflib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from shipcall.app.assumptions import Assumptions
from shipcall.app.sealed_text import decides_text, feasibility_sentence, rollout_text
from shipcall.app.view import envelope_of, verdict_view
from shipcall.app.workspace import (
    as_of,
    now,
    signing_key,
    sound_entries,
    who,
    workspace_of,
)
from shipcall.contract.contract import Contract
from shipcall.contract.lint import lint
from shipcall.contract.parse import contract_text, parse_contract, read_contract
from shipcall.contract.seal import contract_digest
from shipcall.core import Action, Call, UsageError, plain
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.store import Ledger
from shipcall.metrics import METRICS
from shipcall.release.history import (
    Sealed,
    calls_on,
    evidence_of,
    last_verdict,
    sealed_contract,
    was_shown,
)
from shipcall.release.judge import AROUND, Judgement, judge, record
from shipcall.release.sealing import amend, seal

View = dict[str, Any]

COVERED = ("call", "rule", "because", "missing")
"""What a verdict does not tell before a person has called, where the contract is blind."""


def check_release(file: Path) -> View:
    """Read a contract and look at it as a strong reviewer would.

    Raises:
        ContractError: With every fault at once.
    """
    text = contract_text(file)
    contract = parse_contract(text, file=str(file))
    return {
        "kind": "check",
        "file": str(file),
        "release": contract.release.model_dump(mode="json"),
        "contract": contract_digest(contract),
        "lints": _lints(contract, text),
    }


def seal_release(
    file: Path, assumptions: Assumptions | None = None, *, even_so: str | None = None
) -> View:
    """Seal a contract into the ledger of its workspace.

    Args:
        file: The contract file.
        assumptions: What is taken for the chance that the contract decides.
        even_so: Why it is sealed although it can hardly decide.

    Raises:
        UsageError: If it can hardly decide and no reason is given.
    """
    contract = read_contract(file)
    ledger = workspace_of(file).ledger()
    sound_entries(ledger)
    entry = seal(
        contract,
        file,
        ledger=ledger,
        key=signing_key(),
        at=now(),
        feasibility=_feasibility(file, contract, assumptions, even_so),
    )
    return _sealed_view(contract, entry, "sealed")


def amend_release(
    file: Path, why: str, assumptions: Assumptions | None = None, *, even_so: str | None = None
) -> View:
    """Amend a sealed contract in the open.

    Args:
        file: The contract file.
        why: The reason, in one line.
        assumptions: What is taken for the chance that the contract decides.
        even_so: Why it is amended although it can then hardly decide.
    """
    contract = read_contract(file)
    ledger = workspace_of(file).ledger()
    sound_entries(ledger)
    entry = amend(
        contract,
        file,
        why=why,
        by=who(),
        ledger=ledger,
        key=signing_key(),
        at=now(),
        feasibility=_feasibility(file, contract, assumptions, even_so),
    )
    return _sealed_view(contract, entry, "amended")


def _feasibility(
    file: Path, contract: Contract, assumptions: Assumptions | None, even_so: str | None
) -> Callable[[], View]:
    from shipcall.app.feasibility import feasibility_of  # noqa: PLC0415 - only a seal draws

    taken = assumptions or Assumptions()
    return partial(feasibility_of, file, contract, taken, even_so=even_so)


def _sealed_view(contract: Contract, entry: Entry, kind: str) -> View:
    return {
        "kind": kind,
        "release": contract.release.model_dump(mode="json"),
        "contract": entry.body["contract"],
        "slices": None if entry.body["levels"] is None else len(entry.body["levels"]),
        "lints": entry.body["lints"],
        "changes": entry.body.get("changes", []),
        "after_evidence": entry.body["after_evidence"],
        "feasibility": entry.body["feasibility"],
        "decides": decides_text(entry.body["feasibility"]),
        "rollout": rollout_text(entry.body["feasibility"]),
        "at": entry.at,
        "key": entry.key_id,
        "ledger": {"head": entry.hash, "entries": entry.index + 1},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a stage command returns: the facts for the machine, the view for people."""

    facts: View
    view: View
    shown: bool
    """False while a blind call is still due: the verdict stays covered."""

    @property
    def json(self) -> View:
        """Facts and envelope apart: the facts have the same bytes every time."""
        envelope = {name: self.view[name] for name in ("look", "aa", "calls", "ledger")}
        contract = {k: v for k, v in self.view["contract"].items() if k not in ("text", "sha256")}
        facts = self.facts
        if not self.shown:
            facts = {name: fact for name, fact in facts.items() if name not in COVERED}
        return {"verdict": facts, "envelope": {**envelope, "contract": contract}}


def judge_release(
    file: Path,
    stage: str,
    *,
    at: str | None = None,
    unblind: bool = False,
    why: str | None = None,
) -> Judged:
    """Run a stage: plan, examine, decide, record.

    Args:
        file: The contract file.
        stage: Name of the stage.
        at: Time of the verdict, ISO 8601 with a zone; None takes the clock.
        unblind: Show the verdict although the contract wants a person's call first.
        why: A check that will be asked about; it has to exist before anything is recorded.

    Raises:
        UsageError: If the file is not what was sealed, the time lies before the seal, or there
            is no such check.
    """
    moment = as_of(at)
    contract = read_contract(file)
    ledger = workspace_of(file).ledger()
    entries = sound_entries(ledger)
    sealed = sealed_contract(entries, contract.release.id)
    _refuse_unsealed_change(file, contract, sealed)
    if sealed is not None and moment < sealed.at:
        raise UsageError(f"--as-of {moment} lies before the seal, {sealed.at}.")
    judgement = judge(
        contract, stage, root=file.parent, as_of=moment, sealed=sealed, entries=entries
    )
    _refuse_unknown(why, judgement)
    shown = unblind or sealed is None or _uncovered(entries, contract, judgement.evidence)
    entry = record(judgement, at=now(), shown=shown, ledger=ledger, key=signing_key())
    view = _view(file, contract, ledger, entry)
    return Judged(facts=dict(judgement.facts), view=view, shown=shown)


def _uncovered(entries: list[Entry], contract: Contract, evidence: str) -> bool:
    """May the verdict be shown: no call is asked for, one was made, or it was seen before?

    The sealed contract says whether a call is asked for, not what its file says since.
    """
    release = contract.release.id
    sealed = sealed_contract(entries, release)
    decision = sealed.contract.decision if sealed else contract.decision
    return (
        not decision.blind
        or bool(calls_on(entries, release, evidence))
        or was_shown(entries, release, evidence)
    )


def _refuse_unknown(check: str | None, judgement: Judgement) -> None:
    known = [finding.check.id for finding in judgement.verdict.findings]
    if check is not None and check not in known:
        near = difflib.get_close_matches(check, known, n=3, cutoff=0.3)
        raise UsageError(f"there is no check {check!r}. Near: {', '.join(near) or 'none'}.")


def _refuse_unsealed_change(file: Path, contract: Contract, sealed: Sealed | None) -> None:
    if sealed is not None and contract_digest(contract) != sealed.digest:
        raise UsageError(
            f"{file} is not the contract that was sealed at {sealed.at} "
            f"({sealed.digest[:12]}…). The sealed one judges: restore it, or change it in the "
            f"open with `shipcall amend {file} --why …`."
        )


def recorded(file: Path, stage: str | None = None) -> Judged:
    """Give the newest recorded verdict, without reading any evidence.

    Args:
        file: The contract file.
        stage: A stage; None takes the newest of any.

    Raises:
        UsageError: If there is none.
    """
    contract = read_contract(file)
    ledger, verdict = _newest(file, contract, stage)
    shown = _uncovered(sound_entries(ledger), contract, evidence_of(verdict))
    view = _view(file, contract, ledger, verdict)
    facts = {name: fact for name, fact in verdict.body.items() if name not in AROUND}
    return Judged(facts=facts, view=view, shown=shown)


def recorded_view(file: Path) -> View:
    """Make the view of the newest recorded verdict, without reading any evidence.

    Raises:
        UsageError: If there is none.
    """
    contract = read_contract(file)
    ledger, verdict = _newest(file, contract)
    if not _uncovered(sound_entries(ledger), contract, evidence_of(verdict)):
        raise UsageError(
            "the contract asks for a person's call before the verdict is shown, and none was made "
            f"on this evidence. Call first: `shipcall call {file} CALL --probability P --why …`."
        )
    return _view(file, contract, ledger, verdict)


def _newest(file: Path, contract: Contract, stage: str | None = None) -> tuple[Ledger, Entry]:
    ledger = workspace_of(file).ledger_if_any()
    verdict = last_verdict(sound_entries(ledger), contract.release.id, stage) if ledger else None
    if ledger is None or verdict is None:
        raise UsageError(
            f"nothing was judged yet for {contract.release.id}. Run `shipcall {stage or 'gate'} "
            f"{file}` first."
        )
    return ledger, verdict


def _view(file: Path, contract: Contract, ledger: Ledger, verdict: Entry) -> View:
    """Put the envelope around a recorded verdict."""
    entries = sound_entries(ledger)
    sealed = sealed_contract(entries, contract.release.id)
    text = sealed.text if sealed else contract_text(file)
    envelope = envelope_of(
        file=str(file),
        text=text,
        sealed_at=sealed.at if sealed else None,
        after_evidence=sealed.after_evidence if sealed else False,
        feasibility=feasibility_sentence(sealed.feasibility if sealed else None),
        lints=sealed.lints if sealed else _lints(contract, text),
        amendments=sealed.amendments if sealed else [],
        look=verdict.body["look"],
        aa=verdict.body.get("aa"),
        calls=calls_on(entries, contract.release.id, evidence_of(verdict)),
        ledger={"head": entries[-1].hash, "entries": len(entries)},
    )
    return verdict_view(verdict.body, envelope)


def _lints(contract: Contract, text: str) -> list[View]:
    return [asdict(found) for found in lint(contract, text=text, measurable=METRICS)]


def call_release(file: Path, action: str, *, probability: float, why: str) -> View:
    """Record what a person calls, beside the verdict on the newest evidence.

    Raises:
        UsageError: If no stage has been run, or the contract forbids an override: the sealed one,
            whatever the file says by now.
    """
    contract = read_contract(file)
    ledger, verdict = _newest(file, contract)
    entries = list(ledger.entries())
    sealed = sealed_contract(entries, contract.release.id)
    contract = sealed.contract if sealed else contract
    seen = was_shown(entries, contract.release.id, evidence_of(verdict))
    call = _call(action, probability, why, blind=not seen)
    override = call.action != verdict.body["call"]
    if override and not call.blind and contract.decision.override == "forbidden":
        raise UsageError(
            f"the contract forbids overrides and the verdict is {verdict.body['call']}; "
            f"you called {call.action}. Amend the contract first if it is wrong."
        )
    body = {
        **plain(call),
        "stage": verdict.body["stage"],
        "evidence": evidence_of(verdict),
        "verdict": verdict.hash,
        "override": override,
    }
    entry = ledger.append(Kind.CALL, contract.release.id, body, at=now(), key=signing_key())
    return {
        "kind": "call",
        "release": contract.release.model_dump(mode="json"),
        **body,
        "verdict_call": verdict.body["call"],
        "ledger": {"head": entry.hash, "entries": entry.index + 1},
    }


def _call(action: str, probability: float, why: str, *, blind: bool) -> Call:
    try:
        said = Action(action.upper().replace("_", " ").replace("-", " "))
        return Call(action=said, probability=probability, why=why, by=who(), blind=blind)
    except ValueError as wrong:
        raise UsageError(f"{wrong}. Calls: {', '.join(Action)}.") from wrong
