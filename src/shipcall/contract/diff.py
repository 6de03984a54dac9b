"""Diff: what changed between two contracts, with loosening named as loosening.

    contract -> facts (path -> value) -> pairs that differ -> Change

Every promise becomes facts under paths that do not depend on its place in the file, so that
reordering is no change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from shipcall.contract.amount import Amount
from shipcall.contract.contract import CheckSpec, Contract, Failure, Prediction
from shipcall.contract.loosening import redefines, rule_of
from shipcall.contract.positions import Path

ChangeKind = Literal["loosened", "tightened", "neutral", "removed", "added"]

_BARS = frozenset({"better_by", "may_lose", "at_least", "at_most", "within"})
_PROMISING_ROLES = ("goal", "guardrail", "sanity")
_PROMISING = frozenset(
    {
        ("slices",),
        ("slices", "by"),
        ("slices", "protected"),
        ("shadow",),
        ("shadow", "disagreement"),
        ("shadow", "safety"),
        ("shadow", "latency"),
        ("rollout",),
        ("decision", "signatures"),
    }
)
"""What the contract can lose only by being loosened."""
_KIND_OF_WAY: Mapping[int, ChangeKind] = {1: "loosened", 0: "neutral", -1: "tightened"}
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two contracts."""

    path: str
    """Where: `check.gate.recall.bar`."""
    old: str | None
    """As text; None where nothing was."""
    new: str | None
    kind: ChangeKind
    sentence: str
    """For people: what became of what, named loosened where it is easier to ship now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """Something that can only be there or not: a check, a protected slice, a section."""

    noun: str
    promising: bool

    def __str__(self) -> str:
        return self.noun


_Facts = dict[Path, Any]


def diff(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Compare two contracts, promise by promise.

    Each key is judged alone. Where two values cannot be compared (an absolute against a
    relative budget, another metric) the change is neutral and its sentence says redefined: a
    person has to read it. Do not count loosened changes to prove that nothing was loosened.

    Args:
        old: The contract that was sealed.
        new: The one that would replace it.

    Returns:
        Changes ordered by path; none where the two say the same.
    """
    before, after = _facts(old), _facts(new)
    found: list[Change] = []
    for path in sorted({*before, *after}, key=_parts):
        was, now = before.get(path, _ABSENT), after.get(path, _ABSENT)
        if not _same(was, now) and not _inside_other(path, before, after):
            found.extend(_changes(path, was, now, protecting=_protects(before, after)))
    return tuple(found)


def _facts(contract: Contract) -> _Facts:
    facts: _Facts = {}
    _collect(contract, (), facts)
    for check in contract.check:
        _collect_check(check, facts)
    for prediction in contract.prediction:
        path: Path = ("prediction", f"{prediction.offline} -> {prediction.online}")
        _collect_item(prediction, path, "prediction", facts)
    for failure in contract.failure:
        _collect_item(failure, ("failure", failure.mode), "failure mode", facts)
    return facts


def _collect_check(check: CheckSpec, facts: _Facts) -> None:
    path: Path = ("check", check.id)
    promising = check.role in _PROMISING_ROLES
    facts[path] = _Whole(noun=f"{check.role} {check.id!r}", promising=promising)
    facts[(*path, "bar")] = check.bars()
    for name in set(CheckSpec.model_fields) - _BARS - {"id"}:
        facts[(*path, name)] = getattr(check, name)


def _collect_item(item: Prediction | Failure, path: Path, noun: str, facts: _Facts) -> None:
    while path in facts:
        path = (path[0], f"{path[1]} again")
    facts[path] = _Whole(noun=noun, promising=False)
    _collect(item, path, facts)


def _collect(section: BaseModel, path: Path, facts: _Facts) -> None:
    for name in type(section).model_fields:
        if path or name not in ("check", "prediction", "failure"):
            optional = type(section).model_fields[name].default is None
            _collect_value(getattr(section, name), (*path, name), facts, optional=optional)


def _collect_value(value: Any, path: Path, facts: _Facts, *, optional: bool) -> None:
    if isinstance(value, BaseModel):
        if optional:
            facts[path] = _Whole(noun=f"section {_text_of(path)}", promising=path in _PROMISING)
        _collect(value, path, facts)
    elif isinstance(value, dict):
        for key, item in value.items():
            _collect_value(item, (*path, key), facts, optional=True)
    elif isinstance(value, list):
        _collect_list(value, path, facts)
    else:
        facts[path] = value


