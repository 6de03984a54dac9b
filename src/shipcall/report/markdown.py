"""Markdown: a view for a pull request or a step summary; the outcome first, 60 KB at most."""

from collections.abc import Callable, Sequence

from shipcall.report.course import ladder, looks_of, mixed_text, since_text
from shipcall.report.exhibits import exhibit_lines
from shipcall.report.findings import by_urgency, grouped, tally_text, worst
from shipcall.report.markup import Section, capped, cells, escaped, fenced
from shipcall.report.outlook import (
    Table,
    advice,
    assumed_sentences,
    chance_table,
    curve_table,
    sensitivity_sentences,
)
from shipcall.report.rollout import maturing_texts, situation_text
from shipcall.report.strip import axis_of_many, interval_strip
from shipcall.report.terminal_comparison import VERDICT, repeats_of
from shipcall.report.terminal_plan import PLAN_TITLES, cells_of, verdict_of
from shipcall.report.text import clean_view
from shipcall.report.words import (
    View,
    call_text,
    counted,
    finding_sentence,
    id_of,
    interval_text,
    level_text,
    mark_of,
    moment,
    name_of,
    several_metrics,
    share_text,
    units_text,
    value_text,
    whole,
)

LIMIT = 60 * 1024
"""Most bytes: fits a step summary and a comment of GitHub alike."""
_TITLES = ("Check", "Needs", "Estimate", "Interval", "", "n", "Answer")
_RULE = "|---|---|--:|---|---|--:|---|"


def markdown_report(view: View, *, limit: int = LIMIT) -> str:
    """Write a view as Markdown for GitHub, headings from level 3 down.

    Args:
        view: A verdict, a comparison or a plan.
        limit: Most bytes; what does not fit is counted in a last line.
    """
    harmless = clean_view(view)
    return capped(_SECTIONS[view["kind"]](harmless), limit)


def _verdict(view: View) -> list[Section]:
    groups = grouped(view["findings"])
    because = view["because"]
    chosen = worst(groups.slices, because)
    sections = [_call(view), _table(groups.checks, "no goal or guardrail on all units")]
    if view.get("rollout"):
        sections += _rollout(view)
    beside = exhibit_lines(view)
    sections += [Section([], fenced("\n".join(beside), "text"), [""])] if beside else []
    if groups.slices:
        head = f"**{counted(len(groups.slices), 'slice')}**: {tally_text(groups.slices)}"
        sections += [Section([head, ""], [], []), _table(chosen.shown, "", together=True)]
    sections += [_sanity(groups.sanity), _bullets("Not assessed", view["not_assessed"])]
    sections += [_unproven(view["unproven"]), *_contract(view), _evidence(view)]
    if groups.slices:
        ordered = by_urgency(groups.slices, because)
        title = f"All {counted(len(groups.slices), 'slice')}"
        sections.append(_folded(title, _table(ordered, "", together=True)))
    if groups.watch:
        sections.append(_folded("Watched, never moves the call", _table(groups.watch, "")))
    return [section for section in sections if section.head or section.body]


def _call(view: View) -> Section:
    release, rule = view["release"], view["rule"]
    facts = [release["surface"], f"{view['stage']} stage", f"as of {moment(view['as_of'])}"]
    body = [f"- {escaped(sentence)}" for sentence in view["would_change"]]
    change = ["**What would change it**", "", *body, ""] if body else []
    head = [
        f"### {call_text(view)}: {escaped(release['candidate'])}",
        "",
        escaped(view["sentence"], most=2000),
        "",
        f"Rule {rule['number']}: {escaped(rule['sentence'])}  ",
        f"Against {escaped(release['baseline'])}, {', '.join(escaped(f) for f in facts)}",
        "",
    ]
    calls = [f"Called {_person(call)}" for call in view["calls"]]
    return Section(head, [*change, *(line for call in calls for line in (call, ""))], [])


