"""Drill: one estimate of a recorded verdict told whole, down to the rows behind it.

What was recorded is shown as it was recorded. Rows and other ways of estimating are worked out
from the evidence when somebody asks, while its hash is that of the verdict; they are exploratory,
recorded nowhere, and move nothing.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from shipcall.app.counted import count_of
from shipcall.app.reading import reading
from shipcall.app.recalled import Recalled, asked_choice, asked_number, recall_having
from shipcall.core import Absent, Check, Estimand, Measured, Tails, judge, plain
from shipcall.data.examples import GROUPS, Example, Wanted
from shipcall.data.plan import Request
from shipcall.data.told import Told
from shipcall.metrics import METRICS, Statistic
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.release.reopened import Closed, Reopened
from shipcall.report.why import explain, find
from shipcall.stages.gate import generator
from shipcall.stats.sample import PairSample
from shipcall.stats.sensitivity import Alternative, alternatives

View = dict[str, Any]

_T = TypeVar("_T")
PAGE = 20
"""Rows on one page."""
LARGE = 2_000_000
"""Rows of a table from which on its rows are read only when somebody asks for them."""
DIALECT = "duckdb"
PAIRED = ("predictions", "scores", "shadow_pairs", "rankings", "preferences")
"""Tables whose lines hold both models side by side."""
_UNASKED = "The table is large: its rows are read when you ask for them."
_NOT_PAIRED = (
    "No rows stand behind this number one by one: there are none, each unit is served by one model "
    "only, or the number counts the evidence itself."
)


_NO_ROWS = Closed(code="none", why=_NOT_PAIRED)


def recall_check(root: Path, release: str, check: str, stage: str | None) -> Recalled:
    """Give the newest recorded verdict that has a check, or that of one stage."""
    return recall_having(root, release, stage, lambda f: bool(f["check"]["id"] == check))


def drill_view(recalled: Recalled, name: str, asked: Mapping[str, str]) -> View:
    """Tell everything about one check.

    Args:
        recalled: The verdict.
        name: Id of the check.
        asked: `rows` (losses, wins, ties, lost or none), `page` (from 1), `unit` (a text in the
            name of the unit) and `sensitivity` ("1": hold other ways of estimating beside it).

    Raises:
        UsageError: If the verdict has no such check; names the nearest ones.
    """
    if not recalled.judged.shown:
        return {"kind": "covered", "check": name, **recalled.head}
    view = recalled.view
    finding = dict(find(view, name))
    table = next((e for e in view["evidence"] if e["format"] == _table(recalled, name)), None)
    large = bool(table and (table["rows"] or 0) > LARGE)
    rows = asked_choice(asked, "rows", [*(["none"] if large else []), *GROUPS, "none"])
    query = {"stage": asked.get("stage", ""), "rows": rows, "unit": asked.get("unit", "")}
    wanted = Wanted(rows, PAGE * (asked_number(asked, "page") - 1), PAGE, query["unit"])
    sensitive = asked.get("sensitivity") == "1"
    paired = table is not None and table["format"] in PAIRED
    with reading(recalled) if paired else nullcontext(_NO_ROWS) as opened:

        def once(what: Hashable, work: Callable[[], _T]) -> _T:
            """Ask the same evidence the same thing once."""
            if isinstance(opened, Closed):
                return work()
            return recalled.once((name, what, opened.evidence.stats()), work)

        return {
            "kind": "drill",
            **recalled.head,
            "check": name,
            "finding": finding,
            "definition": _definition(recalled, finding),
            "lines": [line._asdict() for line in explain(view, finding)],
            "look": view["look"],
            "table": table,
            "arms": _arms(recalled.view),
            "query": {k: v for k, v in query.items() if v}
            | ({"sensitivity": "1"} if sensitive else {}),
            "sql": {"dialect": DIALECT, "text": once("sql", lambda: _sql(opened, name))},
            "rows": once(wanted, lambda: _rows(opened, finding, wanted)),
            "sensitivity": once("sensitivity", lambda: _sensitivity(opened, finding))
            if sensitive
            else None,
        }


def _table(recalled: Recalled, name: str) -> str:
    findings: Sequence[Mapping[str, Any]] = recalled.judged.facts["findings"]
    found: str = next(f["check"]["evidence"] for f in findings if f["check"]["id"] == name)
    return found


def _arms(view: View) -> dict[str, int]:
    """Units that were dealt to each model; empty where every unit was seen with both."""
    course = view["rollout"]
    steps = course["steps"] if course else []
    newest = [step for step in steps if step["attempt"] == steps[-1]["attempt"]]
    return (
        {arm: sum(step[arm] or 0 for step in newest) for arm in ("baseline", "candidate")}
        if newest
        else {}
    )


def _definition(recalled: Recalled, finding: View) -> View:
    """Say what is measured: the metric's own definition, or what is counted."""
    if finding["estimand"] == "count":
        known = count_of(finding["stage"], finding["metric"])
        title, repair = (known.title, known.repair) if known else (finding["metric_title"], "")
        return {"title": title, "kind": "count", "doc": "", "repair": repair}
    metric = recalled.judged.facts["metrics"][finding["metric"]]
    known_metric = METRICS.get(metric["kind"])
    return {
        "title": known_metric.title if known_metric else metric["title"],
        "kind": metric["kind"],
        "doc": known_metric.doc if known_metric else "",
        "repair": "",
    }


