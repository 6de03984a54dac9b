"""Plans: the chances of each call, worked out in a job and kept until something changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from shipcall.app.assumptions import Assumptions
from shipcall.app.board import file_of, release_view
from shipcall.app.newest import Newest
from shipcall.app.planned import plan_key, sealed_chances
from shipcall.app.planning import plan_release
from shipcall.core import UsageError
from shipcall.report.curve import chance_curve
from shipcall.report.html import pieces
from shipcall.report.rollout_plan import rollout_page
from shipcall.web.address import address_of
from shipcall.web.contracts import TAKEN, assumptions_of
from shipcall.web.jobs import JOBS
from shipcall.web.page import Asked, Chart, Charts, Drawn, View

KEPT = 20
"""Plans that are kept; one is a few dozen kilobytes."""
_CALLS = ("go", "hold", "refuse")
_kept = Newest[View](KEPT)


def plan_page(root: Path, asked: Asked) -> View:
    """Show the plan if it was worked out, else what the seal recorded and a way to work it out."""
    release = asked["release"]
    around = {
        "id": release,
        "page": release_view(root, release),
        "sealed": sealed_chances(root, release),
        "typed": {name: asked.get(name, "") for name in TAKEN},
        "failed": JOBS.failure(asked.get("job", "")),
    }
    try:
        taken = assumptions_of(asked)
    except UsageError as wrong:
        return {"kind": "unplanned", **around, "failed": str(wrong)}
    plan = _kept.get(plan_key(root, release, file_of(root, release), taken))
    return {**(plan or {"kind": "unplanned"}), **around}


def plan_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall plan FILE --json` gives, worked out now if it is not kept."""
    return _worked_out(root, asked["release"], assumptions_of(asked), lambda _: None)


def plan_pieces(view: View) -> Mapping[str, Any]:
    """Draw a plan."""
    return {} if view["kind"] == "unplanned" else pieces(view)


def plan_charts(view: View, drawn: Drawn) -> Charts:
    """Draw the pictures of a plan, with their numbers."""
    del drawn
    charts: dict[str, Chart] = {}
    if view["kind"] == "unplanned":
        return charts
    if view["curve"]:
        charts["chances"] = Chart(
            title="chance of each call", svg=chance_curve(view), rows=_chance_rows(view)
        )
    found = rollout_page(view).curve
    if isinstance(found, Markup):
        charts["rollout"] = Chart(title="harm found by day", svg=found, rows=_found_rows(view))
    return charts


def work_out(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Begin to work a plan out, and say where to go."""
    release = asked["release"]
    file_of(root, release)
    target = address_of("releases", release, "plan")
    typed = {name: form[name] for name in TAKEN if form.get(name)}
    query = f"?{urlencode(typed)}" if typed else ""

    def work(say: Callable[[str], None]) -> object:
        return _worked_out(root, release, assumptions_of(form), say)

    job = JOBS.start(f"Working out the chances of {release}", f"{target}{query}", work)
    job.back = f"{target}?{urlencode({**typed, 'job': job.name})}#form"
    return JOBS.where(job)


def _worked_out(root: Path, release: str, taken: Assumptions, say: Callable[[str], None]) -> View:
    file = file_of(root, release)
    key = plan_key(root, release, file, taken)
    return _kept.get(key) or _kept.keep(key, plan_release(file, taken, progress=say))


def _chance_rows(view: View) -> list[dict[str, Any]]:
    return [
        {
            "situation": one["situation"],
            "check": one["check"] or "",
            "units": max(point["units"].values()),
            "call": call,
            "chance": one[call]["value"],
            "low": one[call]["low"],
            "high": one[call]["high"],
        }
        for point in view["curve"]
        for one in point["chances"]
        for call in _CALLS
    ]


def _found_rows(view: View) -> list[dict[str, Any]]:
    return [
        {"check": one["check"], "day": day, "found": chance}
        for one in view["rollout"]["situations"]
        if one["check"]
        for day, chance in enumerate(one["by_day"], 1)
    ]
