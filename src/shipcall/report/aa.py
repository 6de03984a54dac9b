"""A/A in words: one line beside a verdict, a warning where it is due, and the whole on a screen."""

from collections.abc import Mapping, Sequence

from shipcall.report.screen import Screen
from shipcall.report.words import View, counted, significant, whole

_LISTED = 12
_LABEL = 16


def percent(share: float) -> str:
    """A share with two significant digits: 2.9 %.

    Examples:
        >>> percent(0.0293), percent(0.05), percent(0.0)
        ('2.9 %', '5 %', '0 %')
    """
    return f"{significant(100 * share, 2)} %"


def aa_line(aa: View, release: str) -> str:
    """Say in one line what the A/A beside a verdict showed, or why it no longer counts.

    Args:
        aa: As recorded with the verdict.
        release: Id of the release that is judged.
    """
    elsewhere = "" if aa["release"] == release else f" on {aa['release']}"
    head = f"A/A of {aa['at'][:10]}{elsewhere}"
    if aa["void"]:
        return f"{head} is void: {'; '.join(aa['void'])}. Measure it again: shipcall trial aa."
    if aa["answer"] == "empty":
        return f"{head} says nothing: {aa['why']}."
    return (
        f"{head}: {_pairs(aa)} blocked (at most {percent(aa['whole']['share']['high'])} at 95 %); "
        f"within items {percent(aa['within']['share']['value'])} of "
        f"{whole(aa['within']['judged'])} (promised at most {percent(aa['promised'])})"
        f"{_but(aa)}."
    )


def _pairs(aa: View) -> str:
    pairs, runs = aa["whole"], len(aa["replicates"]["runs"])
    return f"{whole(pairs['blocked'])} of {whole(pairs['judged'])} pairs of {whole(runs)} runs"


def _but(aa: View) -> str:
    """What the numbers of the line do not say by themselves."""
    if aa["answer"] == "apart":
        return "; the runs differ as wholes"
    left = aa["left_out"]
    return f"; without the checks on {', '.join(left)}" if left else ""


def aa_warning(aa: View) -> str | None:
    """Warn of a contract that refuses unchanged models; None where there is nothing to warn of.

    Args:
        aa: As recorded with the verdict.
    """
    if aa["void"] or aa["answer"] not in _WARNINGS:
        return None
    return f"A/A of {aa['at'][:10]}: {_WARNINGS[aa['answer']](aa)}"


def _refuted(aa: View) -> str:
    shares = [
        (aa["whole"]["share"], "pairs of whole runs"),
        (aa["within"]["share"], "draws within items"),
    ]
    share, what = max(shares, key=lambda one: one[0]["low"])
    return (
        f"this contract blocked a model that nobody changed in {percent(share['value'])} of {what} "
        f"(at least {percent(share['low'])} at 95 %), and at most {percent(aa['promised'])} are "
        "promised. A NO SHIP by a guardrail may be one of them."
    )


def _apart(aa: View) -> str:
    drifts = [one for one in aa["drifts"] if one["apart"]]
    said = ", ".join(f"{one['metric']} (p = {significant(one['p_value'], 1)})" for one in drifts)
    return (
        f"runs of the unchanged model differ as wholes: {said}; {_pairs(aa)} blocked. Error rates "
        "are promised for chance on single items; what moves a whole run, such as a judge that "
        "drifts, is not in any interval here."
    )


_WARNINGS = {"refuted": _refuted, "apart": _apart}


def draw(view: View, screen: Screen) -> list[str]:
    """Write a measured A/A as lines; what counts most stands last."""
    runs = view["replicates"]["runs"]
    suite = view["conditions"]["suite"]
    said = f"A/A of {view['subject']}: {whole(len(runs))} runs of one model, {suite['table']}"
    lines = [
        *screen.head(said),
        *screen.wrap(f"{counted(suite['items'], 'item')}, the same in all"),
    ]
    lines += [*screen.wrap(f"runs: {', '.join(runs)}"), "", *_rates(view, screen)]
    lines += [*_checks(view, screen), *_drifts(view, screen), *_notes(view, screen)]
    return [*lines, "", screen.rule(), *screen.wrap(sentence_of(view))]


def sentence_of(view: View) -> str:
    """Say what the A/A means for the promise of the contract."""
    promised = percent(view["promised"])
    if view["answer"] == "empty":
        return f"Nothing was measured: {view['why']}. This is no evidence that the gate is right."
    if view["answer"] in _WARNINGS:
        text = _WARNINGS[view["answer"]](view)
        return text[0].upper() + text[1:]
    high = percent(view["within"]["share"]["high"])
    if view["answer"] == "kept":
        return (
            f"Within items this contract blocks an unchanged model in at most {high} of cases "
            f"(promised: at most {promised}), and nothing says that whole runs differ by more."
        )
    return (
        f"Not shown and not refuted: the rate within items may be as high as {high}, and at most "
        f"{promised} is promised. More draws or more runs may tell."
    )