def _collect_list(values: list[Any], path: Path, facts: _Facts) -> None:
    """Names are a set; numbers keep their order."""
    if all(isinstance(item, str) for item in values):
        noun = _text_of(path)
        for item in values:
            facts[(*path, item)] = _Whole(noun=f"{noun} {item!r}", promising=path in _PROMISING)
    else:
        facts[path] = tuple(values)


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, Amount) and isinstance(now, Amount):
        return was[:2] == now[:2]
    if isinstance(was, dict) and isinstance(now, dict):
        return was.keys() == now.keys() and all(_same(was[key], now[key]) for key in was)
    if isinstance(was, _Whole) and isinstance(now, _Whole):
        return True
    nothing = (None, _ABSENT, ())
    return bool(was == now) or (was in nothing and now in nothing)


def _inside_other(path: Path, before: _Facts, after: _Facts) -> bool:
    """Is this a part of something that is there on one side only, and told as a whole?"""
    for length in range(1, len(path)):
        around = path[:length]
        if isinstance(before.get(around), _Whole) != isinstance(after.get(around), _Whole):
            return True
    return False


def _protects(*sides: _Facts) -> bool:
    return any(path[:2] == ("slices", "protected") for facts in sides for path in facts)


def _changes(path: Path, was: Any, now: Any, *, protecting: bool) -> Iterator[Change]:
    if isinstance(was, _Whole) or isinstance(now, _Whole):
        yield _came_or_went(path, was, now)
    elif path == ("slices", "min_units"):
        yield from _other_least_units(path, was, now, protecting=protecting)
    else:
        yield _turned(path, _present(was), _present(now))


def _present(value: Any) -> Any:
    return None if value is _ABSENT else value


def _came_or_went(path: Path, was: Any, now: Any) -> Change:
    gone = isinstance(was, _Whole)
    whole: _Whole = was if gone else now
    kind: ChangeKind = "removed" if gone else "added"
    verb = kind
    if whole.promising:
        kind = "loosened" if gone else "tightened"
    word = kind.capitalize()
    return Change(
        path=_text_of(path),
        old=str(was) if gone else None,
        new=None if gone else str(now),
        kind=kind,
        sentence=f"{word}: {whole} was {verb}." if whole.promising else f"{word}: {whole}.",
    )


def _other_least_units(path: Path, was: int, now: int, *, protecting: bool) -> Iterator[Change]:
    """Fewer units make a protected slice easier to show, and let fewer others go unjudged."""
    fewer = now < was
    words = f"slices.min_units goes from {was} to {now}"
    if protecting:
        yield Change(
            path=_text_of(path),
            old=str(was),
            new=str(now),
            kind="loosened" if fewer else "tightened",
            sentence=f"{'Loosened' if fewer else 'Tightened'}: {words}; protected slices need "
            f"{'less' if fewer else 'more'} evidence.",
        )
    yield Change(
        path=_text_of(path),
        old=str(was),
        new=str(now),
        kind="tightened" if fewer else "loosened",
        sentence=f"{'Tightened' if fewer else 'Loosened'}: {words}; "
        f"{'more' if fewer else 'fewer'} of the other slices are judged at all.",
    )


def _turned(path: Path, was: Any, now: Any) -> Change:
    compare = rule_of(path)
    way = compare(was, now) if compare is not None else 0
    kind = _KIND_OF_WAY[way or 0]
    words = f"{_text_of(path)} goes from {_shown(was)} to {_shown(now)}"
    if kind != "neutral":
        sentence = f"{kind.capitalize()}: {words}."
    elif way is None or redefines(path):
        sentence = f"Redefined: {words}; before and after are not the same promise."
    else:
        sentence = f"Changed: {words}."
    return Change(
        path=_text_of(path),
        old=None if was is None else _shown(was),
        new=None if now is None else _shown(now),
        kind=kind,
        sentence=sentence,
    )


def _shown(value: Any) -> str:
    if isinstance(value, Amount):
        return value.text
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in sorted(value.items())) or "all"
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(inner) for inner in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return "nothing" if value is None else str(value)


def _parts(path: Path) -> tuple[str, ...]:
    return tuple(str(part) for part in path)


def _text_of(path: Path) -> str:
    return ".".join(str(part) for part in path)
