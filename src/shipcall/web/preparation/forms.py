"""Forms: what one asks, fields to answer it, and the page of what was computed or pointed at.

A refused answer goes back to its fields with what is wrong; one that was read stays in the diary
under a number, which is the address of its page.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from shipcall.app import prepare_forms
from shipcall.app.newest import Newest
from shipcall.core import ShipcallError, UsageError
from shipcall.report.preparing import dial_svg, first_svg
from shipcall.web.address import address_of
from shipcall.web.jobs import JOBS
from shipcall.web.page import Action, Asked, Chart, Charts, Drawn, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, turn, whole
from shipcall.web.preparation.sheets import parts_of, sheet_of

FORM = "/prepare/form/{form}"
KEPT = 50
"""Refused answers that are remembered, so that nothing typed is lost."""


class Refused(NamedTuple):
    """An answer that could not be read."""

    why: str
    typed: Mapping[str, str]


_refused = Newest[Refused](KEPT)


def forms_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice form --json` gives."""
    del root, asked
    return prepare_forms.forms()


def forms_page(root: Path, asked: Asked) -> View:
    """List the forms, and those that were answered."""
    return {**forms_twin(root, asked), "kept": prepare_forms.forms_kept(desk_of(root))[::-1]}


def form_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice form NAME --json` gives."""
    del root
    seed = asked.get("seed", "").strip()
    return prepare_forms.form_shown(asked["form"], whole(seed, what="seed") if seed else None)


def form_page(root: Path, asked: Asked) -> View:
    """Show a form with its fields; a refused answer comes back into them."""
    held = _refused.get(asked.get("held", ""))
    typed = dict(held.typed) if held else {}
    why = (held.why if held else "") or JOBS.failure(asked.get("job", ""))
    view = form_twin(root, asked)
    return {
        **lined({name: value for name, value in view.items() if name != "template"}),
        "template": {"text": view["template"]},
        "typed": {name: {"text": text} for name, text in typed.items()},
        "refused": {"text": why},
    }


def form_pieces(view: View) -> Mapping[str, Any]:
    """Put together what the fields of a form are."""
    told: dict[str, Any] = {"do": address_of("prepare", "form", view["form"])}
    if view["form"] == "imof":
        told["parts"] = parts_of(view["template"]["text"])
    if view["form"] == "trade-off":
        told["settings"] = sorted({one["setting"] for one in view["trial"]})
        told["tried"] = {f"{one['slice']} {one['setting']}": one for one in view["trial"]}
    return told


def told_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice form NAME --answer FILE --json` gave for this answer."""
    return prepare_forms.form_kept(desk_of(root), asked["form"], whole(asked["n"], what="answer"))


def told_page(root: Path, asked: Asked) -> View:
    """Show how an answer did."""
    return {**lined(told_twin(root, asked)), "heading": asked["form"]}


def told_charts(view: View, drawn: Drawn) -> Charts:
    """Draw which feature is first, or the dial."""
    del drawn
    score = view["score"]
    if view["form"] == "dvl":
        svg = first_svg(score["features"], score["chosen"]["first"], score["probability"])
        return {"first": Chart(title="which is first", svg=svg, rows=score["features"])}
    if view["form"] == "trade-off":
        svg = dial_svg(score["curves"], score["slices"])
        return {"dial": Chart(title="the dial by slice", svg=svg, rows=score["curves"])}
    return {}


def told_pieces(view: View) -> Mapping[str, Any]:
    """Gather lints that have one reason."""
    reasons: dict[str, list[View]] = {}
    for one in view["score"].get("lints", ()):
        why = one["why"]["text"] if isinstance(one["why"], Mapping) else one["why"]
        reasons.setdefault(why, []).append(one)
    return {"do": address_of("prepare", "form", view["form"]), "reasons": reasons}


def answer(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Hold an answer against what can be computed, and say where to see it."""
    name = asked["form"]
    typed = {key: text for key, text in form.items() if key != "token"}
    try:
        text = sheet_of(name, typed)
        if name == "contract":
            return _worked_out(root, text, typed)
        with turn():
            return _told(root, name, text)
    except ShipcallError as wrong:
        return _back(name, Refused(str(wrong), typed))


def _told(root: Path, name: str, text: str, say: Callable[[str], None] | None = None) -> str:
    with tempfile.TemporaryDirectory(prefix="shipcall-form-") as folder:
        file = Path(folder) / ("contract.toml" if name == "contract" else "answer.toml")
        file.write_text(text, encoding="utf-8")
        try:
            prepare_forms.form_told(desk_of(root), name, file, progress=say)
        except ShipcallError as wrong:
            raise UsageError(str(wrong).replace(f"{folder}/", "")) from wrong
    newest = [one["n"] for one in prepare_forms.forms_kept(desk_of(root)) if one["form"] == name]
    return address_of("prepare", "form", name, "told", newest[-1])


def _worked_out(root: Path, text: str, typed: Mapping[str, str]) -> str:
    """A contract takes half a minute: its page waits for a job."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    target = f"{address_of('prepare', 'form', 'contract')}?text={digest}"
    work = partial(_told, root, "contract", text)
    job = JOBS.start("Working out how often this contract makes each call", target, work)
    job.back = _back("contract", Refused("", typed), job=job.name)
    return JOBS.where(job)


def _back(name: str, refused: Refused, **query: str) -> str:
    held = secrets.token_hex(8)
    _refused.keep(held, refused)
    seed = {"seed": refused.typed["seed"]} if refused.typed.get("seed", "").isdecimal() else {}
    return f"{address_of('prepare', 'form', name)}?{urlencode(seed | {'held': held} | query)}#form"


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/forms",
        title="Forms",
        template="prepare_forms.html.j2",
        view=forms_page,
        twin=forms_twin,
        nav="practice",
    ),
    Page(
        path=f"{FORM}/told/{{n}}",
        title="{heading}: how it did",
        template="prepare_form_told.html.j2",
        view=told_page,
        twin=told_twin,
        charts=told_charts,
        more=told_pieces,
        nav="practice",
    ),
    Page(
        path=FORM,
        title="{form}",
        template="prepare_form.html.j2",
        view=form_page,
        twin=form_twin,
        more=form_pieces,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (Action(path=f"{FORM}/answer", act=answer),)
