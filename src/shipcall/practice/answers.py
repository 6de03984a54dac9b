"""Answers: what a case asks, and how something said becomes a part of the sheet, or is refused.

Both doors send what a person said here. Shares are in [0, 1]; names may be given as their number
on the screen, from 1.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from shipcall.core import UsageError, plain
from shipcall.practice.finished import Mode
from shipcall.practice.language import Case
from shipcall.practice.sheet import SelfEstimate, Sheet, TriggerAnswer

FIELDS: Mapping[str, str] = {
    "contract": "contract",
    "call": "option",
    "causes": "causes",
    "claims": "claims",
    "forecast": "forecast",
    "trigger": "trigger",
    "size": "size",
    "why": "reason",
    "estimate": "estimate",
}
"""Part, as a person calls it -> field of the sheet."""
LONGEST = 20_000
"""Characters of a text or a contract."""


class Named(Protocol):
    """Anything a person can choose by name or number."""

    @property
    def name(self) -> str:
        """Its name."""
        ...


def asked(case: Case, mode: Mode, claim: str | None = None) -> list[str]:
    """List the parts a case asks, in the order of the screen.

    Args:
        case: The case.
        mode: A spot play asks for the call and one claim only.
        claim: The one claim of a spot play.
    """
    if mode == "spot":
        return ["call", "claims"] if claim else ["call"]
    there = {
        "contract": case.stage is not None,
        "claims": bool(case.claim),
        "forecast": case.forecast is not None,
        "trigger": case.trigger is not None,
        "size": case.size is not None,
    }
    return [part for part in FIELDS if there.get(part, True)]


def answered(case: Case, sheet: Sheet, part: str, said: Any) -> Sheet:
    """Put one answer on a sheet.

    Args:
        case: Says what may be answered.
        sheet: What was answered so far.
        part: Key of FIELDS.
        said: As `core.plain` writes the field of the sheet; None takes the answer away.

    Raises:
        UsageError: If the case does not ask it, or the answer makes no sense.
    """
    if part not in FIELDS or part not in asked(case, "stress"):
        raise UsageError(f"this case has no {part!r}. It asks: {', '.join(asked(case, 'stress'))}.")
    if said is None:
        return replace(sheet, **{FIELDS[part]: getattr(Sheet(), FIELDS[part])})
    return replace(sheet, **{FIELDS[part]: _READ[part](case, said)})


def value_of(sheet: Sheet, part: str) -> Any:
    """Give one answer, plain; None where nothing was answered."""
    return plain(getattr(sheet, FIELDS[part])) or None


def open_parts(case: Case, mode: Mode, sheet: Sheet, claim: str | None = None) -> list[str]:
    """List the parts that are asked and not, or not wholly, answered.

    A contract of one's own is an offer: it is never counted as open.
    """
    several = {"causes": len(case.cause), "claims": 1 if claim else len(case.claim)}
    return [
        part
        for part in asked(case, mode, claim)
        if part != "contract" and not _whole(value_of(sheet, part), several.get(part))
    ]


def _whole(value: Any, several: int | None) -> bool:
    return value is not None and (several is None or len(value) >= several)


def chosen(what: str, of: Sequence[Named], said: Any) -> str:
    """Find a name by name or number.

    Raises:
        UsageError: With everything there is to choose from.
    """
    names = [one.name for one in of]
    text = str(said).strip().lower().replace("-", "_").replace(" ", "_")
    if text in names:
        return text
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return names[int(text) - 1]
    there = ", ".join(f"{n} {name}" for n, name in enumerate(names, 1))
    raise UsageError(f"no {what} {str(said)[:60]!r}. There are: {there}.")


def _call(case: Case, said: Any) -> str:
    return chosen("option", case.option, said)


def _causes(case: Case, said: Any) -> dict[str, float]:
    shares = _shares("cause", case.cause, said)
    total = sum(shares.values())
    if len(shares) == len(case.cause):
        if total <= 0:
            raise UsageError("every cause has 0 %. One of them is so: give it some.")
        return {name: share / total for name, share in shares.items()}
    if total > 1 + 1e-9:
        raise UsageError(
            f"these causes add up to {100 * total:.0f} %, and some have nothing yet. Exactly one "
            "is so: stay within 100 %."
        )
    return shares


def _claims(case: Case, said: Any) -> dict[str, float]:
    return _shares("claim", case.claim, said)


def _forecast(case: Case, said: Any) -> tuple[float, ...]:
    edges = case.forecast.edges if case.forecast else []
    if not isinstance(said, Sequence) or isinstance(said, str) or len(said) != len(edges) + 1:
        raise UsageError(f"the forecast has {len(edges) + 1} bins: give each of them its share.")
    shares = [_share(one) for one in said]
    if sum(shares) <= 0:
        raise UsageError("every bin has 0 %. The number will lie in one of them.")
    return tuple(share / sum(shares) for share in shares)


def _trigger(case: Case, said: Any) -> TriggerAnswer:
    form = _keys("trigger", said, {"scope", "bar", "window_days"}, {"action"})
    days = _number(form["window_days"])
    most = case.trigger.days if case.trigger else 0
    if days != int(days) or not 1 <= days <= most:
        raise UsageError(f"a window has whole days, from 1 to {most}; got {days:g}.")
    return TriggerAnswer(
        scope=chosen("scope", case.trigger.scope if case.trigger else [], form["scope"]),
        bar=_number(form["bar"]),
        window_days=int(days),
        action=_text(form.get("action", "ROLL BACK")),
    )


def _size(case: Case, said: Any) -> float:
    del case
    size = _number(said)
    if size <= 0:
        raise UsageError(f"a size is above 0; got {size:g}.")
    return size


def _why(case: Case, said: Any) -> str:
    del case
    return _text(said).strip()


def _contract(case: Case, said: Any) -> str:
    del case
    text = _text(said)
    if not text.strip():
        raise UsageError("this contract is empty. Give a file that says something.")
    return text


def _estimate(case: Case, said: Any) -> SelfEstimate:
    del case
    form = _keys("estimate", said, {"loss_below", "probability"})
    return SelfEstimate(
        loss_below=_share(form["loss_below"]), probability=_share(form["probability"])
    )


_READ: Mapping[str, Callable[[Case, Any], Any]] = {
    "contract": _contract,
    "call": _call,
    "causes": _causes,
    "claims": _claims,
    "forecast": _forecast,
    "trigger": _trigger,
    "size": _size,
    "why": _why,
    "estimate": _estimate,
}


def _shares(what: str, of: Sequence[Named], said: Any) -> dict[str, float]:
    if not isinstance(said, Mapping):
        raise UsageError(f"expected a share for each {what}, by name; got {str(said)[:60]!r}.")
    return {chosen(what, of, name): _share(share) for name, share in said.items()}


def _share(said: Any) -> float:
    share = _number(said)
    if not 0 <= share <= 1:
        raise UsageError(f"a share lies between 0 and 1 (0 % and 100 %); got {share:g}.")
    return share


def _number(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        raise UsageError(f"expected a number, got {str(said)[:60]!r}.")
    return float(said)


def _text(said: Any) -> str:
    if not isinstance(said, str):
        raise UsageError(f"expected a text, got {str(said)[:60]!r}.")
    if len(said) > LONGEST:
        raise UsageError(f"a text of {len(said):,} characters; at most {LONGEST:,} are kept.")
    return said.encode("utf-8", "replace").decode("utf-8")


def _keys(what: str, said: Any, needed: set[str], more: set[str] | None = None) -> dict[str, Any]:
    known = needed | (more or set())
    if not isinstance(said, Mapping) or not needed <= set(said) <= known:
        raise UsageError(f"the {what} needs: {', '.join(sorted(needed))}; got {str(said)[:80]!r}.")
    return dict(said)
