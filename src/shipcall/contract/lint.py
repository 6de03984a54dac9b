"""Lint: what a strong reviewer would ask about a contract that has no faults.

A lint never stops anything. It is shown by `check` and recorded with the seal, so that nobody
can say later that it was not asked.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from shipcall.contract.contract import Contract
from shipcall.contract.course import OFFLINE
from shipcall.contract.duration import hours
from shipcall.contract.positions import Path, Positions, scan
from shipcall.metrics.kinds import KINDS

_WEEK_DAYS = 7
_SHA256_DIGITS = 64
_FEWEST_WORDS = 5
_EMPTY_WORDS = ("good enough", "as good as", "acceptable", "reasonable", "state of the art")
_FALLBACK_WORDS = (
    "fall",
    "below",
    "otherwise",
    "else",
    "when",
    "if ",
    "abstain",
    "hand",
    "human",
    "default",
    "refuse",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """One question of a reviewer."""

    code: str
    """Stable, such as W204."""
    title: str
    why: str
    fix: str
    path: Path
    """What it is about, in the contract; () for something that is not there at all."""
    line: int | None = None


_Found = Iterator[Lint]


def lint(
    contract: Contract, *, text: str = "", measurable: Collection[str] | None = None
) -> tuple[Lint, ...]:
    """Ask what a strong reviewer would ask.

    Words are judged by a short list only: a fallback in other words is asked about once more.

    Args:
        contract: A contract without faults.
        text: The text it was read from, for line numbers.
        measurable: Kinds of metric this version can measure; None asks nothing about that.
    """
    found = [one for ask in _QUESTIONS for one in ask(contract)]
    if measurable is not None:
        found.extend(_unmeasurable(contract, measurable))
    positions = scan(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    placed = [_placed(one, positions) for one in found]
    return tuple(sorted(placed, key=lambda one: (one.code, one.line or 0, str(one.path))))


def _placed(one: Lint, positions: Positions) -> Lint:
    place = positions.key(one.path)
    line = place.line if place else None
    return replace(one, line=line)


def _levels(contract: Contract) -> _Found:
    present = {spec.level for spec in contract.metric.values()}
    asked = {"model": "W201", "product": "W202", "safety": "W203"}
    why = {
        "model": "a gain for users that no number of the model explains cannot be repeated",
        "product": "a better model that no user notices is not a better product",
        "safety": "harm that nobody measures is found by the people who suffer it",
    }
    for level, code in asked.items():
        if level not in present:
            yield Lint(
                code=code,
                title=f"no metric of level {level}",
                why=why[level],
                fix=f'add a metric with level = "{level}" to [metric], and a check on it',
                path=("metric",),
            )


def _blocking(contract: Contract) -> _Found:
    roles = {check.role for check in contract.check}
    if "guardrail" not in roles and contract.slices is None:
        yield Lint(
            code="W204",
            title="no numbers that block",
            why="without a guardrail nothing can stop this release but a missing gain",
            fix='add a [[check]] with role = "guardrail" and a bar, or [slices]',
            path=("check",),
        )
    if "goal" not in roles:
        yield Lint(
            code="W205",
            title="no goal",
            why="a contract that promises no gain can never be called SHIP",
            fix='add a [[check]] with role = "goal"',
            path=("check",),
        )


def _slices(contract: Contract) -> _Found:
    scoped = any(check.slice for check in contract.check)
    if contract.slices is None and not scoped:
        yield Lint(
            code="W206",
            title="no slice beyond the aggregate",
            why="an average can rise while everybody in one country loses",
            fix="add [slices] with the columns that matter and a budget",
            path=(),
        )


def _triggers(contract: Contract) -> _Found:
    guarded = {check.stage for check in contract.check if check.role == "guardrail"}
    if contract.rollout is not None and "rollout" not in guarded:
        yield Lint(
            code="W207",
            title="no rollback trigger",
            why="people will be exposed and no number can end that",
            fix='add a [[check]] with stage = "rollout" and role = "guardrail"',
            path=("rollout",),
        )
    shadow = contract.shadow
    bars = shadow and (shadow.safety or shadow.disagreement or shadow.latency)
    if shadow is not None and not bars and "shadow" not in guarded:
        yield Lint(
            code="W208",
            title="shadow mode without an exit bar",
            why="days that pass prove nothing: something has to be able to fail",
            fix="add safety, disagreement or latency to [shadow]",
            path=("shadow",),
        )
    if shadow is not None and shadow.safety is None:
        yield Lint(
            code="W209",
            title="shadow mode blind to safety",
            why="shadow mode is the last place where unsafe output hurts nobody",
            fix='add safety = { metric = "…", at_most = … } to [shadow]',
            path=("shadow",),
        )


def _predictions(contract: Contract) -> _Found:
    if not contract.prediction:
        yield Lint(
            code="W210",
            title="no offline-to-online prediction",
            why="an offline metric that predicts nothing decides nothing for users",
            fix="add a [[prediction]]: which offline number moves which online number, how much",
            path=(),
        )
    for at, prediction in enumerate(contract.prediction):
        spec = contract.metric[prediction.online]
        if not KINDS[spec.kind].share and not spec.unit:
            yield Lint(
                code="W211",
                title="prediction without a unit",
                why=f"expect is in the unit of {prediction.online!r}, which states none",
                fix=f'add unit = "…" to metric {prediction.online!r}',
                path=("prediction", at, "expect"),
            )


def _training(contract: Contract) -> _Found:
    data = contract.training_data
    if data is None or not data.sources:
        yield Lint(
            code="W212",
            title="no training data",
            why="a model is made of its data; without it no surprise can be explained",
            fix="add [training_data] with sources, version, labels and known_gaps",
            path=("training_data",),
        )


def _failures(contract: Contract) -> _Found:
    if not contract.failure:
        yield Lint(
            code="W213",
            title="no failure modes",
            why="what nobody imagined before launch is found slowly after it",
            fix="add a [[failure]] with mode, detector and containment",
            path=(),
        )
    ids = {check.id for check in contract.check}
    for at, failure in enumerate(contract.failure):
        if failure.detector not in ids:
            yield Lint(
                code="W214",
                title="failure mode nobody detects",
                why=f"detector {failure.detector!r} is not the id of a check",
                fix="name the check that would notice it, or add one",
                path=("failure", at, "detector"),
            )


def _design(contract: Contract) -> _Found:
    design = contract.design
    if design is None or not (design.feedback or "").strip():
        yield Lint(
            code="W215",
            title="no feedback",
            why="a model that does not hear of its errors repeats them",
            fix="say in [design] feedback how behaviour reaches the next training",
            path=("design",),
        )
    output = (design.output or "").lower() if design is not None else ""
    if not any(word in output for word in _FALLBACK_WORDS):
        yield Lint(
            code="W216",
            title="no fallback for an uncertain output",
            why="the output is a guess, and nothing says what happens when it is a poor one",
            fix="say in [design] output below which confidence people get what instead",
            path=("design", "output"),
        )


def _harness(contract: Contract) -> _Found:
    harness = contract.harness
    if harness is None or not harness.owner:
        yield Lint(
            code="W217",
            title="nobody owns the evaluation",
            why="an evaluation without an owner is changed by whoever it hurts",
            fix="add owner to [harness]",
            path=("harness",),
        )
    digest = harness.eval_set.sha256 if harness and harness.eval_set else None
    if not digest:
        yield Lint(
            code="W218",
            title="evaluation set without a hash",
            why="a set that changed between two releases compares nothing",
            fix='add eval_set = { name = "…", sha256 = "…" } to [harness]',
            path=("harness", "eval_set"),
        )
    elif not _is_sha256(digest):
        yield Lint(
            code="W219",
            title="not a whole SHA-256",
            why="a shortened hash cannot be compared with a file",
            fix="write all 64 digits: sha256sum FILE",
            path=("harness", "eval_set"),
        )


def _is_sha256(digest: str) -> bool:
    """64 hexadecimal digits, and not one digit 64 times, as a placeholder has."""
    digits = set(digest.lower())
    return len(digest) == _SHA256_DIGITS and digits <= set("0123456789abcdef") and len(digits) > 1


def _anytime(contract: Contract) -> _Found:
    rollout = contract.rollout
    if rollout is None:
        return
    for at, check in enumerate(contract.check):
        if check.stage != "rollout" or check.role != "guardrail":
            continue
        spec = contract.metric[check.metric]
        if not KINDS[spec.kind].online:
            yield Lint(
                code="W220",
                title="guardrail that cannot be measured at any time",
                why=f"{spec.kind} does not add up over users as they arrive",
                fix="guard a share, a mean or a quantile that every user contributes to",
                path=("check", at, "metric"),
            )
        wait = (hours(spec.window or "") or 0) + (hours(spec.delay or "") or 0)
        first = min(rollout.min_hours, default=None)
        if first is not None and wait > first:
            yield Lint(
                code="W221",
                title="guardrail that matures after the step it guards",
                why=f"{check.metric!r} is known after {wait:g} h, a share may be left after "
                f"{first:g} h",
                fix="lengthen min_hours, or guard something that is known sooner",
                path=("check", at, "metric"),
            )


def _week(contract: Contract) -> _Found:
    shadow = contract.shadow
    if shadow is not None and shadow.min_days < _WEEK_DAYS and not shadow.why_short:
        yield Lint(
            code="W222",
            title="shadow mode shorter than a week",
            why="Sunday is not Monday: part of the traffic was never seen",
            fix="set min_days = 7, or say why_short",
            path=("shadow", "min_days"),
        )


def _counts(contract: Contract) -> _Found:
    for name, source in contract.evidence.items():
        expected = source.expect.units or source.expect.rows
        if name in OFFLINE and not expected:
            yield Lint(
                code="W223",
                title="no expected counts",
                why="rows that never arrived cannot be missed unless their number was promised",
                fix=f'write {name} = {{ path = "…", expect = {{ units = … }} }}',
                path=("evidence", name),
            )


def _words(contract: Contract) -> _Found:
    words = contract.release.hypothesis.lower()
    vague = len(words.split()) < _FEWEST_WORDS or any(empty in words for empty in _EMPTY_WORDS)
    if vague:
        yield Lint(
            code="W224",
            title="vague hypothesis" if words.strip() else "no hypothesis",
            why="a reason that fits every result is learned from by none",
            fix="say in hypothesis what the change does, for whom, and at what risk",
            path=("release", "hypothesis"),
        )
    if not contract.release.value.strip():
        yield Lint(
            code="W225",
            title="no value",
            why="a gain that nobody pays for does not justify a risk",
            fix="say in value why users and the business pay for this gain",
            path=("release", "value"),
        )


def _unused(contract: Contract) -> _Found:
    used = {check.metric for check in contract.check} | set(contract.exploratory.metrics)
    used.update(name for p in contract.prediction for name in (p.offline, p.online))
    if contract.slices is not None:
        used.add(contract.slices.metric)
    shadow = contract.shadow
    for bar in (shadow.safety, shadow.latency) if shadow is not None else ():
        used.update([bar.metric] if bar is not None else [])
    for name in contract.metric:
        if name not in used:
            yield Lint(
                code="W226",
                title="metric without a use",
                why=f"no check, slice, prediction or exploration reads {name!r}",
                fix="add a check on it, list it in [exploratory], or remove it",
                path=("metric", name),
            )


def _unmeasurable(contract: Contract, measurable: Collection[str]) -> _Found:
    for name, spec in contract.metric.items():
        if spec.kind not in measurable:
            yield Lint(
                code="W227",
                title="kind that this version cannot measure",
                why=f"checks on {name!r} ({spec.kind}) will have no data, which is never a pass",
                fix="choose another kind, or expect HOLD from these checks",
                path=("metric", name, "kind"),
            )


_QUESTIONS: tuple[Callable[[Contract], _Found], ...] = (
    _levels,
    _blocking,
    _slices,
    _triggers,
    _predictions,
    _training,
    _failures,
    _design,
    _harness,
    _anytime,
    _week,
    _counts,
    _words,
    _unused,
)
