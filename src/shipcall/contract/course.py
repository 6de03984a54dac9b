"""Course: the way of a release through its stages, its evidence and its predictions."""

from shipcall.contract.contract import Contract, Rollout, ShadowBar
from shipcall.contract.faults import FaultList, listed, meant, quoted
from shipcall.contract.positions import Path, dotted
from shipcall.contract.promises import known_metric
from shipcall.formats import READ
from shipcall.formats.address import Wrong, address_of, is_address
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS

OFFLINE = ("predictions", "scores", "rankings", "preferences")
"""Formats that a gate reads."""
_NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "gate": (OFFLINE,),
    "shadow": (("shadow_pairs",),),
    "rollout": (("exposures",), ("outcomes", "activity")),
    "drift": (("stream",),),
    "cohort": (("activity",),),
}
_ARMS = ("baseline", "candidate")


def judge_release(contract: Contract, faults: FaultList) -> None:
    """Two models, not one."""
    release = contract.release
    if release is not None and release.baseline and release.baseline == release.candidate:
        faults.value(
            "E118",
            ("release", "candidate"),
            seen=f"candidate = {quoted(release.candidate)}, which is also the baseline",
            expected="two versions: a release is judged against what it replaces",
            fix="name the version that is running now as the baseline",
        )


def judge_evidence(contract: Contract, faults: FaultList) -> None:
    """Every stage with a promise needs a promise of evidence; arms and columns have names."""
    wanted: dict[str, Path] = {}
    for at, check in enumerate(contract.check):
        if check.stage is not None:
            wanted.setdefault(check.stage, ("check", at, "stage"))
    if contract.slices is not None:
        wanted.setdefault("gate", ("slices",))
    if contract.shadow is not None:
        wanted.setdefault("shadow", ("shadow",))
    for stage, path in wanted.items():
        _judge_stage_evidence(stage, path, contract, faults)
    _judge_formats(contract, faults)
    _judge_addresses(contract, faults)
    _judge_columns(contract, faults)


def _judge_stage_evidence(stage: str, path: Path, contract: Contract, faults: FaultList) -> None:
    for choices in _NEEDS[stage]:
        if not any(name in contract.evidence for name in choices):
            faults.value(
                "E122",
                path,
                seen=f"promises for stage {stage!r}; [evidence] has {listed(contract.evidence)}",
                expected=f"[evidence] with {' or '.join(choices)}",
                fix=f'add {choices[0]} = "evidence/{choices[0]}.parquet"' + _or_leave(path),
            )


def _or_leave(path: Path) -> str:
    if path != ("slices",):
        return ""
    return "; the gate holds slices against may_lose, so without a gate leave [slices] out"


def _judge_formats(contract: Contract, faults: FaultList) -> None:
    used = {check.metric for check in contract.check}
    for name, spec in contract.metric.items():
        if name in used and spec.format is not None and spec.format not in contract.evidence:
            faults.value(
                "E122",
                ("metric", name, "format"),
                seen=f"metric {name!r} is read from {spec.format}",
                expected=f"[evidence] with {spec.format}; it has {listed(contract.evidence)}",
                fix=f'add {spec.format} = "evidence/{spec.format}.parquet"',
            )


def _judge_addresses(contract: Contract, faults: FaultList) -> None:
    for name, source in contract.evidence.items():
        path = source.path
        for text in [path] if isinstance(path, str | None) else path.model_dump().values():
            address = address_of(text) if text and is_address(text) else None
            if isinstance(address, Wrong):
                faults.value("E131", ("evidence", name, "path"), **address._asdict())


def _judge_columns(contract: Contract, faults: FaultList) -> None:
    own = _own_columns(contract)
    for name, source in contract.evidence.items():
        for key in source.arms or {}:
            if key not in _ARMS:
                _unknown_column(("evidence", name, "arms", key), _ARMS, faults)
        table = READ.get(name)
        if not isinstance(source.path, str | None) and table is not None and not table.wide:
            faults.value(
                "E118",
                ("evidence", name, "path"),
                seen=f"a path for each model, and a row of {name} holds both models",
                expected="one path",
                fix="bring both models' answers into one file, or use scores",
            )
        for part in ("columns", "constants") if table is not None else ():
            known = {*table.names, *table.wide} | own if table else own
            numbered = table.numbered if table else ()
            for key in getattr(source, part) or {}:
                if key not in known and not _is_numbered(key, numbered):
                    _unknown_column(("evidence", name, part, key), known, faults)


def _own_columns(contract: Contract) -> set[str]:
    """Columns that the contract itself brings in: slices, values and weights."""
    own = {column for check in contract.check for column in check.slice or {}}
    for spec in contract.metric.values():
        own.update(column for column in (spec.column, spec.weight) if column)
    for by in (contract.slices.by or []) if contract.slices is not None else []:
        own.update(column.strip() for column in by.split("*"))
    unit = contract.unit
    if unit is not None:
        own.update(column for column in (unit.id, unit.cluster, unit.time) if column)
    return own


def _is_numbered(key: str, stems: tuple[str, ...]) -> bool:
    stem, _, number = key.rpartition("_")
    return stem in stems and number.isdigit()


def _unknown_column(path: Path, known: set[str] | tuple[str, ...], faults: FaultList) -> None:
    key = str(path[-1])
    faults.key(
        "E128",
        path,
        seen=f"{dotted(path[:-1])} maps {quoted(key)}",
        expected=f"a name on the left that the format or the contract knows: {listed(known)}",
        fix=meant(key, known, 'write format_column = "your_column", in this order'),
    )


