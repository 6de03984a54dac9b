"""Studies: what each answers, what it has to be told first, which contracts it can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app import study_cascade, study_costs, study_repeats
from shipcall.app.board import contract_files
from shipcall.app.study_tables import tables_in
from shipcall.app.workspace import workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Measure, measures_of
from shipcall.core import ContractError
from shipcall.data.comparisons import NEEDED
from shipcall.studies.offpolicy import TITLES

View = dict[str, Any]

OUTCOMES, LEVELS, NOTHING = "outcomes", "the levels of slices", "no evidence"
"""What a study reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One study."""

    title: str
    answers: str
    """What it answers, as a sentence."""
    asks: str
    """What people forget to say, and what the answer hangs on."""
    reads: str
    kinds: tuple[str, ...] = ()
    """Kinds of metrics it can speak of; none: it speaks of no metric."""
    table: str = ""
    """The only table it reads; empty: that of the metric."""
    opens: str = "Contract"
    """What its file is called on a form."""
    needs_file: bool = True
    reads_contract: bool = True
    """False: its file is a table of its own."""

    @property
    def told(self) -> View:
        """What is said of it before anybody asks."""
        names = ("title", "answers", "asks", "reads", "opens", "needs_file")
        return {name: getattr(self, name) for name in names}


KNOWN: dict[str, Known] = {
    "cascade": Known(
        title="Cascade",
        answers="What a cheap model first, and a dear one where it is unsure, would be worth, cost "
        "and take at every threshold.",
        asks="What does one answer of each model cost, and how long does it take?",
        reads=OUTCOMES,
        kinds=study_cascade.KINDS,
    ),
    "costs": Known(
        title="Costs of errors",
        answers="What errors cost at every threshold, here and among live traffic, and which "
        "thresholds may be the cheapest.",
        asks="What does a false alarm cost, and what a miss?",
        reads=OUTCOMES,
        kinds=study_costs.KINDS,
        table=study_costs.TABLE,
    ),
    "labels": Known(
        title="Labels",
        answers="How many labels each claim of the gate takes, drawn at random or by slice, and "
        "what they cost.",
        asks="Which gain is hoped for, and on which share of units do the two models differ?",
        reads=LEVELS,
    ),
    "bill": Known(
        title="The bill",
        answers="What serving costs a day, a month and a year.",
        asks="How many inferences does a user make in a day?",
        reads=NOTHING,
        opens="Contract, if you like",
        needs_file=False,
    ),
    "repeats": Known(
        title="Repeats",
        answers="How much of the spread is chance, which items are flaky, what more runs buy.",
        asks="What does an item cost beside its runs, and what one more run?",
        reads=OUTCOMES,
        kinds=study_repeats.KINDS,
        table="scores",
    ),
    "offpolicy": Known(
        title="Off-policy",
        answers="What a log of choices, their chances and rewards tells of a model that did not "
        "serve.",
        asks="With which chance did the serving model show what it showed?",
        reads=OUTCOMES,
        kinds=tuple(TITLES),
    ),
    "strengths": Known(
        title="Strengths",
        answers="How strong each of several models is, from comparisons of two at a time, and what "
        "the ranking leaves open.",
        asks="Was every pair shown in both orders?",
        reads="a file of comparisons",
        opens="File of comparisons",
        reads_contract=False,
    ),
}
"""Name of the command -> the study."""


def studies_view(root: Path) -> View:
    """Say which studies there are, and which contracts of a workspace each can read.

    Args:
        root: A folder of the workspace.
    """
    top = workspace_of(root).root
    contracts = contracts_in(top)
    return {
        "kind": "studies",
        "studies": [
            {
                "study": name,
                **known.told,
                "contract": known.reads_contract,
                "files": files_of(name, top, contracts),
            }
            for name, known in KNOWN.items()
        ],
    }


def files_of(name: str, top: Path, contracts: Mapping[Path, Contract]) -> list[str]:
    """Name the files of a workspace that a study can read, from its top, with slashes.

    Args:
        name: Of the study.
        top: Of the workspace.
        contracts: From `contracts_in`.
    """
    if not KNOWN[name].reads_contract:
        return [file.as_posix() for file in tables_in(top, NEEDED)]
    return [file.as_posix() for file, contract in contracts.items() if fits(name, contract)]


def contracts_in(top: Path) -> dict[Path, Contract]:
    """Find the contracts of a workspace that can be read: path from its top -> contract."""
    found = {}
    for file in contract_files(top).values():
        try:
            found[file.relative_to(top)] = read_contract(file)
        except ContractError:
            continue
    return found


def fits(name: str, contract: Contract) -> bool:
    """Could a study read this contract? It promises a table that the study reads.

    Args:
        name: Of the study.
        contract: The contract.
    """
    known = KNOWN[name]
    if name == "labels":
        return "gate" in contract.stages
    return not known.kinds or bool(metrics_of(name, contract))


def metrics_of(name: str, contract: Contract) -> list[str]:
    """Name the metrics of which a study can speak, in the order of the contract."""
    known = KNOWN[name]
    return [
        metric
        for metric, measure in measures_of(contract).items()
        if measure.kind in known.kinds and _readable(measure, known, contract)
    ]


def _readable(measure: Measure, known: Known, contract: Contract) -> bool:
    there = measure.evidence in {str(table) for table in contract.evidence}
    fitting = known.table in {"", measure.evidence}
    return there and fitting and (known is not KNOWN["cascade"] or _more_is_better(measure))


def _more_is_better(measure: Measure) -> bool:
    return measure.options.better == "higher"
