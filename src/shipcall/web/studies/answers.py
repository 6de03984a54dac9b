"""Answers: a study worked out for its page, in a job where it takes long, and kept.

An address is the study, so that a link shows it. Opening a page writes nothing: where a study
would be the first look at outcomes, the page asks, and a form with the token begins it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from shipcall.app.newest import Newest
from shipcall.app.study_list import KNOWN
from shipcall.app.study_pages import (
    Keys,
    Said,
    answer,
    answer_keys,
    first_look,
    form_view,
    looked_up,
    said_of,
)
from shipcall.core import ShipcallError, UsageError
from shipcall.web.address import address_of
from shipcall.web.jobs import JOBS
from shipcall.web.page import Asked, View

KEPT = 40
"""Answers that are kept; one is a few dozen kilobytes."""
OPEN = (
    "This study would be the first look at these outcomes, which goes into the ledger. Begin it "
    "on its page, or with its command."
)
_kept = Newest[View](KEPT)


def study_page(name: str) -> Callable[[Path, Asked], View]:
    """Make the view of a study: its form, and its answer where the address asks for one.

    Args:
        name: Of the study.
    """

    def view(root: Path, asked: Asked) -> View:
        said = said_of(root, name, asked)
        again = JOBS.failure(asked.get("job", ""))
        shown = {
            "state": "ask",
            "study": None,
            "message": "",
            "job": "",
            "status": 400 if again else 200,
            "again": again,
        }
        return {**form_view(root, said), **shown, **_state(said)}

    return view


def study_twin(name: str) -> Callable[[Path, Asked], View]:
    """Make the twin of a study: what its command prints with --json.

    Args:
        name: Of the study.
    """

    def twin(root: Path, asked: Asked) -> View:
        said = said_of(root, name, asked)
        if said.faults or not said.asks:
            return answer(said)
        found = _worked_out(said, answer_keys(said))
        if found["state"] == "unread":
            raise UsageError(OPEN)
        if found["state"] == "failed":
            raise UsageError(found["message"])
        study: View = found["study"]
        return study

    return twin


def look(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Work a study out on purpose, which puts the look at outcomes on record."""
    name = asked["study"]
    if name not in KNOWN:
        raise UsageError(f"there is no study {name!r}. Studies: {', '.join(KNOWN)}.")
    said = said_of(root, name, form)

    def work(say: Callable[[str], None]) -> None:
        say("Reading the evidence")
        study = answer(said)
        _kept.keep(answer_keys(said).answer, {"state": "told", "study": study})

    target = _address(said)
    job = JOBS.start(f"First look. {_title(said)}", target, work)
    job.back = f"{target}&{urlencode({'job': job.name})}"
    return JOBS.where(job)


def _state(said: Said) -> View:
    """Say what a page shows for what its address asks."""
    if said.faults:
        return {"state": "failed", "status": 400}
    if not said.asks:
        return {}
    try:
        keys = answer_keys(said)
    except ShipcallError as wrong:
        return {"state": "failed", "message": str(wrong), "status": 400}
    found = _worked_out(said, keys) if looked_up(said, keys) else _kept.get(keys.answer)
    if found is not None:
        return found

    def work(say: Callable[[str], None]) -> None:
        say("Reading the evidence")
        _worked_out(said, keys)

    job = JOBS.start(_title(said), _address(said), work)
    where = JOBS.where(job)
    found = _kept.get(keys.answer)
    if found is None and job.failed:
        return {"state": "failed", "message": job.failed, "status": 500}
    return found or {"state": "working", "job": where}


def _worked_out(said: Said, keys: Keys) -> View:
    """Work a study out unless it is kept; one that would be a first look is left alone."""
    kept = _kept.get(keys.answer)
    if kept is not None:
        return kept
    try:
        unread = not looked_up(said, keys) and first_look(said)
        found: View = (
            {"state": "unread"} if unread else {"state": "told", "study": answer(said, keys)}
        )
    except ShipcallError as wrong:
        found = {"state": "failed", "message": str(wrong), "status": 400}
    return _kept.keep(keys.answer, found)


def _title(said: Said) -> str:
    return f"{KNOWN[said.study].title}: {said.typed.get('file', 'by what was said')}"


def _address(said: Said) -> str:
    return f"{address_of('studies', said.study)}?{urlencode(said.query)}"