def _rates(view: View, screen: Screen) -> list[str]:
    pairs, draws = view["whole"], view["within"]
    disjoint = counted(pairs["share"]["n"], "disjoint pair")
    rows = [
        ("whole runs", f"{_rate(pairs, 'ordered pairs')} Pairs share runs: as {disjoint}."),
        ("within items", _rate(draws, "draws")),
        ("promised", f"at most {percent(view['promised'])} for one look; each end holds at 95 %."),
        ("calls", f"whole runs {_calls(pairs)}; within items {_calls(draws)}"),
    ]
    if pairs["goals_refuted"] or draws["goals_refuted"]:
        refuted = f"{whole(pairs['goals_refuted'])} and {whole(draws['goals_refuted'])} times"
        rows.append(("goal refuted", f"{refuted}: no error, there is no gain in an A/A"))
    if pairs["untrusted"] or draws["untrusted"]:
        doubts = {**draws["doubts"], **pairs["doubts"]}
        often = f"{whole(pairs['untrusted'])} and {whole(draws['untrusted'])} times"
        rows.append(("not trusted", f"{often}, so that the gate says HOLD: {', '.join(doubts)}"))
    return _labelled(rows, screen)


def _rate(counts: View, what: str) -> str:
    share = counts["share"]
    return (
        f"{whole(counts['blocked'])} of {whole(counts['judged'])} {what} blocked: "
        f"{percent(share['value'])}, from {percent(share['low'])} to {percent(share['high'])}."
    )


def _labelled(rows: Sequence[tuple[str, str]], screen: Screen) -> list[str]:
    lines = []
    for label, text in rows:
        first, *more = screen.wrap(text, width=screen.width - _LABEL)
        lines.append(f"{label:<{_LABEL}}{first}")
        lines += [" " * _LABEL + line for line in more]
    return lines


def _calls(counts: View) -> str:
    return ", ".join(f"{call} {whole(n)}" for call, n in sorted(counts["calls"].items()))


def _checks(view: View, screen: Screen) -> list[str]:
    """Checks that were in breach or without data, the most often breached first."""
    pairs, draws = view["whole"], view["within"]
    often = _sums([pairs["breached"], draws["breached"]])
    idle = _sums([pairs["absent"], draws["absent"]])
    names = sorted({*often, *idle}, key=lambda n: (-often.get(n, 0), -idle.get(n, 0), n))
    if not names:
        return ["", "no check was in breach or without data"]
    room = max(len("check"), *(len(name) for name in names[:_LISTED])) + 2
    lines = ["", *screen.head(f"{'check':<{room}}breached: whole  within   no data: whole  within")]
    for name in names[:_LISTED]:
        counts = (
            pairs["breached"].get(name, 0),
            draws["breached"].get(name, 0),
            pairs["absent"].get(name, 0),
            draws["absent"].get(name, 0),
        )
        a, b, c, d = (whole(count) for count in counts)
        lines.append(f"{name:<{room}}{a:>15}{b:>8}{c:>17}{d:>8}")
    left = len(names) - _LISTED
    return [*lines, *([f"{whole(left)} more with --json"] if left > 0 else [])]


def _sums(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(part.get(name, 0) for part in parts) for part in parts for name in part}


def _drifts(view: View, screen: Screen) -> list[str]:
    room = max(len("metric"), *(len(one["metric"]) for one in view["drifts"])) + 2
    lines = ["", *screen.head(f"{'metric':<{room}}lowest to highest run    p that runs are alike")]
    for one in view["drifts"]:
        values = one["values"]
        span = "no value"
        if values:
            span = f"{significant(min(values), 4)} to {significant(max(values), 4)}"
        said = significant(one["p_value"], 2) if one["varies"] else "never varies"
        apart = "   differ as wholes" if one["apart"] else ""
        lines.append(f"{one['metric']:<{room}}{span:<25}{said}{apart}")
    return lines


def _notes(view: View, screen: Screen) -> list[str]:
    notes = []
    still = [one["metric"] for one in view["drifts"] if not one["varies"]]
    if still and view["answer"] != "empty":
        notes.append(
            f"{', '.join(still)}: every run gave the same number on every item, so that these "
            "checks could not err by chance."
        )
    if view["left_out"]:
        notes.append(f"not measured here: the checks on {', '.join(view['left_out'])}.")
    return ["", *screen.bullets(notes)] if notes else []
