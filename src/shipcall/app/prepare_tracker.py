"""Where a preparation stands, as a table; and the log of real interviews beside it."""

from datetime import date
from pathlib import Path
from typing import Any

from shipcall.app.prepare_study import Study, shelved
from shipcall.core import UsageError, plain
from shipcall.preparation.interviews import (
    ENDED,
    INTERVIEWED,
    MOST,
    NOTE,
    interviews,
    written,
)
from shipcall.preparation.table import NOTE as TABLE_NOTE
from shipcall.preparation.table import Seen, rows

View = dict[str, Any]


def tracker_view(place: Path, today: date | None = None) -> View:
    """Tell for every skill, kind of case and kind of round what was done and what it showed.

    Rows have coverage, what each source held with its interval, chances against what came, days
    since the last item, and what is due. Nothing is added up over sources or rows.
    """
    study = Study.at(place, today)
    seen = Seen(
        entries=study.entries,
        finished=study.finished,
        cases=shelved(study.finished, study.days),
        today=study.today,
        day=study.days.of,
    )
    return {
        "kind": "preparation_table",
        "today": study.today.isoformat(),
        "note": TABLE_NOTE,
        "rows": plain(rows(seen)),
    }


def interviews_view(place: Path) -> View:
    """Show the log of real interviews, the newest last."""
    found = interviews(Study.at(place).entries)
    return {"kind": "interviews", "note": NOTE, "interviews": plain(found)}


def interview_written(  # noqa: PLR0913 - the fields of one interview
    place: Path,
    *,
    on: date | None,
    company: str,
    asked: str,
    round_: str = "",
    said: str = "",
    change: str = "",
    ended: str = "",
) -> View:
    """Write down one interview, of today if no day is named.

    Raises:
        UsageError: If the day has not come, or company or question is not named.
    """
    study = Study.at(place)
    told = written(
        on=on or study.today,
        company=company,
        round_=round_,
        asked=asked,
        said=said,
        change=change,
        today=study.today,
    )
    number = len(interviews(study.entries)) + 1
    study.desk.write().add(INTERVIEWED, str(number), told)
    return interview_ended(place, number, ended) if ended.strip() else interviews_view(place)


def interview_ended(place: Path, number: int, text: str) -> View:
    """Write down how an interview ended; what was written of it before stays in the diary.

    Raises:
        UsageError: If there is none of this number, or nothing is said.
    """
    study = Study.at(place)
    count = len(interviews(study.entries))
    if not 1 <= number <= count:
        raise UsageError(f"no interview {number}; {count} are written down here.")
    if not text.strip() or len(text) > MOST:
        raise UsageError(f"say how it ended, in at most {MOST:,} characters.")
    study.desk.write().add(ENDED, str(number), {"text": text.strip()})
    return interviews_view(place)
