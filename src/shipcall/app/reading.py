"""Reading: evidence that was judged, kept open while people look at its rows page by page."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shipcall.app.recalled import Recalled
from shipcall.app.workspace import workspace_of
from shipcall.contract.parse import read_contract
from shipcall.core import EvidenceError
from shipcall.release.reopened import Closed, Reopened, reopen
from shipcall.release.sources import open_evidence
from shipcall.stages import STAGES

KEPT = 2
"""Tables of evidence that are kept open."""
_Stats = tuple[tuple[str, int, int, int], ...]
_open: OrderedDict[tuple[Path, str], tuple[Recalled, _Stats, Reopened]] = OrderedDict()
_one_at_a_time = threading.Lock()


@contextmanager
def reading(recalled: Recalled) -> Iterator[Reopened | Closed]:
    """Give the evidence behind a recorded verdict, or why it may not be shown.

    Files that are as they were when they were last hashed are not hashed again. One reader at a
    time: the engine is one.

    Args:
        recalled: The verdict.
    """
    with _one_at_a_time:
        yield _readable(recalled)


def _readable(recalled: Recalled) -> Reopened | Closed:
    try:
        return _opened(recalled)
    except EvidenceError as wrong:
        return Closed(code="unreadable", why=f"The evidence cannot be read: {wrong}")


def _opened(recalled: Recalled) -> Reopened | Closed:
    stage = recalled.judged.facts["stage"]
    key = recalled.file, stage
    contract, root = read_contract(recalled.file), recalled.file.parent
    stats = open_evidence(contract, root, STAGES[stage].reads).stats()
    held = _open.get(key)
    if held is not None and held[0] is recalled and held[1] == stats:
        return held[2]
    ledger = workspace_of(recalled.file).ledger_if_any()
    entries = list(ledger.entries()) if ledger else []
    made = reopen(contract, recalled.judged.facts, root=root, entries=entries)
    _forget(key)
    if isinstance(made, Reopened):
        _open[key] = recalled, stats, made
        while len(_open) > KEPT:
            _forget(next(iter(_open)))
    return made


def _forget(key: tuple[Path, str]) -> None:
    held = _open.pop(key, None)
    if held is not None:
        held[2].evidence.close()
