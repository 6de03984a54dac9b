"""One page: a contract as eight questions and answers that fit one printed page, to be signed.

The questions are those that a preregistration answers; where the answer stands in a contract is
written beside each.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from shipcall.app.view import bar_text
from shipcall.app.workspace import workspace_of
from shipcall.contract.bars import bar_of
from shipcall.contract.contract import CheckSpec, Contract, Source
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import COLUMN_UNITS, better_of
from shipcall.contract.seal import contract_digest
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS
from shipcall.release.history import Sealed, sealed_contract
from shipcall.report.text import shorten
from shipcall.report.words import counted, moment, odds, whole

View = dict[str, Any]

LINES = 50
"""Lines of a printed page that the answers may fill."""
_WIDTH = 100
"""Characters of a printed line."""
_DOUBT = "The contract does not say."
_SEEN = {
    "none": "Nothing: no evidence about the candidate had been seen.",
    "unlabelled": "Inputs without labels and without outcomes.",
    "shadow": "Pairs of shadow mode, and no outcomes.",
    "outcomes": "Outcomes: what stands here was not written before them.",
}
_WHOLLY = {
    "gate": "Gate: both models answer the same units, offline.",
    "shadow": "Shadow mode: both answer live requests, and people see the baseline's answer only.",
}


class _Room(NamedTuple):
    """How much of an answer is written."""

    most: int
    """Sentences for one question."""
    longest: int
    """Characters of a sentence."""
    promises: int
    """Sentences for the question of what has to be shown: the last to be cut."""


_ROOMS = (
    _Room(16, 448, 24),
    _Room(8, 336, 24),
    _Room(5, 336, 24),
    _Room(3, 200, 24),
    _Room(3, 100, 20),
    _Room(3, 100, 14),
)


def one_page(file: Path) -> View:
    """Answer the eight questions for the contract that judges: as sealed, else as in its file.

    Args:
        file: The contract file.

    Raises:
        ContractError: If it is not sealed and has faults.
    """
    written = read_contract(file)
    ledger = workspace_of(file).ledger_if_any()
    sealed = sealed_contract(ledger.entries(), written.release.id) if ledger else None
    return one_page_of(sealed.contract if sealed else written, sealed)


def one_page_of(contract: Contract, sealed: Sealed | None) -> View:
    """Answer the eight questions; longer contracts are told in part, and the page says so.

    Args:
        contract: As sealed, or as its file says.
        sealed: What the ledger holds of it; None: not sealed yet.
    """
    answers = [[*_seen(contract, sealed)], *([*answer(contract)] for _, answer in QUESTIONS)]
    for room in _ROOMS:
        questions = [_answered(n, answers[n - 1], room) for n in range(1, len(answers) + 1)]
        if _lines(questions) <= LINES:
            break
    return {
        "kind": "one_page",
        "study": f"Type: {contract.release.kind}, {contract.release.change}.",
        "release": contract.release.model_dump(mode="json"),
        "contract": contract_digest(contract),
        "sealed_at": sealed.at if sealed else None,
        "amendments": len(sealed.amendments) if sealed else 0,
        "questions": questions,
        "signatures": list(contract.decision.signatures),
    }


def _answered(number: int, answers: Sequence[str], room: _Room) -> View:
    asked, answer = ((FIRST, None), *QUESTIONS)[number - 1]
    most = room.promises if answer is _promised else room.most
    return {
        "number": number,
        "asked": asked,
        "answers": [shorten(text, room.longest) for text in answers[:most]],
        "left": max(0, len(answers) - most),
    }


def _lines(questions: Iterable[View]) -> int:
    return sum(
        1 + bool(one["left"]) + sum(math.ceil(len(text) / _WIDTH) for text in one["answers"])
        for one in questions
    )


def _seen(contract: Contract, sealed: Sealed | None) -> Iterator[str]:
    yield _SEEN[contract.release.data_seen]
    if sealed is None:
        yield "Not sealed yet: until then every line below may change."
        return
    when = "after evidence had been read" if sealed.after_evidence else "before any was read here"
    yield f"Sealed {moment(sealed.at)}, {when}."
    late = sum(bool(one["after_evidence"]) for one in sealed.amendments)
    if sealed.amendments:
        times = counted(len(sealed.amendments), "time")
        yield f"Amended {times} since, {late or 'none'} of them after evidence had been read."


def _hoped(contract: Contract) -> Iterator[str]:
    yield contract.release.hypothesis or _DOUBT
    if contract.release.value:
        yield f"Why it would pay: {contract.release.value}"


def _measured(contract: Contract) -> Iterator[str]:
    unit = contract.unit
    together = (
        f"; rows of one {unit.cluster} are not independent"
        if unit.cluster and unit.cluster != unit.id
        else ""
    )
    yield f"Counted in independent units, named by {unit.id}{together}."
    names = dict.fromkeys(check.metric for check in contract.check if check.role != "watch")
    if contract.slices is not None:
        names[contract.slices.metric] = None
    if not names:
        yield _DOUBT
    for better, said in (
        ("higher", "Higher is better"),
        ("lower", "Lower is better"),
        (None, "Best at a point"),
    ):
        told = [_metric(contract, name) for name in names if _better(contract, name) == better]
        if told:
            yield f"{said}: {', '.join(told)}."


def _better(contract: Contract, name: str) -> str | None:
    spec = contract.metric[name]
    return spec.better or KINDS[spec.kind].better


def _metric(contract: Contract, name: str) -> str:
    spec = contract.metric[name]
    known = METRICS.get(spec.kind)
    title = (known.title if known else spec.kind.replace("_", " ")).lower()
    notes = [title] if title.replace(" ", "_") != name.lower() else []
    notes += [f"within {spec.window}"] if spec.window else []
    return f"{name} ({', '.join(notes)})" if notes else name


def _dealt(contract: Contract) -> Iterator[str]:
    release, rollout = contract.release, contract.rollout
    yield (
        f"{release.baseline} serves now; {release.candidate} wants to, and differs in its "
        f"{release.change}."
    )
    for stage, said in _WHOLLY.items():
        if stage in contract.stages:
            yield said
    if rollout is not None:
        kept = f"; {rollout.holdback:g} % keep the baseline to the end" if rollout.holdback else ""
        shares = ", ".join(f"{share:g}" for share in rollout.stages)
        yield (
            f"Rollout: each {contract.unit.id} is dealt by {rollout.bucketing}; the candidate's "
            f"share goes {shares} %{kept}."
        )


def _promised(contract: Contract) -> Iterator[str]:
    for check in contract.check:
        if check.role != "watch":
            yield _promise(contract, check)
    if contract.slices is not None:
        yield _slices(contract)
    yield from _shadow(contract)
    risk = contract.risk
    yield (
        f"May err, at most: let a broken promise through {odds(risk.alpha)}, refuse without the "
        f"loss {odds(risk.block)}, roll back without it {odds(risk.harm)}."
    )


def _promise(contract: Contract, check: CheckSpec) -> str:
    spec = contract.metric[check.metric]
    bar, estimand = bar_of(check.bars(), better_of(spec))
    text = bar_text(bar.text, _unit(contract, check.metric), estimand.value)
    where = "".join(f" in {column}={level}" for column, level in check.slice.items())
    softer = " (not refuted is enough)" if check.need == "not_refuted" else ""
    breach = f" (a breach is a {check.on_breach})" if check.on_breach else ""
    return f"{check.stage.capitalize()} {check.role}: {check.metric}{where} {text}{softer}{breach}."


def _unit(contract: Contract, name: str) -> str:
    spec = contract.metric[name]
    if spec.unit:
        return spec.unit
    if KINDS[spec.kind].share:
        return "share"
    known = METRICS.get(spec.kind)
    return (known.unit if known else "") or COLUMN_UNITS.get(spec.column or "", "")


def _slices(contract: Contract) -> str:
    slices = contract.slices
    if slices is None:
        return ""
    amount = bar_text(
        f"may lose {slices.may_lose.text}",
        _unit(contract, slices.metric),
        "relative" if slices.may_lose.relative else "difference",
    )
    guarded = ", ".join(slices.protected)
    need = "shown" if slices.need == "shown" else "not refuted"
    shown = f"must be shown in {guarded}, and {need} elsewhere" if guarded else f"must be {need}"
    least = f"; fewer than {whole(slices.min_units)} units are no data" if slices.min_units else ""
    return (
        f"In every level of {', '.join(slices.by)}: {slices.metric} {amount}; that {shown} "
        f"({slices.correction} over slices){least}."
    )


def _shadow(contract: Contract) -> Iterator[str]:
    shadow = contract.shadow
    if shadow is None:
        return
    said = []
    if shadow.disagreement is not None:
        said.append(f"the models differ on at most {100 * shadow.disagreement.at_most:g} %")
    for bar in (shadow.safety, shadow.latency):
        if bar is not None:
            at_most = bar_text(f"at most {bar.at_most:g}", _unit(contract, bar.metric), "candidate")
            said.append(f"{bar.metric} {at_most}")
    if shadow.review_sample:
        said.append(f"a person reads {whole(shadow.review_sample)} pairs blind")
    if said:
        yield f"Shadow: {', '.join(said)}."


def _excluded(contract: Contract) -> Iterator[str]:
    yield "No row is left out by hand, and an error of a model counts as its answer."
    allowed = {name: one.max_missing for name, one in contract.evidence.items() if one.max_missing}
    lossy = ", ".join(f"{100 * share:g} % of {name}" for name, share in allowed.items())
    if lossy:
        yield (
            f"May be lost otherwise: {lossy}; the call has to stand if each of them had gone "
            "against it."
        )
    rest = [str(name) for name in contract.evidence if name not in allowed]
    if rest:
        yield f"May be lost otherwise from {', '.join(rest)}: none."
    windows = dict.fromkeys(spec.window for spec in contract.metric.values() if spec.window)
    if windows:
        open_ones = ", ".join(map(str, windows))
        yield f"Units whose window ({open_ones}) is still open are not counted yet."


def _stopped(contract: Contract) -> Iterator[str]:
    expected = [_expected(str(n), one) for n, one in contract.evidence.items()]
    told = ", ".join(text for text in expected if text)
    if "gate" in contract.stages:
        looks = counted(contract.risk.looks, "look")
        yield f"Gate: {told or 'no number of units is promised'}; {looks}."
    shadow, rollout = contract.shadow, contract.rollout
    if shadow is not None:
        end = f", at most {shadow.max_days:g} days" if shadow.max_days else ""
        yield (
            f"Shadow mode: at least {whole(shadow.min_pairs)} pairs and {shadow.min_days:g} "
            f"days{end}."
        )
    if rollout is not None:
        yield _ramp(contract)
    if contract.release.decide_by:
        yield f"To be decided by {contract.release.decide_by.isoformat()}."


def _ramp(contract: Contract) -> str:
    rollout = contract.rollout
    if rollout is None:
        return ""
    waits = ", ".join(f"{hours:g}" for hours in rollout.min_hours)
    said = [f"at least {waits} hours at the shares" if waits else "no least time at a share"]
    if rollout.max_days:
        said.append(f"after {rollout.max_days:g} days {rollout.at_deadline}")
    if rollout.max_silence:
        said.append(f"after {rollout.max_silence} without data of a guardrail ROLL BACK")
    said.append(counted(contract.risk.attempts, "attempt"))
    return f"Rollout, looked at as often as one likes: {'; '.join(said)}."


def _expected(name: str, source: Source) -> str:
    promised = (("unit", source.expect.units), ("row", source.expect.rows))
    counts = [counted(count, noun) for noun, count in promised if count is not None]
    return f"{' and '.join(counts)} of {name}" if counts else ""


def _curious(contract: Contract) -> Iterator[str]:
    for one in contract.prediction:
        expect = one.expect
        yield (
            f"{one.offline} is expected to move {one.online} by {expect.low:g} to {expect.high:g} "
            f"(most likely {expect.mid:g}); a gain with {100 * one.probability:g} %."
        )
    watched = [check.metric for check in contract.check if check.role == "watch"]
    named = list(dict.fromkeys([*watched, *contract.exploratory.metrics]))
    if named:
        yield f"Reported, and moves no call: {', '.join(named)}."
    if contract.slices is not None and contract.slices.discover:
        worst = counted(contract.slices.discover, "worst slice")
        yield f"Looked for: the {worst} that nobody named."
    for failure in contract.failure:
        yield f"If {failure.mode}: {failure.detector} notices; then {failure.containment}."
    yield "Whatever else anybody looks at is exploratory."


FIRST = "What had been seen when this was written?"
"""The first question; the ledger answers it with the contract."""
QUESTIONS: tuple[tuple[str, Callable[[Contract], Iterator[str]]], ...] = (
    ("What should get better, and why?", _hoped),
    ("What is measured?", _measured),
    ("Who gets what?", _dealt),
    ("What has to be shown?", _promised),
    ("Which rows do not count?", _excluded),
    ("When does it stop?", _stopped),
    ("What else is anybody curious about?", _curious),
)
"""Question -> what a contract says to it: the order and the matter of AsPredicted's form."""