def _rollout(view: View) -> list[Section]:
    """Shares as a table, then what each check showed over the looks."""
    titles = cells(("Share", "State", "Baseline", "Candidate", "Lasted", "Since"))
    rows = [
        cells(
            [
                share_text(rung.share),
                f"{rung.shape} {rung.state}",
                "" if rung.baseline is None else whole(rung.baseline),
                "" if rung.candidate is None else whole(rung.candidate),
                "" if rung.hours is None else f"{rung.hours:.1f} h",
                moment(rung.since) if rung.since else "",
            ]
        )
        for rung in ladder(view["rollout"], view["as_of"])
    ]
    head = [f"**Rollout**: {situation_text(view['rollout'])}", "", titles]
    said = [
        f"{finding['id']}: {text}"
        for finding in by_urgency(view["findings"], view["because"])
        for text in _over_looks(view, finding)
    ]
    shares = Section([*head, "|---|---|--:|--:|--:|---|"], rows, [""])
    return [shares, _bullets("Looks", [*said, *maturing_texts(view)])]


def _over_looks(view: View, finding: View) -> list[str]:
    looks = looks_of(view, finding)
    if not looks:
        return []
    mixed = mixed_text(view, finding)
    return [since_text(looks), *([f"warning: {mixed}"] if mixed else [])]


def _person(call: View) -> str:
    blind = ", before the verdict was shown" if call["blind"] else ""
    stated = level_text(call["probability"])
    said = f"{call['action']} by {call['by']} at {stated}{blind}: {call['why']}"
    return escaped(said)


def _table(findings: Sequence[View], nothing: str, *, together: bool = False) -> Section:
    if not findings:
        return Section([nothing, ""] if nothing else [], [], [])
    axis = axis_of_many(findings) if together and _alike(findings) else None
    metric = several_metrics(findings)
    rows = []
    for finding in findings:
        picture = interval_strip(finding, axis=axis).replace(" ", "\u00a0")
        protected = " (protected)" if finding.get("protected") else ""
        rows.append(
            cells(
                [
                    escaped(name_of(finding, metric=metric)) + protected,
                    escaped((finding.get("bar") or {}).get("text", "no bar")),
                    escaped(value_text(finding)).removeprefix("'"),
                    interval_text(finding),
                    f"`{picture}`",
                    units_text(finding),
                    mark_of(finding).text(),
                ]
            )
        )
    return Section([cells(_TITLES), _RULE], rows, [""])


def _alike(findings: Sequence[View]) -> bool:
    return len({(f["metric"], f["estimand"], str(f.get("bar"))) for f in findings}) == 1


def _sanity(findings: Sequence[View]) -> Section:
    if not findings:
        return Section(["**Sanity**: nothing was checked", ""], [], [])
    bad = [f for f in findings if not f["satisfied"]]
    good = f"**Sanity**: {len(findings) - len(bad)} of {len(findings)} pass"
    rows = [f"- {mark_of(f).text()}: {escaped(_reason(f))}" for f in bad]
    return Section([good, ""], rows, [""] if rows else [])


def _reason(finding: View) -> str:
    absent = finding.get("absent")
    if absent:
        said = f"{absent['sentence']} {absent['detail']} {absent['next_step']}"
        return f"{id_of(finding)}: {said}"
    return f"{id_of(finding)}: {finding.get('note') or finding_sentence(finding)}"


def _bullets(title: str, sentences: Sequence[str]) -> Section:
    if not sentences:
        return Section([], [], [])
    return Section([f"**{title}**", ""], [f"- {escaped(s)}" for s in sentences], [""])


def _unproven(unproven: Sequence[str]) -> Section:
    if not unproven:
        return Section([], [], [])
    title = f"Not proven: {counted(len(unproven), 'check')} only had to be not refuted"
    return _folded(title, _bullets("No error bound speaks of", unproven))


def _folded(title: str, section: Section) -> Section:
    head = ["<details>", f"<summary>{escaped(title)}</summary>", "", *section.head]
    return Section(head, section.body, [*section.tail, "</details>", ""])