def _asked(opened: Reopened, name: str) -> tuple[Check, Request] | None:
    """The check with what it asks of lines that hold both models; None where there are none."""
    check = opened.check(name)
    request = opened.request(check)
    if request is None or request.evidence not in PAIRED:
        return None
    if not opened.evidence.present(request.evidence):
        return None
    return (check, request) if request.statistic is not Statistic.COHORTS else None


def _sql(opened: Reopened | Closed, name: str) -> str:
    asked = None if isinstance(opened, Closed) else _asked(opened, name)
    if asked is None or isinstance(opened, Closed):
        return ""
    check, request = asked
    return opened.evidence.opened(request.evidence).query(request, check.slice, DIALECT)


def _rows(opened: Reopened | Closed, finding: View, wanted: Wanted) -> View:
    """List rows behind the number, or say why none are shown."""
    page = wanted.first // PAGE + 1
    nothing = {
        "group": wanted.group,
        "page": page,
        "pages": 1,
        "counts": {},
        "found": 0,
        "rows": [],
    }
    if isinstance(opened, Closed):
        return {**nothing, "shown": False, "code": opened.code, "why": opened.why}
    asked = _asked(opened, finding["id"])
    if asked is None:
        return {**nothing, "shown": False, "code": "none", "why": _NOT_PAIRED}
    if wanted.group == "none":
        return {**nothing, "shown": False, "code": "unasked", "why": _UNASKED}
    check, request = asked
    table = opened.evidence.opened(request.evidence)
    found = table.examples(request, check.slice, check.estimand, _centre(check, finding), wanted)
    if isinstance(found, Absent):
        return {**nothing, "shown": False, "code": found.reason.code, "why": found.detail}
    told = table.told(request, list({row.unit for row in found.rows}))
    return {
        "shown": True,
        "code": "",
        "why": "",
        "group": wanted.group,
        "page": page,
        "pages": max(1, -(-found.found // PAGE)),
        "counts": dict(found.counts),
        "found": found.found,
        "rows": [_row(row, told.get(row.unit)) for row in found.rows],
    }


def _centre(check: Check, finding: View) -> float:
    """The value around which a ratio is taken: the model's that the number is compared with."""
    arms = finding["arms"]
    if arms is None:
        return 0.0
    own = check.estimand is Estimand.CANDIDATE
    return float(arms["candidate" if own else "baseline"])


def _row(row: Example, told: Told | None) -> View:
    told = told or Told({}, {}, {})
    return {
        "unit": row.unit,
        "repeat": row.repeat,
        "worth": row.worth,
        "values": {n: None if v is None or v != v else v for n, v in row.values.items()},  # noqa: PLR0124
        "about": _texts(told.about),
        "baseline": _texts(told.baseline),
        "candidate": _texts(told.candidate),
    }


def _texts(told: Mapping[str, str]) -> list[View]:
    return [{"name": name, "text": text} for name, text in told.items()]


def _sensitivity(opened: Reopened | Closed, finding: View) -> View:
    """Hold other ways of estimating the number beside the recorded one."""
    if isinstance(opened, Closed):
        return {"shown": False, "why": opened.why, "ways": []}
    asked = _asked(opened, finding["id"])
    if asked is None:
        return {"shown": False, "why": _NOT_PAIRED, "ways": []}
    return _worked_out(opened, *asked, finding)


def _worked_out(opened: Reopened, check: Check, request: Request, finding: View) -> View:
    key = check.metric, check.slice
    request = replace(request, slices=(check.slice,))
    table = opened.evidence.opened(request.evidence)
    sample = table.samples([request])[key]
    if isinstance(sample, Absent):
        return {"shown": False, "why": f"{sample.reason.sentence} {sample.detail}", "ways": []}
    estimate = finding["estimate"]
    tails = Tails(*estimate["tails"]) if estimate else check.tails
    estimator = ESTIMATORS[request.statistic]

    def own(seen: Any, estimand: Estimand, tails: Tails) -> Measured:
        return estimator(seen, estimand, tails, generator(check.metric, check.slice))

    ways = [Alternative("own", own(sample, check.estimand, tails))]
    if isinstance(sample, PairSample):
        rng = generator(*key, "bootstrap")
        ways += alternatives(sample, check.estimand, tails, rng, own)
    apart = table.sample_apart(request)[key]
    if not isinstance(apart, Absent) and apart.clusters != sample.clusters:
        ways.append(Alternative("apart", own(apart, check.estimand, tails)))
    return {"shown": True, "why": "", "ways": [_way(check, finding, way) for way in ways]}


def _way(check: Check, finding: View, way: Alternative) -> View:
    standing = judge(check, way.measured)
    return {
        "name": way.name,
        **{name: finding[name] for name in _ABOUT},
        "standing": standing.value,
        "answer": standing.words,
        **measured_form(way.measured),
    }


_ABOUT = ("metric", "metric_title", "unit", "better", "slice", "estimand", "bar", "min_units")


def measured_form(measured: Measured) -> View:
    """Write what was measured beside a verdict as a finding of a verdict has it.

    Returns:
        `estimate` and `absent`, one of them None.
    """
    if isinstance(measured, Absent):
        form = plain(measured)
        return {"estimate": None, "absent": {**form.pop("reason"), **form}}
    level = round(1 - sum(measured.tails), 10)
    return {"estimate": {**plain(measured), "level": level}, "absent": None}
