"""The certificate as people ask for it: which rows, how long, where to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shipcall.core import UsageError
from shipcall.report.certificate import certificate_page, certificate_tables
from shipcall.trial.certificate import certificate_of, in_order, with_rows_of
from shipcall.trial.certify import SEED, certify, estimate_seconds
from shipcall.trial.row import Row
from shipcall.trial.rows import rows

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
    beside: Path | None = None,
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
        beside: An earlier certificate.json: only rows that it lacks are drawn, its own are kept,
            and the promises of all are judged together.
        progress: Is told how many blocks of how many are done.

    Raises:
        UsageError: If no row has the word in its name, or nothing was kept that could be resumed.
    """
    if resume and (out is None or not (out / JOURNAL).exists()):
        raise UsageError(
            f"--resume takes up the journal {JOURNAL} in the folder of --out, and there is none. "
            "Begin without --resume."
        )
    earlier = None if beside is None else _read(beside)
    asked = _lacking(chosen_rows(only), earlier)
    measured = certify(
        asked,
        runs=runs,
        minutes=minutes,
        processes=processes,
        journal=None if out is None else out / JOURNAL,
        resume=resume,
        progress=progress,
    )
    certificate = certificate_of(measured, seed=SEED, planned=len(asked))
    if earlier is not None:
        joined = with_rows_of(earlier, certificate)
        certificate = in_order(joined, [row.key for row in rows()])
    form = certificate.plain
    if out is not None:
        (out / "certificate.md").write_text(certificate_page(form), encoding="utf-8")
        text = json.dumps(form, sort_keys=True, indent=1, ensure_ascii=False)
        (out / "certificate.json").write_text(text + "\n", encoding="utf-8")
        if sum(one.tally.runs for one in measured) == sum(min(row.runs, runs) for row in asked):
            (out / JOURNAL).unlink()
    return {**form, "text": certificate_tables(form)}


def _read(path: Path) -> View:
    """Read an earlier certificate."""
    try:
        form: View = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path} is no certificate.json that can be read: {fault}") from fault
    if not isinstance(form, dict) or form.get("kind") != "certificate" or form["seed"] != SEED:
        raise UsageError(
            f"{path} is no certificate.json of seed {SEED}, so that its rows cannot stand beside "
            "new ones. Draw all rows, without --beside."
        )
    return form


def _lacking(asked: list[Row], earlier: View | None) -> list[Row]:
    """Keep the rows that an earlier certificate lacks."""
    if earlier is None:
        return asked
    known = {f"{one['group']}: {one['population']}; {one['judged']}" for one in earlier["rows"]}
    lacking = [row for row in asked if row.key not in known]
    if not lacking:
        raise UsageError("the certificate beside has every row that was asked for already.")
    return lacking


def estimate_rows(only: str, *, runs: int, processes: int, beside: Path | None = None) -> View:
    """Say what the rows would cost, from a few runs of each.

    Raises:
        UsageError: If no row has the word in its name.
    """
    asked = _lacking(chosen_rows(only), None if beside is None else _read(beside))
    costs = list(estimate_seconds(asked, runs))
    total = sum(seconds for _, seconds in costs)
    return {
        "kind": "certificate_cost",
        "rows": [{"row": row.key, "runs": row.runs, "seconds": s} for row, s in costs],
        "seconds": total,
        "minutes": total / 60 / processes,
        "processes": processes,
    }
