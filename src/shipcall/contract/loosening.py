"""Loosening: for every key of a contract, which way makes it easier to ship.

A comparison answers 1 (the new value is looser), -1 (tighter), 0 (as strict), or None: the two
cannot be compared, so the promise is another one.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from shipcall.contract.amount import Amount
from shipcall.contract.duration import hours
from shipcall.contract.positions import Path

Compare = Callable[[Any, Any], int | None]

_ANY = "*"


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)


def more(old: Any, new: Any) -> int | None:
    """A greater value is looser; no value is no limit."""
    before = math.inf if old is None else old
    after = math.inf if new is None else new
    return (after > before) - (after < before)


def less(old: Any, new: Any) -> int | None:
    """A smaller value is looser; no value asks for nothing."""
    before = -math.inf if old is None else old
    after = -math.inf if new is None else new
    return (after < before) - (after > before)


def longer(old: str | None, new: str | None) -> int | None:
    """A longer duration is looser; none is no limit."""
    return more(hours(old) if old else None, hours(new) if new else None)


def more_amount(old: Amount, new: Amount) -> int | None:
    """A greater amount is looser, if both are amounts of the same thing."""
    if old.relative != new.relative and old.value and new.value:
        return None
    return _sign(new.value - old.value)


def less_amount(old: Amount, new: Amount) -> int | None:
    """A smaller amount is looser, if both are amounts of the same thing."""
    way = more_amount(old, new)
    return None if way is None else -way


def along(*groups: tuple[Any, ...]) -> Compare:
    """Compare choices that are listed from strict to loose; those of one group are as strict."""
    rank = {choice: at for at, group in enumerate(groups) for choice in group}

    def compare(old: Any, new: Any) -> int | None:
        return _sign(rank[new] - rank[old])

    return compare


def fewer_steps(old: tuple[float, ...], new: tuple[float, ...]) -> int | None:
    """Shares of a rollout: leaving steps out is looser."""
    before, after = set(old), set(new)
    if after <= before or before <= after:
        return _sign(len(before) - len(after))
    return None


def shorter_waits(old: tuple[float, ...] | None, new: tuple[float, ...] | None) -> int | None:
    """Hours before each step: waiting less somewhere and nowhere more is looser."""
    old, new = old or (), new or ()
    length = max(len(old), len(new))
    pairs = zip(_padded(old, length), _padded(new, length), strict=True)
    ways = {_sign(before - after) for before, after in pairs} - {0}
    return ways.pop() if len(ways) == 1 else (None if ways else 0)


def _padded(values: tuple[float, ...], length: int) -> tuple[float, ...]:
    return values + (0.0,) * (length - len(values))


def wider(old: Any, new: Any) -> int | None:
    """A bar on both sides: room that contains the other room is looser."""
    if isinstance(old, tuple) != isinstance(new, tuple):
        return None
    before = old if isinstance(old, tuple) else (-old, old)
    after = new if isinstance(new, tuple) else (-new, new)
    down, up = _sign(before[0] - after[0]), _sign(after[1] - before[1])
    return None if down * up < 0 else _sign(down + up)


_BAR: Mapping[str, Compare] = {
    "better_by": less_amount,
    "may_lose": more_amount,
    "at_least": less,
    "at_most": more,
    "within": wider,
}


def bar(old: Mapping[str, Any], new: Mapping[str, Any]) -> int | None:
    """The bar of a check, under whatever key it was written."""
    ((was, before),) = old.items()
    ((now, after),) = new.items()
    if was == now:
        return _BAR[was](before, after)
    if {was, now} == {"better_by", "may_lose"}:
        room = before.value + after.value
        return 0 if room == 0 else 1 if now == "may_lose" else -1
    return None


_RULES: tuple[tuple[Path, Compare], ...] = (
    (("risk", _ANY), more),
    (("evidence", _ANY, "max_missing"), more),
    (("evidence", _ANY, "expect", _ANY), less),
    (("harness", "repeats"), less),
    (("metric", _ANY, "judge_agreement"), less),
    (("check", _ANY, "bar"), bar),
    (("check", _ANY, "stage"), along(("gate", "shadow", "rollout"), ("drift", "cohort"))),
    (("check", _ANY, "role"), along(("goal", "guardrail"), ("sanity",), ("watch",))),
    (("check", _ANY, "need"), along((None, "shown"), ("not_refuted",))),
    (("check", _ANY, "on_breach"), along((None, "NO SHIP", "ROLL BACK"), ("HOLD",))),
    (("slices", "may_lose"), more_amount),
    (("slices", "need"), along(("shown",), ("not_refuted",))),
    (("shadow", "min_pairs"), less),
    (("shadow", "min_days"), less),
    (("shadow", "max_days"), more),
    (("shadow", "review_sample"), less),
    (("shadow", "cover", "slices"), along(("all",), ("protected",))),
    (("shadow", "cover", "min_pairs"), less),
    (("shadow", _ANY, "at_most"), more),
    (("rollout", "stages"), fewer_steps),
    (("rollout", "min_hours"), shorter_waits),
    (("rollout", "max_days"), more),
    (("rollout", "max_silence"), longer),
    (("rollout", "at_deadline"), along(("ROLL BACK",), ("NO SHIP",), ("HOLD",))),
    (("rollout", "holdback"), less),
    (("prediction", _ANY, "expect", _ANY), less),
    (("decision", "override"), along(("forbidden",), ("allowed",))),
    (("decision", "blind"), along((True,), (False,))),
)
_REDEFINING: tuple[Path, ...] = (
    ("metric", _ANY, _ANY),
    ("unit", _ANY),
    ("evidence", _ANY, _ANY),
    ("evidence", _ANY, _ANY, _ANY),
    ("release", "baseline"),
    ("release", "candidate"),
    ("harness", "eval_set", _ANY),
    ("harness", "scorer"),
    ("check", _ANY, "metric"),
    ("check", _ANY, "slice"),
    ("check", _ANY, "stage"),
    ("slices", "metric"),
    ("slices", "correction"),
    ("shadow", _ANY, "metric"),
    ("shadow", "disagreement", _ANY),
    ("rollout", "bucketing"),
)


def rule_of(path: Path) -> Compare | None:
    """The comparison for a key, or None where no direction is looser."""
    return next((compare for pattern, compare in _RULES if _fits(pattern, path)), None)


def redefines(path: Path) -> bool:
    """Does a change here make findings before and after speak of different things?"""
    return any(_fits(pattern, path) for pattern in _REDEFINING)


def _fits(pattern: Path, path: Path) -> bool:
    return len(pattern) == len(path) and all(
        wanted in (_ANY, part) for wanted, part in zip(pattern, path, strict=True)
    )
