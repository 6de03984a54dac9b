"""Terminal: a verdict, a comparison or a plan as plain text; what counts most stands last."""

from collections.abc import Callable, Sequence

from shipcall.report import aa, studies, terminal_comparison, terminal_plan
from shipcall.report.exhibits import exhibit_lines
from shipcall.report.findings import grouped, tally_text, worst
from shipcall.report.rollout import course_lines, rollout_lines, situation_text
from shipcall.report.screen import Screen, finding_table, shared_need
from shipcall.report.text import clean_view, to_ascii
from shipcall.report.why import explain, find, next_command
from shipcall.report.words import (
    ANSWERS,
    CALLS,
    View,
    call_text,
    consulted,
    counted,
    finding_sentence,
    level_text,
    look_text,
    mark_of,
    moment,
    short_hash,
    whole,
)

_WATCHED = 5
_LISTED = 5
_LABEL = 21


def render(  # noqa: PLR0913
    view: View,
    *,
    width: int = 100,
    colour: bool = False,
    unicode: bool = True,
    slices: str = "worst",
    why: str | None = None,
) -> str:
    """Write a view for a terminal.

    Args:
        view: A verdict, a comparison, a plan, a study or an A/A.
        width: Columns of the terminal; below 60 lines may be longer than it.
        colour: ANSI colours; shape and word stand beside them in any case.
        unicode: False for a stream that is not UTF-8: every character is then ASCII.
        slices: `worst` or `all`.
        why: Id of one check: everything about it instead of the whole verdict.

    Raises:
        UsageError: If the verdict has no check `why`.
    """
    screen = Screen(
        width=max(width, 60), colour=colour, unicode=unicode, every_slice=slices == "all"
    )
    harmless = clean_view(view, ascii_only=not unicode)
    draw = _SCREENS[view["kind"]]
    lines = _explanation(harmless, why, screen) if why is not None else draw(harmless, screen)
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text if unicode else to_ascii(text)


def _verdict(view: View, screen: Screen) -> list[str]:
    return [*_covered(view, screen), *_reservations(view, screen), "", *_call(view, screen)]


def _covered(view: View, screen: Screen) -> list[str]:
    """The findings alone: a person is to call before the verdict is shown."""
    groups = grouped(view["findings"])
    lines = _header(view, screen)
    if view.get("rollout"):
        lines += rollout_lines(view, screen)
    lines += ["", *finding_table(groups.checks, screen, heading="check"), *screen.legend()]
    beside = exhibit_lines(view)
    lines += ["", *beside] if beside else []
    lines += _slices(view, groups.slices, screen)
    lines += _sanity(groups.sanity, screen)
    lines += _watched(groups.watch, screen)
    return lines


def _header(view: View, screen: Screen) -> list[str]:
    release, contract, look = view["release"], view["contract"], view["look"]
    name = f"{release['candidate']} against {release['baseline']}"
    sealed = f"sealed {moment(contract['sealed_at'])}" if contract["sealed"] else "NOT SEALED"
    facts = [
        f"contract {contract['file']} {short_hash(contract['sha256'])}, {sealed}",
        f"as of {moment(view['as_of'])}",
        f"look {look_text(look)}",
        consulted(look),
        *([situation_text(view["rollout"])] if view.get("rollout") else []),
    ]
    lines = screen.head(screen.joined([name, release["surface"], view["stage"]]))
    lines += screen.flow(facts)
    return [*lines, *(line for table in view["evidence"] for line in _table(table, screen))]


def _table(table: View, screen: Screen) -> list[str]:
    units, expected = table.get("units"), table.get("expected_units")
    said = "no units" if units is None else counted(units, "unit")
    if expected is not None:
        said += f" of {whole(expected)} expected"
    clusters = table.get("clusters")
    said += f" in {counted(clusters, 'cluster')}" if clusters is not None else ""
    rows = table.get("rows")
    said += f", {counted(rows, 'row')}" if rows is not None else ", no rows"
    return screen.wrap(f"evidence {table['format']}: {said}")


def _slices(view: View, slices: Sequence[View], screen: Screen) -> list[str]:
    if not slices:
        return []
    selection = worst(slices, view["because"], len(slices) if screen.every_slice else 5)
    shown = list(slices) if screen.every_slice else selection.shown
    each = shared_need(shown)
    said = f", each {each}" if each else ""
    head = f"{counted(len(slices), 'slice')}{said}: {tally_text(slices)}"
    lines = ["", *screen.head(head)]
    lines += finding_table(shown, screen, heading="slice", together=True)
    rest = {} if screen.every_slice else selection.rest
    calm = [f"{whole(n)} {ANSWERS[standing].word}" for standing, n in rest.items()]
    if calm:
        lines += screen.wrap(f"not listed: {', '.join(calm)}; list them with --slices all")
    unassessed = sum(f["standing"] == "ABSENT" for f in slices)
    if unassessed:
        lines += screen.wrap(f"{counted(unassessed, 'slice')} could not be assessed")
    return lines


