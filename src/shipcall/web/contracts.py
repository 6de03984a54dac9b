"""Contracts: the file with its faults, one page to sign, amendments, and the forms that seal."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from shipcall.app.amendments import amendments_of, amendments_view
from shipcall.app.assumptions import Assumptions
from shipcall.app.board import file_of, find, release_view
from shipcall.app.export import export_text
from shipcall.app.onepage import one_page
from shipcall.app.pages import contract_view
from shipcall.app.place import begin
from shipcall.app.release import amend_release, seal_release
from shipcall.core import UsageError
from shipcall.report.amendments import MARKS, SIGNS, bare_sentence, summary_of
from shipcall.report.onepage import blocks_of, state_of
from shipcall.web.address import address_of
from shipcall.web.jobs import JOBS, Job
from shipcall.web.page import Asked, View

TAKEN = ("gain", "discordance", "units_per_day")
"""Fields that say what is taken before there is any evidence."""
TYPED = ("why", "even_so", *TAKEN)
_BETWEEN = re.compile(r"[\s,;]+")


def contract_page(root: Path, asked: Asked) -> View:
    """Show the file, and the form that is due, with what was typed before something went wrong."""
    return {
        **contract_view(root, asked["release"]),
        "typed": {name: asked.get(name, "") for name in TYPED},
        "failed": JOBS.failure(asked.get("job", "")),
    }


def contract_pieces(view: View) -> Mapping[str, Any]:
    """What the templates need to draw changes."""
    del view
    return {
        "marks": MARKS,
        "signs": SIGNS,
        "summary_of": summary_of,
        "bare_sentence": bare_sentence,
    }


def one_page_page(root: Path, asked: Asked) -> View:
    """Show the eight questions."""
    release = asked["release"]
    told = one_page(file_of(root, release))
    return {**told, "id": release, "page": release_view(root, release)}


def one_page_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall export aspredicted FILE --json` gives."""
    return one_page(file_of(root, asked["release"]))


def one_page_pieces(view: View) -> Mapping[str, Any]:
    """Who signs, and what."""
    return {"promise": view, "blocks": blocks_of(view), "state": state_of(view)}


def one_page_file(root: Path, asked: Asked) -> str:
    """Give the same as Markdown."""
    return export_text("aspredicted", file_of(root, asked["release"]), None)


def amendments_page(root: Path, asked: Asked) -> View:
    """Show every change since the seal; a file with faults does not stand in the way."""
    one = find(root, asked["release"])
    told = amendments_of(one.entries, one.id, one.file)
    return {**told, "id": one.id, "page": release_view(root, one.id)}


def amendments_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall amendments FILE --json` gives."""
    return amendments_view(file_of(root, asked["release"]))


def seal(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Seal the contract, as `shipcall seal` does."""
    file = file_of(root, asked["release"])

    def work(_: Callable[[str], None]) -> object:
        taken, even_so = assumptions_of(form), form.get("even_so") or None
        begin(root)
        return seal_release(file, taken, even_so=even_so)

    return _worked_on(f"Sealing {asked['release']}", asked, form, work)


def amend(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Amend the contract, as `shipcall amend` does."""
    file = file_of(root, asked["release"])

    def work(_: Callable[[str], None]) -> object:
        taken, even_so = assumptions_of(form), form.get("even_so") or None
        return amend_release(file, form.get("why", ""), taken, even_so=even_so)

    return _worked_on(f"Amending {asked['release']}", asked, form, work)


def _worked_on(
    title: str,
    asked: Asked,
    form: Mapping[str, str],
    work: Callable[[Callable[[str], None]], object],
) -> str:
    """Begin, and say where to go: what was typed goes along, for the case that it fails."""
    target = address_of("releases", asked["release"], "contract")
    job: Job = JOBS.start(title, target, work)
    typed = {name: form[name] for name in TYPED if form.get(name)}
    job.back = f"{target}?{urlencode({**typed, 'job': job.name})}#form"
    return JOBS.where(job)


def assumptions_of(form: Mapping[str, str]) -> Assumptions:
    """Read what is taken from a form or an address.

    Raises:
        UsageError: On what is no number.
    """
    return Assumptions(
        discordance=_number(form, "discordance", "a share, such as 0.2"),
        gains=tuple(part for part in _BETWEEN.split(form.get("gain", "")) if part),
        units_per_day=_number(form, "units_per_day", "a count, such as 5000"),
    )


def _number(form: Mapping[str, str], name: str, expected: str) -> float | None:
    text = form.get(name, "").strip().replace("_", "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError as wrong:
        said = name.replace("_", " ")
        raise UsageError(f"{said}: {text!r} is not {expected}.") from wrong
