"""The certificate as people ask for it: which rows, how long, where to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shipcall.core import UsageError
from shipcall.report.certificate import certificate_page, certificate_tables
from shipcall.trial.certificate import certificate_of
from shipcall.trial.certify import SEED, certify, estimate_seconds
from shipcall.trial.rows import Row, rows

View = dict[str, Any]
JOURNAL = "certificate.jsonl"


def chosen_rows(only: str) -> list[Row]:
    """Find the rows of which the name holds a word.

    Raises:
        UsageError: If there is none.
    """
    found = [row for row in rows() if only.lower() in row.key.lower()]
    if not found:
        groups = ", ".join(dict.fromkeys(row.group for row in rows()))
        raise UsageError(f"no row of the certificate has {only!r} in its name. Groups: {groups}.")
    return found


def certify_rows(  # noqa: PLR0913 - the options of the command
    only: str,
    *,
    runs: int,
    minutes: float | None,
    processes: int | None,
    out: Path | None,
    resume: bool,
    progress: Callable[[int, int], None],
) -> View:
    """Draw rows, judge all their promises together, and write the pages where asked.

    Args:
        only: A word in the names of the rows to draw; empty for all.
        runs: Most runs of a row.
        minutes: After so long no further block of runs is begun; None: all are drawn.
        processes: How many are started; None: this one draws.
        out: Folder for certificate.md, certificate.json and, until all is drawn, the journal;
            None: nothing is kept.
        resume: Take up what the journal in that folder has.
        progress: Is told how many blocks of how many are done.

    Raises:
        UsageError: If no row has the word in its name, or nothing was kept that could be resumed.
    """
    if resume and (out is None or not (out / JOURNAL).exists()):
        raise UsageError(
            f"--resume takes up the journal {JOURNAL} in the folder of --out, and there is none. "
            "Begin without --resume."
        )
    asked = chosen_rows(only)
    measured = certify(
        asked,
        runs=runs,
        minutes=minutes,
        processes=processes,
        journal=None if out is None else out / JOURNAL,
        resume=resume,
        progress=progress,
    )
    form = certificate_of(measured, seed=SEED, planned=len(asked)).plain
    if out is not None:
        (out / "certificate.md").write_text(certificate_page(form), encoding="utf-8")
        text = json.dumps(form, sort_keys=True, indent=1, ensure_ascii=False)
        (out / "certificate.json").write_text(text + "\n", encoding="utf-8")
        if sum(one.tally.runs for one in measured) == sum(min(row.runs, runs) for row in asked):
            (out / JOURNAL).unlink()
    return {**form, "text": certificate_tables(form)}


def estimate_rows(only: str, *, runs: int, processes: int) -> View:
    """Say what the rows would cost, from a few runs of each.

    Raises:
        UsageError: If no row has the word in its name.
    """
    costs = list(estimate_seconds(chosen_rows(only), runs))
    total = sum(seconds for _, seconds in costs)
    return {
        "kind": "certificate_cost",
        "rows": [{"row": row.key, "runs": row.runs, "seconds": s} for row, s in costs],
        "seconds": total,
        "minutes": total / 60 / processes,
        "processes": processes,
    }
