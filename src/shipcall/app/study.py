"""Study: what all studies share: the contract, its evidence with the look on record, the view."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.workspace import now, signing_key, sound_entries, workspace_of
from shipcall.app.writing import write_whole
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Measure, measures_of
from shipcall.contract.seal import contract_digest
from shipcall.core import Slice, Tails, UsageError, digest, plain
from shipcall.data.evidence import Evidence
from shipcall.data.plan import Request
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.exposure import eval_set_fingerprint, seen
from shipcall.metrics import METRICS
from shipcall.release.history import sealed_contract, was_shown
from shipcall.release.sources import open_evidence
from shipcall.report.html import html_report
from shipcall.report.strengths import strengths_svg
from shipcall.report.studies_charts import study_svg
from shipcall.studies.bill import Span
from shipcall.studies.study import Study

View = dict[str, Any]

TAILS = Tails(0.025, 0.025)
"""Every interval of a study is one of 95 %, for its number alone."""
STAGE = "study"
"""Under which name the ledger counts that a study looked at outcomes."""
EACH_ALONE = (
    "Exploratory: every interval is one of 95 % for its number alone, and nothing here can pass "
    "or fail."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A contract with the evidence that its gate reads."""

    contract: Contract
    evidence: Evidence


@contextmanager
def opened(file: Path) -> Iterator[Opened]:
    """Open the evidence of a contract and put on record that its outcomes were looked at.

    Whoever has seen outcomes knows more than the contract may pretend: a seal after this asks
    for data_seen = "outcomes", and the evaluation set counts as consulted, as after a gate.

    Args:
        file: The contract file.

    Raises:
        UsageError: If people have to call before they see outcomes, and no verdict on this
            evidence was shown.
        EvidenceError: If evidence is there and cannot be read, or changed meanwhile.
    """
    contract = read_contract(file)
    evidence = open_evidence(contract, file.parent)
    try:
        digests = evidence.digests()
        ledger = workspace_of(file).ledger()
        entries = sound_entries(ledger)
        _demand_called(contract, entries, digest(digests), file)
        yield Opened(contract=contract, evidence=evidence)
        evidence.demand_unchanged(digests)
        if digests and not _on_record(entries, contract, digests):
            declared = contract.harness.eval_set if contract.harness else None
            body = seen(
                stage=STAGE,
                contract=contract_digest(contract),
                evidence=digests,
                eval_set=eval_set_fingerprint(declared.name, declared.sha256) if declared else None,
            )
            release = contract.release.id
            ledger.append(Kind.EVIDENCE_SEEN, release, body, at=now(), key=signing_key())
    finally:
        evidence.close()


def look_on_record(file: Path) -> bool:
    """Does the ledger say already that somebody saw the outcomes a study of this contract reads?

    Writes nothing. Where it is so, a study adds nothing to the record; where it is not, the study
    itself is the first look, and somebody has to want it.

    Args:
        file: The contract file.

    Raises:
        EvidenceError: If evidence is there and cannot be read.
    """
    contract = read_contract(file)
    ledger = workspace_of(file).ledger_if_any()
    if ledger is None:
        return False
    evidence = open_evidence(contract, file.parent)
    try:
        digests = evidence.digests()
    finally:
        evidence.close()
    return not digests or _on_record(sound_entries(ledger), contract, digests)


def _demand_called(contract: Contract, entries: Sequence[Entry], state: str, file: Path) -> None:
    sealed = sealed_contract(entries, contract.release.id)
    blind = (sealed.contract if sealed else contract).decision.blind
    if blind and not was_shown(entries, contract.release.id, state):
        raise UsageError(
            f"{contract.release.id} is called blind, and a study shows outcomes. Judge and call "
            f"first: `shipcall gate {file}`, then `shipcall call {file} …`."
        )


def _on_record(entries: Sequence[Entry], contract: Contract, digests: dict[str, str]) -> bool:
    return any(
        entry.kind is Kind.EVIDENCE_SEEN
        and entry.subject == contract.release.id
        and entry.body["evidence"] == digests
        for entry in entries
    )


def measure_of(contract: Contract, asked: str | None, kinds: Sequence[str], what: str) -> Measure:
    """Pick the metric that a study speaks of: the one asked for, else the first that fits.

    Args:
        contract: The contract.
        asked: Name of a metric, or None.
        kinds: Kinds that fit, the best first.
        what: What the metric is needed for, for the message.

    Raises:
        UsageError: If there is no such metric, or it does not fit.
    """
    measures = {n: m for n, m in measures_of(contract).items() if m.kind in kinds and m.evidence}
    if asked is None and measures:
        return min(measures.values(), key=lambda measure: kinds.index(measure.kind))
    if asked in measures:
        return measures[str(asked)]
    fitting = ", ".join(measures) or "none"
    seen_ = f"metric {asked!r}" if asked else "a contract without a fitting metric"
    raise UsageError(
        f"{seen_}: {what} needs a metric of kind {', '.join(kinds)} whose table is in [evidence]. "
        f"Fitting here: {fitting}. Name one with --metric, or add it to [metric]."
    )


def request_of(measure: Measure, kind: str) -> Request:
    """Ask for the rows of a metric, as another kind would read them."""
    metric = METRICS[kind]
    return Request(
        metric=measure.name,
        kind=kind,
        options=measure.options,
        evidence=measure.evidence,
        statistic=metric.statistic,
        granularity=metric.granularity,
        slices=(Slice(),),
        influence=False,
    )


def span_of(text: str | None, option: str) -> Span | None:
    """Read a stated number, or two ends such as "5-20"; None stays None.

    Raises:
        UsageError: If it is neither, or not above 0.
    """
    if text is None:
        return None
    try:
        ends = [float(part.replace("_", "").replace(",", "")) for part in text.split("-")]
    except ValueError:
        ends = []
    if len(ends) not in {1, 2} or not all(0 < end < math.inf for end in ends) or ends[-1] < ends[0]:
        raise UsageError(
            f"{option} {text!r} is neither a number above 0 nor two ends. Write 12, or 5-20."
        )
    return Span(ends[0], ends[-1])


def study_view(study: Study, contract: Contract) -> View:
    """Give the plain form of a study, as every door shows it."""
    return study_form(study, contract.release.id)


def study_form(study: Study, release: str) -> View:
    """Give the plain form of a study of a release; of none where the name is empty."""
    form: View = plain(study)
    name = form.pop("name")
    return {"kind": "study", "study": name, "release": release, **form}


def write_study(view: View, *, svg: Path | None, html: Path | None) -> list[Path]:
    """Write the first chart of a study as a picture, and the whole as a page, where asked for.

    Raises:
        UsageError: If there is no chart to draw, or a file cannot be written.
    """
    written = []
    if svg is not None:
        charts = [strengths_svg(view), *map(study_svg, view["charts"][:1])]
        picture = next(filter(None, charts), None)
        if picture is None:
            raise UsageError("this study has no chart to draw; its tables say why.")
        write_whole(svg, f"{picture}\n")
        written.append(svg)
    if html is not None:
        write_whole(html, html_report(view))
        written.append(html)
    return written