def _contract(view: View) -> list[Section]:
    contract = view["contract"]
    measured = [view["aa"]["text"]] if view.get("aa") else []
    sections = [_bullets("Promised", [*view["promised"]["text"], *measured])]
    changes = [
        f"{moment(a['at'])}, {a['by']}: {c['sentence']} ({c['kind']}). Why: {a['why']}"
        for a in contract["amendments"]
        for c in a["changes"]
    ]
    sections.append(_bullets("Amended after sealing", changes))
    lints = [f"{lint['code']} {lint['title']}. {lint['fix']}" for lint in contract["lints"]]
    heading = "Lints, sealed with the contract" if contract["sealed"] else "Lints"
    return [*sections, _bullets(heading, lints)]


def _evidence(view: View) -> Section:
    contract, ledger, engine = view["contract"], view["ledger"], view["engine"]
    sealed = f"sealed {moment(contract['sealed_at'])}" if contract["sealed"] else "NOT SEALED"
    digest = escaped(contract["sha256"] or "no hash")
    rows = [
        f"- contract {escaped(contract['file'])}: {digest}, {sealed}",
        f"- ledger: {whole(ledger['entries'])} entries, head {escaped(ledger['head'] or 'none')}",
        f"- {escaped(engine['name'])} {escaped(engine['version'])}",
        *(f"- {_evidence_line(table)}" for table in view["evidence"]),
    ]
    code = ["", *fenced("\n".join(view["reproduce"]), "sh")] if view["reproduce"] else []
    return _folded("Evidence, hashes, how to reproduce", Section([], [*rows, *code], [""]))


def _evidence_line(table: View) -> str:
    units, rows = table.get("units"), table.get("rows")
    counts = [counted(units, "unit")] if units is not None else ["no units"]
    counts.append(counted(rows, "row") if rows is not None else "no rows")
    name = f"{table['format']} {table['path']}: {', '.join(counts)}"
    return f"{escaped(name)}, {escaped(table.get('sha256') or 'no hash')}"


def _comparison(view: View) -> list[Section]:
    head = f"### Exploratory: {escaped(view['new'])} against {escaped(view['old'])}"
    flips = view.get("flips")
    facts = [f"{whole(flips['gained'])} units gained, {whole(flips['lost'])} lost"] if flips else []
    facts += [_absent(row) for row in view["metrics"] if row.get("absent")]
    return [
        Section([head, "", escaped(VERDICT, most=2000), ""], [], []),
        _table(view["metrics"], "no metric"),
        _bullets("Notes", [*facts, *repeats_of(view), *view["notes"]]),
    ]


def _absent(row: View) -> str:
    absent = row["absent"]
    return f"{id_of(row)}: {absent['sentence']} {absent['detail']} {absent['next_step']}"


def _plan(view: View) -> list[Section]:
    rows = [cells(escaped(text) for text in cells_of(check)) for check in view["checks"]]
    titles = cells(PLAN_TITLES)
    why = [f"{check['id']}: {check['why']}" for check in view["checks"] if check["why"]]
    lints = [f"{lint['code']} {lint['title']}. {lint['fix']}" for lint in view["lints"]]
    return [
        Section([f"### Plan: {escaped(view['release']['candidate'])}", ""], [], []),
        Section([escaped(verdict_of(view), most=2000), ""], [], []),
        *(_texts(table) for table in (chance_table(view), curve_table(view))),
        _bullets("What would help", advice(view)),
        Section([titles, "|" + "---|" * len(PLAN_TITLES)], rows, [""]),
        _bullets("Taken", [*assumed_sentences(view), *sensitivity_sentences(view)]),
        _bullets("Notes", [*why, *view["notes"]]),
        _bullets("Lints", lints),
        _bullets("Promised", view["promised"]["text"]),
    ]


def _texts(table: Table) -> Section:
    if not table.rows:
        return Section([], [], [])
    head = [cells(table.titles), "|" + "---|" * len(table.titles)]
    return Section(head, [cells(escaped(text) for text in row) for row in table.rows], [""])


_SECTIONS: dict[str, Callable[[View], list[Section]]] = {
    "verdict": _verdict,
    "comparison": _comparison,
    "plan": _plan,
}
