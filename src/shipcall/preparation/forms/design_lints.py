"""Design lints: what is missing from a design or contradicts itself, by its place in the answer.

Only what two readers would agree on is asked: is something written, does it hold a number in
digits, does a name occur where it has to. A number in words is asked about once too often.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shipcall.preparation.forms.imof import (
    SYSTEM,
    Dependency,
    Design,
    Loop,
    Output,
    Part,
    Signal,
    Source,
    Watched,
    numbered,
    written,
)

RULES = {
    "part-missing": "A part without a line is a part nobody has thought about.",
    "blank-field": "A field was left blank.",
    "no-number": "Without a number in digits nobody can tell whether it has been reached.",
    "no-calibration": "A threshold on a confidence that nobody calibrated means nothing.",
    "no-fallback": "The output is a guess, and people get nothing else where it is a poor one.",
    "fallback-is-action": "The fallback is the action once more.",
    "no-bias": "Nothing is without a bias; name whom it counts too much or too little.",
    "no-channel": "A signal changes the interface or teaches the model: say which.",
    "never-stops": "Learning that nothing stops follows its own errors.",
    "no-owner": "Data without an owner changes without a word.",
    "unknown-name": "It names something that is nowhere in the answer.",
    "source-unwatched": "The model reads a source that no dependency looks after.",
    "loop-unseen": "A signal teaches the model, and no loop says what comes of that.",
    "name-twice": "Two things share a name, so what refers to it refers to both.",
}
"""What is asked, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignLint:
    """One place at which a rule does not hold."""

    rule: str
    path: str
    """Of the field, counted from 1: `output.1.fallback`."""
    quote: str
    """What stands there; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """How much of one part is there."""

    part: str
    items: int
    """Lines of it with at least one written field."""
    written: int
    fields: int
    """Fields of all its lines, or of one line where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignScore:
    """What is there, and what is to be asked. No sum of it is made."""

    parts: tuple[PartCount, ...]
    lints: tuple[DesignLint, ...]
    holds: tuple[str, ...]
    """Rules that hold everywhere."""


def score_design(design: Design) -> DesignScore:
    """Count the parts of a design and ask what can be asked without an opinion.

    Args:
        design: The answer. A blank one breaks rules; it never passes for want of lines.
    """
    counts = tuple(_count(name, parts) for name, parts in _parts(design))
    found = tuple(_asked(design, counts))
    broken = {one.rule for one in found}
    empty = {one.part for one in counts if not one.items}
    holds = tuple(rule for rule in RULES if rule not in broken and not _RESTS_ON[rule] & empty)
    return DesignScore(parts=counts, lints=found, holds=holds)


_ALL = frozenset({"input", "model", "output", "feedback", *SYSTEM})
_RESTS_ON = {
    "part-missing": frozenset[str](),
    "blank-field": _ALL,
    "no-number": _ALL - {"model"},
    "no-calibration": frozenset({"output"}),
    "no-fallback": frozenset({"output"}),
    "fallback-is-action": frozenset({"output"}),
    "no-bias": frozenset({"input", "feedback"}),
    "no-channel": frozenset({"feedback"}),
    "never-stops": frozenset({"feedback", "loop"}),
    "no-owner": frozenset({"dependency"}),
    "unknown-name": frozenset({"loop", "dependency"}),
    "source-unwatched": frozenset({"input", "dependency"}),
    "loop-unseen": frozenset({"feedback", "loop"}),
    "name-twice": frozenset({"input", "feedback"}),
}
"""Parts without which a rule says nothing: it is then not said to hold."""


def _parts(design: Design) -> Iterator[tuple[str, Sequence[Part]]]:
    yield "input", design.input.source
    yield "model", (design.model,)
    yield "output", design.output
    yield "feedback", design.feedback.signal
    for name in SYSTEM:
        yield name, getattr(design, name)


_SHAPES: dict[str, type[Part]] = {
    "input": Source,
    "output": Output,
    "feedback": Signal,
    "loop": Loop,
    "dependency": Dependency,
}


def _count(name: str, parts: Sequence[Part]) -> PartCount:
    told = [[_told(value) for _, value in part] for part in parts]
    fields = sum(len(one) for one in told)
    return PartCount(
        part=name,
        items=sum(any(one) for one in told),
        written=sum(sum(one) for one in told),
        fields=fields or len(_SHAPES.get(name, Watched).model_fields),
    )


