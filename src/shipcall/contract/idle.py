"""Idle promises: checks that no evidence could fail, and goals that need not be shown.

A SHIP on such a contract would be true and worth nothing.
"""

from typing import Any

from shipcall.contract.contract import CheckSpec, Contract, MetricSpec
from shipcall.contract.faults import FaultList
from shipcall.contract.positions import Path
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS

_BLOCKING = ("goal", "guardrail")


def judge_idle(contract: Contract, faults: FaultList) -> None:
    """Report bars beyond what the metric can be, and goals without a burden of proof."""
    for at, check in enumerate(contract.check):
        if check.role == "goal" and check.need == "not_refuted":
            faults.value(
                "E130",
                ("check", at, "need"),
                seen=f'goal {check.id!r} with need = "not_refuted"',
                expected="a goal that has to be shown: no evidence at all would satisfy this one",
                fix="remove need, or make it a guardrail",
            )
        if check.role in _BLOCKING and check.metric in contract.metric:
            _judge_bar(check, contract.metric[check.metric], ("check", at), faults)
    slices = contract.slices
    if slices is not None and slices.metric in contract.metric:
        spec = contract.metric[slices.metric]
        _report("may_lose", slices.may_lose, spec, ("slices",), faults)


def _judge_bar(check: CheckSpec, spec: MetricSpec, path: Path, faults: FaultList) -> None:
    for key, value in check.bars().items():
        _report(key, value, spec, path, faults)


def _report(key: str, value: Any, spec: MetricSpec, path: Path, faults: FaultList) -> None:
    limits = _range(spec)
    if value is None or limits is None or not _cannot_fail(key, value, limits, _better(spec)):
        return
    low, high = limits
    faults.value(
        "E130",
        (*path, key),
        seen=f"{key} = {getattr(value, 'text', value)}, on a metric between {low:g} and {high:g}",
        expected="a bar that some evidence could fail",
        fix="state the least that would worry you",
    )


def _better(spec: MetricSpec) -> str | None:
    known = KINDS.get(spec.kind) if spec.kind else None
    return spec.better or (known.better if known else None)


def _range(spec: MetricSpec) -> tuple[float, float] | None:
    if spec.range is not None:
        return spec.range
    metric = METRICS.get(spec.kind) if spec.kind else None
    if metric is not None:
        return None if spec.column else metric.range
    known = KINDS.get(spec.kind) if spec.kind else None
    return (0.0, 1.0) if known is not None and known.share else None


def _cannot_fail(key: str, value: Any, limits: tuple[float, float], better: str | None) -> bool:
    """A value cannot fall by more than all of it; a small one can rise by many times itself."""
    low, high = limits
    width = high - low
    if key == "may_lose" and value.relative:
        return bool(better != "lower" and value.value >= 1.0)
    if key == "may_lose":
        return bool(value.value >= width)
    if key == "at_least":
        return bool(value <= low)
    if key == "at_most":
        return bool(value >= high)
    if key == "within":
        pair = isinstance(value, tuple)
        return bool(value[0] <= low and value[1] >= high) if pair else bool(value >= width)
    return False
