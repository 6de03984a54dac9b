"""Answers: what can be wrong with a sheet before anything of it is scored."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from shipcall.practice.language import Case
from shipcall.practice.sheet import Sheet, TriggerAnswer


def faults_of(case: Case, sheet: Sheet, opened: Sequence[str] = ()) -> list[str]:
    """List everything that is wrong with a sheet; what is left open is not wrong.

    Args:
        case: What is asked.
        sheet: The answers.
        opened: Names of panels.
    """
    return [
        *_strange("panel", opened, [panel.name for panel in case.panel]),
        *_strange(
            "option", [sheet.option] if sheet.option else [], [one.name for one in case.option]
        ),
        *_shares("cause", sheet.causes, [cause.name for cause in case.cause]),
        *_no_chance(case, sheet),
        *_shares("claim", sheet.claims, [claim.name for claim in case.claim]),
        *_forecast(case, sheet.forecast),
        *_trigger(case, sheet.trigger),
        *_size(sheet.size),
        *_estimate(sheet),
    ]


def unanswered(case: Case, sheet: Sheet) -> list[str]:
    """Name the parts that the case asks and the sheet leaves open, as the sheet calls them."""
    open_parts = {
        "option": sheet.option is None,
        "causes": not sheet.causes,
        "claims": any(claim.name not in sheet.claims for claim in case.claim),
        "forecast": case.forecast is not None and not sheet.forecast,
        "trigger": case.trigger is not None and sheet.trigger is None,
        "size": case.size is not None and sheet.size is None,
        "reason": not sheet.reason.strip(),
        "estimate": sheet.estimate is None,
    }
    return [part for part, is_open in open_parts.items() if is_open]


def _strange(what: str, names: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"unknown {what} {name!r}; there are: {', '.join(known)}"


def _shares(what: str, stated: Mapping[str, float], known: Sequence[str]) -> Iterator[str]:
    yield from _strange(what, stated, known)
    for name, value in stated.items():
        if not 0 <= value <= 1:
            yield f"{what} {name!r} has the probability {value:g}; it lies between 0 and 1"


def _no_chance(case: Case, sheet: Sheet) -> Iterator[str]:
    named = {cause.name for cause in case.cause} <= sheet.causes.keys()
    if named and not any(value > 0 for value in sheet.causes.values()):
        yield "all causes have the probability 0; one of them is so"


def _forecast(case: Case, stated: Sequence[float]) -> Iterator[str]:
    if not stated or case.forecast is None:
        return
    bins = len(case.forecast.edges) + 1
    if len(stated) != bins:
        yield f"a forecast of {len(stated)} bins; there are {bins}"
    if not all(0 <= value < math.inf for value in stated) or not any(stated):
        yield "the bins of a forecast hold probabilities of at least 0, and not only 0"


def _trigger(case: Case, rule: TriggerAnswer | None) -> Iterator[str]:
    if rule is None or case.trigger is None:
        return
    yield from _strange("scope", [rule.scope], [scope.name for scope in case.trigger.scope])
    if not math.isfinite(rule.bar):
        yield f"the bar of the trigger is {rule.bar:g}; it is a number, in {case.trigger.unit}"
    if not 1 <= rule.window_days <= case.trigger.days:
        yield f"a window of {rule.window_days} days; it is from 1 to {case.trigger.days}"


def _size(stated: float | None) -> Iterator[str]:
    if stated is not None and not 0 < stated < math.inf:
        yield f"a size of {stated:g}; it is a number above 0"


def _estimate(sheet: Sheet) -> Iterator[str]:
    told = sheet.estimate
    if told is not None and not (0 <= told.loss_below <= 1 and 0 <= told.probability <= 1):
        yield (
            f"an estimate of a loss below {told.loss_below:g} with probability "
            f"{told.probability:g}; both lie between 0 and 1"
        )