def _told(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(written(str(one)) for one in value)
    return written(str(value))


def _asked(design: Design, counts: Sequence[PartCount]) -> Iterator[DesignLint]:
    for count in counts:
        if not count.items:
            yield DesignLint(rule="part-missing", path=count.part, quote="")
    missing = {count.part for count in counts if not count.items}
    for ask in (_inputs, _outputs, _signals, _watched, _names):
        for found in ask(design):
            if found.path.split(".")[0] not in missing:
                yield found


def _blanks(path: str, part: Part, *names: str, rule: str = "blank-field") -> Iterator[DesignLint]:
    for name in names:
        if not _told(getattr(part, name)):
            yield _lint(rule, path, part, name)


def _numbers(path: str, part: Part, *names: str) -> Iterator[DesignLint]:
    for name in names:
        if not numbered(getattr(part, name)):
            yield _lint("no-number", path, part, name)


def _lint(rule: str, path: str, part: Part, name: str) -> DesignLint:
    value = getattr(part, name)
    quote = "; ".join(value) if isinstance(value, tuple) else value
    return DesignLint(rule=rule, path=f"{path}.{name}", quote=quote.strip())


def _inputs(design: Design) -> Iterator[DesignLint]:
    for at, one in enumerate(design.input.source, 1):
        path = f"input.source.{at}"
        yield from _blanks(path, one, "name", "gaps")
        yield from _blanks(path, one, "bias", rule="no-bias")
        yield from _numbers(path, one, "freshness")
    if _told(design.model.function) or _told(design.model.assumptions):
        yield from _blanks("model", design.model, "function", "assumptions")


def _outputs(design: Design) -> Iterator[DesignLint]:
    for at, one in enumerate(design.output, 1):
        path = f"output.{at}"
        yield from _blanks(path, one, "action")
        yield from _numbers(path, one, "threshold")
        yield from _blanks(path, one, "calibration", rule="no-calibration")
        yield from _blanks(path, one, "fallback", rule="no-fallback")
        if written(one.fallback) and _same(one.fallback, one.action):
            yield _lint("fallback-is-action", path, one, "fallback")


def _signals(design: Design) -> Iterator[DesignLint]:
    for at, one in enumerate(design.feedback.signal, 1):
        path = f"feedback.signal.{at}"
        yield from _blanks(path, one, "name", "meaning")
        yield from _blanks(path, one, "bias", rule="no-bias")
        yield from _blanks(path, one, "teaches", rule="no-channel")
        yield from _numbers(path, one, "delay")
    if design.feedback.signal:
        yield from _blanks("feedback", design.feedback, "stop", rule="never-stops")


def _watched(design: Design) -> Iterator[DesignLint]:
    for name in SYSTEM:
        for at, one in enumerate(getattr(design, name), 1):
            path = f"{name}.{at}"
            yield from _blanks(path, one, "what", "metric", "action")
            yield from _numbers(path, one, "threshold", "window")
    for at, loop in enumerate(design.loop, 1):
        yield from _blanks(f"loop.{at}", loop, "stop", rule="never-stops")
    for at, dependency in enumerate(design.dependency, 1):
        yield from _blanks(f"dependency.{at}", dependency, "owner", rule="no-owner")
        yield from _numbers(f"dependency.{at}", dependency, "stale_after")


def _names(design: Design) -> Iterator[DesignLint]:
    """Hold names against each other: what refers to something, and what nothing refers to."""
    sources, signals = design.input.source, design.feedback.signal
    yield from _twice("input.source", sources)
    yield from _twice("feedback.signal", signals)
    yield from _strange("loop", design.loop, "signal", [one.name for one in signals])
    yield from _strange("dependency", design.dependency, "source", [one.name for one in sources])
    watched = [one.source for one in design.dependency]
    yield from _strange("input.source", sources, "name", watched, rule="source-unwatched")
    looped = [one.signal for one in design.loop]
    for at, signal in enumerate(signals, 1):
        if signal.teaches == "model" and not _among(signal.name, looped):
            yield _lint("loop-unseen", f"feedback.signal.{at}", signal, "name")


def _strange(
    path: str, parts: Sequence[Part], name: str, known: Sequence[str], rule: str = "unknown-name"
) -> Iterator[DesignLint]:
    for at, one in enumerate(parts, 1):
        if not _among(getattr(one, name), known):
            yield _lint(rule, f"{path}.{at}", one, name)


def _twice(path: str, parts: Sequence[Source | Signal]) -> Iterator[DesignLint]:
    for at, one in enumerate(parts, 1):
        if _among(one.name, [other.name for other in parts[: at - 1]]):
            yield _lint("name-twice", f"{path}.{at}", one, "name")


def _among(name: str, names: Sequence[str]) -> bool:
    return written(name) and any(_same(name, other) for other in names)


def _same(one: str, other: str) -> bool:
    return " ".join(one.lower().split()) == " ".join(other.lower().split())
