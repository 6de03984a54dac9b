"""Fields: the answer sheet as the fields of a form, and a form as answers.

Shares are typed in percent. What stands in a field and was not touched is no answer: it would
only be rounded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shipcall.core import UsageError
from shipcall.web.page import View

Form = Mapping[str, str]
WHOLE = 0.5
"""Percent by which bins may miss 100 while some are empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a form says."""

    said: Mapping[str, Any]
    """Part -> answer, in the order of the sheet; None takes an answer away."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Part -> why it is no answer yet."""


def fields_of(part: View) -> dict[str, str]:
    """Write one part of the sheet as its fields.

    Args:
        part: One of `parts` of the view of a desk.
    """
    return _PARTS[part["part"]].write(part)


def answers_of(view: View, form: Form) -> Read:
    """Read every part of a form whose fields were touched.

    Args:
        view: The desk.
        form: Fields, as `fields_of` names them; a part without any is left alone.
    """
    said: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for part in view["parts"]:
        there = fields_of(part)
        typed = {name: _line_ends(form[name]) for name in there if name in form}
        if not typed or all(there[name].strip() == text for name, text in typed.items()):
            continue
        try:
            said[part["part"]] = _PARTS[part["part"]].read(part, {**there, **typed})
        except UsageError as wrong:
            refused[part["part"]] = str(wrong)
    return Read(said=said, refused=refused)


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def percents(share: float | None) -> str:
    """Write a share for a field: in percent, to one digit.

    Examples:
        >>> percents(0.4), percents(1 / 3), percents(None)
        ('40', '33.3', '')
    """
    if share is None:
        return ""
    text = f"{100 * share:.1f}"
    return text.removesuffix(".0")


def _number(text: str, what: str) -> float:
    try:
        return float(text.replace(",", "").replace("_", "").removesuffix("%"))
    except ValueError as wrong:
        raise UsageError(f"{what}: {text[:40]!r} is no number.") from wrong


def _share(text: str, what: str) -> float:
    share = _number(text, what)
    if not 0 <= share <= 100:
        raise UsageError(f"{what}: give 0 to 100, in percent; got {text[:40]}.")
    return share / 100


def _write_call(part: View) -> dict[str, str]:
    return {"call": part["said"] or ""}


def _read_call(part: View, form: Form) -> str | None:
    del part
    return form["call"] or None


def _write_shares(part: View) -> dict[str, str]:
    said = part["said"] or {}
    return {
        f"{part['part']}.{one['name']}": percents(said.get(one["name"])) for one in part["asked"]
    }


def _read_shares(part: View, form: Form) -> dict[str, float] | None:
    given = {one["name"]: (form[f"{part['part']}.{one['name']}"], one) for one in part["asked"]}
    return {name: _share(text, one["title"]) for name, (text, one) in given.items() if text} or None


def _write_forecast(part: View) -> dict[str, str]:
    said: Sequence[float | None] = part["said"] or [None] * (len(part["asked"]["edges"]) + 1)
    return {f"forecast.{place}": percents(share) for place, share in enumerate(said)}


def _read_forecast(part: View, form: Form) -> list[float] | None:
    texts = [form[f"forecast.{place}"] for place in range(len(part["asked"]["edges"]) + 1)]
    if not any(texts):
        return None
    shares = [_share(text, f"bin {n}") if text else 0.0 for n, text in enumerate(texts, 1)]
    if not all(texts) and abs(100 * sum(shares) - 100) > WHOLE:
        raise UsageError(f"{100 * sum(shares):.0f} % so far; spread 100 % over the bins.")
    return shares


def _write_trigger(part: View) -> dict[str, str]:
    said = part["said"] or {"scope": "", "bar": "", "window_days": ""}
    return {f"trigger.{name}": _plain(said[name]) for name in ("scope", "bar", "window_days")}


def _read_trigger(part: View, form: Form) -> dict[str, Any] | None:
    del part
    scope, bar, days = (form[f"trigger.{name}"] for name in ("scope", "bar", "window_days"))
    if not bar and not days:
        return None
    if not (scope and bar and days):
        raise UsageError("a trigger says where, above which bar, and over how many days.")
    return {
        "scope": scope,
        "bar": _number(bar, "the bar"),
        "window_days": _number(days, "the days"),
    }


def _write_size(part: View) -> dict[str, str]:
    return {"size": "" if part["said"] is None else _plain(part["said"])}


def _read_size(part: View, form: Form) -> float | None:
    del part
    return _number(form["size"], "how many") if form["size"] else None


def _write_text(part: View) -> dict[str, str]:
    said = part["said"]
    return {part["part"]: said["text"] if isinstance(said, Mapping) else said or ""}


def _read_text(part: View, form: Form) -> str | None:
    return form[part["part"]] or None


def _write_estimate(part: View) -> dict[str, str]:
    said = part["said"] or {}
    return {f"estimate.{name}": percents(said.get(name)) for name in _ESTIMATE}


def _read_estimate(part: View, form: Form) -> dict[str, float] | None:
    del part
    texts = {name: form[f"estimate.{name}"] for name in _ESTIMATE}
    if not any(texts.values()):
        return None
    if not all(texts.values()):
        raise UsageError("an estimate is two numbers: a loss, and how sure you are.")
    return {name: _share(text, _ESTIMATE[name]) for name, text in texts.items()}


def _plain(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


_ESTIMATE = {"loss_below": "the loss", "probability": "how sure you are"}


@dataclass(frozen=True, slots=True)
class _Part:
    write: Callable[[View], dict[str, str]]
    read: Callable[[View, Form], Any]


_PARTS: Mapping[str, _Part] = {
    "contract": _Part(_write_text, _read_text),
    "call": _Part(_write_call, _read_call),
    "causes": _Part(_write_shares, _read_shares),
    "claims": _Part(_write_shares, _read_shares),
    "forecast": _Part(_write_forecast, _read_forecast),
    "trigger": _Part(_write_trigger, _read_trigger),
    "size": _Part(_write_size, _read_size),
    "why": _Part(_write_text, _read_text),
    "estimate": _Part(_write_estimate, _read_estimate),
}