def _sanity(findings: Sequence[View], screen: Screen) -> list[str]:
    if not findings:
        return ["", screen.paint("sanity: nothing was checked", "open")]
    bad = [f for f in findings if not f["satisfied"]]
    names = ", ".join(f["metric"] for f in findings)
    if not bad:
        said = f"sanity: {whole(len(findings))} of {whole(len(findings))} pass ({names})"
        return ["", *screen.wrap(said)]
    head = f"sanity: {whole(len(bad))} of {whole(len(findings))} do not pass"
    lines = ["", *screen.head(head, "fail"), *finding_table(bad, screen, heading="sanity")]
    reasons: dict[str, list[str]] = {}
    for finding in bad:
        reasons.setdefault(_because_of(finding), []).append(finding["id"])
    for reason, ids in reasons.items():
        named = ids[0] if len(ids) == 1 else f"{ids[0]} and {whole(len(ids) - 1)} more"
        lines += screen.wrap(f"{named}: {reason}", indent=2)
    return lines


def _because_of(finding: View) -> str:
    absent = finding.get("absent")
    if absent:
        return f"{absent['sentence']} {absent['detail']} {absent['next_step']}"
    return finding.get("note") or finding_sentence(finding)


def _watched(findings: Sequence[View], screen: Screen) -> list[str]:
    if not findings:
        return []
    shown = list(findings if screen.every_slice else findings[:_WATCHED])
    head = f"watched, never moves the call: {tally_text(findings)}"
    lines = ["", *screen.head(head), *finding_table(shown, screen, heading="watch")]
    left = len(findings) - len(shown)
    return [*lines, *([f"{whole(left)} more with --slices all"] if left else [])]


def _reservations(view: View, screen: Screen) -> list[str]:
    lines: list[str] = []
    if view["not_assessed"]:
        lines += ["", "not assessed", *screen.bullets(view["not_assessed"])]
    unproven = view["unproven"]
    if unproven:
        lines += ["", *screen.wrap(_unproven(unproven))]
    amendments, lints = view["contract"]["amendments"], view["contract"]["lints"]
    for amendment in amendments:
        said = "; ".join(f"{c['sentence']} ({c['kind']})" for c in amendment["changes"])
        when = f"amended {moment(amendment['at'])} by {amendment['by']}"
        lines += ["", *screen.wrap(f"{when}: {said}. Why: {amendment['why']}")]
    if lints:
        codes = ", ".join(lint["code"] for lint in lints)
        when = " sealed with it" if view["contract"]["sealed"] else ""
        lines += ["", *screen.wrap(f"{counted(len(lints), 'lint')}{when}: {codes}")]
    return lines


def _unproven(unproven: Sequence[str]) -> str:
    names = ", ".join(unproven[:_LISTED])
    left = len(unproven) - _LISTED
    more = f" and {whole(left)} more" if left > 0 else ""
    said = "only had to be not refuted and no error bound speaks of it"
    return f"not proven: {names}{more}; {said}"


def _call(view: View, screen: Screen) -> list[str]:
    mark = CALLS[view["call"]]
    head = call_text(view, unicode=screen.unicode)
    hang = len(head) + 2
    first, *more = screen.wrap(view["sentence"], width=screen.width - hang)
    lines = [screen.rule(), f"{screen.paint(head, mark.tone, strong=True)}  {first}"]
    body = list(more)
    rule = view["rule"]
    room = screen.width - hang
    body += screen.wrap(f"Rule {rule['number']}: {rule['sentence']}", width=room)
    if view["would_change"]:
        body += ["What would change it:", *screen.bullets(view["would_change"], width=room)]
    body += screen.wrap(f"Promised: {' '.join(view['promised']['text'])}", width=room)
    if view.get("aa"):
        body += screen.wrap(view["aa"]["text"], width=room)
    for call in view["calls"]:
        body += screen.wrap(f"Called: {_person(call)}", width=room)
    body += screen.wrap(f"Next: {next_command(view)}", width=room)
    return lines + [" " * hang + line for line in body]


def _person(call: View) -> str:
    blind = ", before the verdict was shown" if call["blind"] else ""
    chance = level_text(call["probability"])
    return f"{call['action']} by {call['by']} at {chance}{blind}: {call['why']}"


def _explanation(view: View, check: str, screen: Screen) -> list[str]:
    finding = find(view, check)
    mark = mark_of(finding)
    lines = [*screen.head(finding["id"]), "", *_picture(finding, screen)]
    lines += course_lines(view, finding, screen) if view.get("rollout") else []
    for line in explain(view, finding):
        first, *more = screen.wrap(line.text, width=screen.width - _LABEL)
        lines.append(f"{line.label:<{_LABEL}}{first}")
        lines += [" " * _LABEL + text for text in more]
    head = mark.text(unicode=screen.unicode)
    hang = len(head) + 2
    first, *more = screen.wrap(finding_sentence(finding), width=screen.width - hang)
    lines += ["", f"{screen.paint(head, mark.tone, strong=True)}  {first}"]
    return [*lines, *(" " * hang + text for text in more)]


def _picture(finding: View, screen: Screen) -> list[str]:
    if finding.get("estimate") is None:
        return []
    return [screen.strip(finding, min(screen.width, 61)), *screen.legend(), ""]


_SCREENS: dict[str, Callable[[View, Screen], list[str]]] = {
    "verdict": _verdict,
    "covered": _covered,
    "comparison": terminal_comparison.draw,
    "plan": terminal_plan.draw,
    "aa": aa.draw,
    "study": studies.draw,
    "studies": studies.draw_list,
}