def judge_shadow(contract: Contract, faults: FaultList) -> None:
    """Shadow mode has room for what it asks, and its bars name metrics that pairs can answer."""
    for at, check in enumerate(contract.check):
        if check.stage == "shadow" and check.metric is not None:
            _judge_shadow_kind(check.metric, ("check", at, "metric"), contract, faults)
    shadow = contract.shadow
    if shadow is None:
        return
    if shadow.max_days is not None and (shadow.min_days or 0) > shadow.max_days:
        faults.value(
            "E118",
            ("shadow", "min_days"),
            seen=f"min_days = {shadow.min_days:g} and max_days = {shadow.max_days:g}",
            expected="min_days at most max_days",
            fix="raise max_days, or lower min_days and say why_short",
        )
    for name in ("safety", "latency"):
        bar: ShadowBar | None = getattr(shadow, name)
        if bar is not None and bar.metric is not None:
            known_metric("E110", bar.metric, ("shadow", name, "metric"), contract, faults)
            _judge_shadow_side(bar, ("shadow", name, "at_most"), contract, faults)
            _judge_shadow_kind(bar.metric, ("shadow", name, "metric"), contract, faults)


def _judge_shadow_kind(name: str, path: Path, contract: Contract, faults: FaultList) -> None:
    """Live requests have no labels: what needs one cannot be promised of shadow mode."""
    spec = contract.metric.get(name)
    metric = METRICS.get(spec.kind) if spec is not None else None
    if spec is not None and metric is not None and "shadow_pairs" not in metric.formats:
        kinds = [kind for kind, each in METRICS.items() if "shadow_pairs" in each.formats]
        faults.value(
            "E118",
            path,
            seen=f"metric {name!r} of kind {spec.kind}, read from {listed(metric.formats)}",
            expected=f"a kind that pairs of live requests can answer: {listed(kinds)}",
            fix="choose another metric, or move the check to the gate",
        )


def _judge_shadow_side(bar: ShadowBar, path: Path, contract: Contract, faults: FaultList) -> None:
    spec = contract.metric.get(bar.metric)
    kind = KINDS.get(spec.kind) if spec is not None else None
    if spec is not None and kind is not None and (spec.better or kind.better) == "higher":
        faults.key(
            "E118",
            path,
            seen=f"at_most on {bar.metric!r}, where higher is better",
            expected="a metric of which less is better",
            fix="name the bad thing: its share, its time",
        )


def judge_rollout(contract: Contract, faults: FaultList) -> None:
    """Shares grow, every share but the last has its hours, and the days suffice."""
    rollout = contract.rollout
    if rollout is not None:
        _judge_shares(rollout, faults)
        _judge_windows(contract, faults)
        return
    for at, check in enumerate(contract.check):
        if check.stage == "rollout":
            faults.value(
                "E118",
                ("check", at, "stage"),
                seen=f"check {check.id!r} is for the rollout, and there is no [rollout]",
                expected="[rollout] with the shares through which people are exposed",
                fix="add [rollout], or move the check to another stage",
            )


def _judge_windows(contract: Contract, faults: FaultList) -> None:
    """People are compared over windows of one length, or later ones look worse than earlier."""
    for at, check in enumerate(contract.check):
        spec = contract.metric.get(check.metric or "")
        if check.stage == "rollout" and spec is not None and spec.window is None:
            faults.value(
                "E118",
                ("check", at, "metric"),
                seen=f"metric {check.metric!r}, which has no window, in the rollout",
                expected="a window after exposure in which an outcome counts, alike for everyone",
                fix=f'add window = "1d" to metric {check.metric!r}, or as long as the effect needs',
            )


def _judge_shares(rollout: Rollout, faults: FaultList) -> None:
    shares, least = rollout.stages or [], rollout.min_hours or []
    for at in range(1, len(shares)):
        if shares[at] <= shares[at - 1]:
            faults.value(
                "E113",
                ("rollout", "stages", at),
                seen=f"{shares[at]:g} % after {shares[at - 1]:g} %",
                expected="shares that grow: [1, 10, 50, 100]",
                fix="put the shares in order, each once",
            )
    if least and shares and len(least) != len(shares) - 1:
        faults.value(
            "E113",
            ("rollout", "min_hours"),
            seen=f"{len(least)} entries for {len(shares)} shares",
            expected=f"{len(shares) - 1}: hours before leaving each share but the last",
            fix="write one entry for each share but the last",
        )
    if rollout.max_days is not None and sum(least) > rollout.max_days * 24:
        faults.value(
            "E118",
            ("rollout", "max_days"),
            seen=f"min_hours add up to {sum(least):g} h, max_days is {rollout.max_days:g}",
            expected="days that suffice for the hours",
            fix="raise max_days, or shorten min_hours",
        )


def judge_predictions(contract: Contract, faults: FaultList) -> None:
    """Predictions name metrics and their numbers are in order."""
    for at, prediction in enumerate(contract.prediction):
        for side in ("offline", "online"):
            name = getattr(prediction, side)
            if name is not None:
                known_metric("E120", name, ("prediction", at, side), contract, faults)
        expect = prediction.expect
        if expect is not None and not expect.low <= expect.mid <= expect.high:
            faults.value(
                "E121",
                ("prediction", at, "expect"),
                seen=f"low {expect.low:g}, mid {expect.mid:g}, high {expect.high:g}",
                expected="low <= mid <= high, as improvements: positive is always better",
                fix="put the three numbers in order",
            )


def judge_exploratory(contract: Contract, faults: FaultList) -> None:
    """What is explored is a metric, too."""
    for at, name in enumerate(contract.exploratory.metrics or []):
        known_metric("E110", name, ("exploratory", "metrics", at), contract, faults)
