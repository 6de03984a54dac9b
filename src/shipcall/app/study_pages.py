"""Study pages: a study as an address asks for it: its form, its command, its answer."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

from shipcall import __version__
from shipcall.app import (
    study_bill,
    study_cascade_form,
    study_costs,
    study_labels,
    study_offpolicy,
    study_repeats,
    study_strengths,
)
from shipcall.app.study import look_on_record
from shipcall.app.study_cascade import curve_view, read_curve
from shipcall.app.study_curves import Curves
from shipcall.app.study_fields import COLUMN, FIELDS, METRIC, Field, arguments, read_fields
from shipcall.app.study_list import KNOWN, OUTCOMES, contracts_in, files_of, metrics_of
from shipcall.app.study_tables import PACKED, TEXTS, header
from shipcall.app.workspace import sound_entries, workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.parse import contract_text, read_contract
from shipcall.core import UsageError, digest
from shipcall.data.comparisons import NEEDED
from shipcall.data.databases import outside
from shipcall.formats.address import is_address
from shipcall.release.sources import open_evidence, sources_of

View = dict[str, Any]

_CLAIMED = {"arm", "item", "metric", "value", "status", "repeat", "item_hash", "prompt_hash"}
"""Columns of graded runs that say no model's doubt."""
_CURVES = Curves()
RUN: Mapping[str, Callable[[Any, Mapping[str, Any]], View]] = {
    "costs": lambda file, said: study_costs.costs_study(file, study_costs.Asked(**said)),
    "labels": lambda file, said: study_labels.labels_study(file, study_labels.Asked(**said)),
    "bill": lambda file, said: study_bill.bill_study(file, study_bill.Asked(**said)),
    "repeats": lambda file, said: study_repeats.study_repeats(file, study_repeats.Asked(**said)),
    "offpolicy": lambda file, said: study_offpolicy.offpolicy_study(
        file, study_offpolicy.Asked(**said)
    ),
    "strengths": lambda file, said: study_strengths.strengths_view(
        file, study_strengths.Asked(**said)
    ),
}
"""Study -> how it is worked out from its file and the values of its fields; a cascade is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an address asks of a study."""

    study: str
    file: Path | None
    """The contract, or the table of a study without one; None: not chosen, or refused."""
    values: Mapping[str, Any]
    faults: Mapping[str, str]
    """Field, or "file" -> why it cannot be taken."""
    typed: Mapping[str, str]
    """What stood in the address, of the fields alone."""

    @property
    def asks(self) -> bool:
        """Is there enough to begin? A bill needs no file, every other study does."""
        return "file" in self.typed if KNOWN[self.study].needs_file else bool(self.typed)

    @property
    def query(self) -> dict[str, str]:
        """The fields that say something, as they stand in an address."""
        return {name: text for name, text in self.typed.items() if text}


def said_of(root: Path, study: str, asked: Mapping[str, str]) -> Said:
    """Read an address: which contract, and what stands in the fields.

    Args:
        root: A folder of the workspace.
        study: Name of the study.
        asked: Field -> text; `file` is the contract or the table, from the top of the workspace.
    """
    names = ("file", *(field.name for field in FIELDS[study]))
    typed = {name: asked[name] for name in names if asked.get(name, "").strip()}
    values, faults = read_fields(study, typed)
    file = None
    if "file" in typed:
        try:
            file = file_at(root, typed["file"], study)
        except UsageError as wrong:
            faults = {"file": str(wrong), **faults}
    return Said(study=study, file=file, values=values, faults=faults, typed=typed)


def file_at(root: Path, text: str, study: str) -> Path:
    """Find the file of a study inside a workspace; nothing outside of it is looked at.

    Args:
        root: A folder of the workspace.
        text: Path from the top of the workspace, with slashes.
        study: Name of the study, which reads contracts or tables.

    Raises:
        UsageError: If the path leads out of the workspace, or to no such file.
    """
    top = workspace_of(root).root.resolve()
    steps = PurePosixPath(text)
    foreign = "\x00" in text or "\\" in text or PureWindowsPath(text).drive
    if foreign or steps.is_absolute() or ".." in steps.parts:
        raise UsageError(
            f"{text!r} does not lie in this workspace. Give a path from its top, such as "
            "release/contract.toml."
        )
    file = (top / steps).resolve()
    contract = KNOWN[study].reads_contract
    endings = (".toml",) if contract else (*TEXTS, PACKED)
    if not file.is_relative_to(top) or file.suffix not in endings or not file.is_file():
        what = "contract" if contract else "table"
        raise UsageError(f"{text!r} is no {what} of this workspace. Choose one of the list.")
    return file


def form_view(root: Path, said: Said) -> View:
    """Show the form of a study with what was typed, and the command that asks the same.

    Args:
        root: A folder of the workspace.
        said: From `said_of`.
    """
    known = KNOWN[said.study]
    top = workspace_of(root).root
    contracts = contracts_in(top)
    files = files_of(said.study, top, contracts)
    chosen = said.typed.get("file", "")
    contract = contracts.get(Path(chosen)) if said.file else None
    return {
        "kind": "study_page",
        "name": said.study,
        **known.told,
        "files": files if chosen in files or not said.file else [*files, chosen],
        "file": chosen,
        "file_fault": said.faults.get("file", ""),
        "fields": [_field(field, said, contract) for field in FIELDS[said.study]],
        "faults": dict(said.faults),
        "query": said.query,
        "command": command(said),
    }


def command(said: Said) -> str:
    """Write the command that gives the same, to be run at the top of the workspace."""
    file = [said.typed["file"]] if "file" in said.typed else []
    words = ["shipcall", "study", said.study, *file, *arguments(said.study, said.values)]
    return shlex.join(words)


def answer(said: Said, keys: "Keys | None" = None) -> View:
    """Work a study out, as its command does; whoever asks has seen the outcomes it reads.

    Args:
        said: From `said_of`.
        keys: Its names, of now; None: they are not known yet.

    Raises:
        UsageError: If a field cannot be taken, or the study refuses.
        EvidenceError: If the evidence cannot be read as what it claims to be.
    """
    if said.faults:
        raise UsageError(" ".join(f"{name}: {why}" for name, why in said.faults.items()))
    known = KNOWN[said.study]
    if said.file is None and known.needs_file:
        what = "contract" if known.reads_contract else "file of comparisons"
        raise UsageError(f"which {what}? Name it with file=PATH, from the top of the workspace.")
    if said.study == "cascade" and said.file is not None:
        return _cascade(said, said.file, (keys or answer_keys(said)).curve)
    return RUN[said.study](said.file, said.values)


def _cascade(said: Said, file: Path, key: str) -> View:
    """Look a threshold up where the cascade was worked out before; else work it out and keep it."""
    asked = study_cascade_form.Asked(**said.values)
    curve = _CURVES.get(key)
    if curve is None:
        curve = read_curve(file, asked)
        _CURVES.keep(key, curve)
    return curve_view(curve, asked)


def looked_up(said: Said, keys: "Keys") -> bool:
    """Is the answer a look at what is kept, which reads nothing and puts nothing on record?

    Args:
        said: From `said_of`.
        keys: Its names, of now.
    """
    return said.study == "cascade" and not said.faults and _CURVES.get(keys.curve) is not None


def first_look(said: Said) -> bool:
    """Would this study be the first look at outcomes, which goes on record?

    Raises:
        EvidenceError: If evidence is there and cannot be read.
    """
    if said.file is None or KNOWN[said.study].reads != OUTCOMES:
        return False
    table = KNOWN[said.study].table
    if said.study == "costs" and table not in map(str, read_contract(said.file).evidence):
        return False
    return not look_on_record(said.file)


class Keys(NamedTuple):
    """Two names that stand for everything that an answer hangs on."""

    answer: str
    """Two answers of one name say the same."""
    curve: str
    """The same without the threshold that is looked at."""


def answer_keys(said: Said) -> Keys:
    """Name an answer by what was asked, the contract, the ledger and the state of every file.

    Raises:
        EvidenceError: If evidence is there and cannot be read.
    """
    state: View = {"engine": __version__, "study": said.study, "values": dict(said.values)}
    if said.file is not None and not KNOWN[said.study].reads_contract:
        seen = said.file.stat()
        state |= {"file": str(said.file), "table": [seen.st_size, seen.st_mtime_ns, seen.st_ino]}
    elif said.file is not None:
        contract = read_contract(said.file)
        ledger = workspace_of(said.file).ledger_if_any()
        evidence = open_evidence(contract, said.file.parent)
        try:
            tables = [[name, *map(str, sizes)] for name, *sizes in evidence.stats()]
        finally:
            evidence.close()
        state |= {
            "file": str(said.file),
            "text": contract_text(said.file),
            "entries": [entry.hash for entry in sound_entries(ledger)] if ledger else [],
            "tables": tables,
        }
    fixed = {name: value for name, value in said.values.items() if name != "threshold"}
    return Keys(digest(state), digest({**state, "values": fixed}))


def _field(field: Field, said: Said, contract: Contract | None) -> View:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "hint": field.hint,
        "option": field.flag,
        "first": field.first,
        "value": said.typed.get(field.name, ""),
        "choices": _choices(field, said, contract),
        "fault": said.faults.get(field.name, ""),
    }


def _choices(field: Field, said: Said, contract: Contract | None) -> list[list[str]]:
    """What a field may hold, where that can be listed: (value, words)."""
    if field.kind == METRIC and contract is not None:
        return [[name, name] for name in metrics_of(said.study, contract)]
    if field.kind == COLUMN and said.file is not None:
        return [[name, name] for name in _columns(contract, said.file)]
    return [list(choice) for choice in field.choices]


def _columns(contract: Contract | None, file: Path) -> list[str]:
    """Columns that a field may name: of the table itself, or of the first one of a contract."""
    if contract is None:
        known = header(file) if file.suffix != ".toml" else ()
        return [column for column in known if column not in NEEDED]
    for name, source in sources_of(contract).items():
        if name not in {"scores", "rankings"} or is_address(source.path) or source.arm_paths:
            continue
        for path, *_ in outside(source.path, file.parent):
            return [column for column in header(Path(path)) if column not in _CLAIMED]
    return []
