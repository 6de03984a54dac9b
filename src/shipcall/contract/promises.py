"""Promises: what a contract says of its metrics, checks and slices has to make sense.

Every rule here is also run on contracts whose shape is at fault; what was at fault is None
there, and a rule passes over it.
"""

from collections.abc import Iterator

from shipcall.contract.amount import Amount
from shipcall.contract.contract import CheckSpec, Contract, MetricSpec
from shipcall.contract.duration import hours
from shipcall.contract.faults import FaultList, listed, meant, quoted
from shipcall.contract.positions import Path, dotted
from shipcall.metrics.kind import EVERY_KIND_READS, Kind
from shipcall.metrics.kinds import KINDS, OTHER_NAMES

_BARS = ("better_by", "may_lose", "at_least", "at_most", "within")
_RESERVED = ("slice.", "sanity.", "stage.")
_EXPOSED = ("rollout", "drift", "cohort")


def judge_metrics(contract: Contract, faults: FaultList) -> None:
    """Kinds, their options, directions, windows and ranges."""
    for name, spec in contract.metric.items():
        path: Path = ("metric", name)
        for key in ("window", "delay"):
            _judge_duration(getattr(spec, key), (*path, key), faults)
        _judge_order(spec.range, (*path, "range"), faults)
        if spec.kind is None:
            continue
        kind = KINDS.get(spec.kind)
        if kind is None:
            _unknown_kind(spec.kind, (*path, "kind"), faults)
        else:
            _judge_options(spec, kind, path, faults)
            _judge_prices(spec, path, faults)
            _judge_odds(spec, path, faults)
            _judge_raters(spec, path, faults)
            _judge_direction(spec, kind, path, faults)


def _unknown_kind(seen: str, path: Path, faults: FaultList) -> None:
    faults.value(
        "E115",
        path,
        seen=f"kind = {quoted(seen)}",
        expected=f"one of: {', '.join(sorted(KINDS))}",
        fix=meant(seen, KINDS, "use proportion or mean for a value of your own", OTHER_NAMES),
    )


def _judge_options(spec: MetricSpec, kind: Kind, path: Path, faults: FaultList) -> None:
    for option in kind.required:
        if getattr(spec, option) is None and not faults.broken((*path, option)):
            faults.key(
                "E116",
                (*path, option),
                seen=f"metric {path[1]!r} of kind {kind.name!r} has no {option}",
                expected=f"{option}, without which {kind.name} is not defined",
                fix=f"add {option} = …",
            )
    for option in MetricSpec.model_fields:
        unread = option not in EVERY_KIND_READS and option not in kind.options
        if unread and getattr(spec, option) is not None:
            faults.key(
                "E127",
                (*path, option),
                seen=f"{option} on metric {path[1]!r} of kind {kind.name!r}",
                expected=f"options that {kind.name} reads: {listed(kind.options)}",
                fix="remove it, or choose the kind that reads it",
            )


def _judge_prices(spec: MetricSpec, path: Path, faults: FaultList) -> None:
    """Decisions cost what the contract says they do, and a right one less than a wrong one."""
    prices = spec.prices
    if spec.kind == "expected_cost" and prices is None and spec.column is None:
        if not faults.broken((*path, "prices")):
            faults.key(
                "E116",
                (*path, "prices"),
                seen=f"metric {path[1]!r} of kind 'expected_cost' has no prices",
                expected="what a false positive and a false negative cost",
                fix="add prices = { false_positive = …, false_negative = … }",
            )
        return
    if prices is None or faults.broken((*path, "prices")):
        return
    for wrong, right in (("false_positive", "true_negative"), ("false_negative", "true_positive")):
        if getattr(prices, wrong) <= getattr(prices, right):
            faults.value(
                "E118",
                (*path, "prices"),
                seen=f"{wrong} = {getattr(prices, wrong):g}, {right} = {getattr(prices, right):g}",
                expected="a wrong decision that costs more than the right one on the same row",
                fix="correct the prices, or name the other class positive",
            )


def _judge_odds(spec: MetricSpec, path: Path, faults: FaultList) -> None:
    """The threshold of a net benefit is a probability, as its odds are a price."""
    cut = spec.threshold
    if spec.kind == "net_benefit" and cut is not None and not 0 < cut < 1:
        faults.value(
            "E103",
            (*path, "threshold"),
            seen=f"threshold = {cut:g} on net_benefit",
            expected="a probability between 0 and 1: its odds weigh a false alarm",
            fix="write the probability from which on you would act, such as 0.2",
        )


def _judge_raters(spec: MetricSpec, path: Path, faults: FaultList) -> None:
    """People need not agree with people before they count."""
    if spec.kind == "win_rate" and spec.raters == "human" and spec.judge_agreement is not None:
        faults.key(
            "E118",
            (*path, "judge_agreement"),
            seen='judge_agreement beside raters = "human"',
            expected="an agreement of a judge, where its comparisons count",
            fix='remove it, or write raters = "judge"',
        )


def _judge_direction(spec: MetricSpec, kind: Kind, path: Path, faults: FaultList) -> None:
    if faults.broken((*path, "better")):
        return
    if kind.target is not None:
        if spec.better is not None:
            faults.value(
                "E118",
                (*path, "better"),
                seen=f"better = {quoted(spec.better)} on {kind.name}",
                expected=f"no direction: the best value is {kind.target:g}, not the greatest",
                fix="remove better, and bound it with within = [low, high]",
            )
    elif kind.better is None and spec.better is None:
        faults.key(
            "E117",
            (*path, "better"),
            seen=f"metric {path[1]!r} of kind {kind.name!r} does not say which way is better",
            expected='better = "higher" or better = "lower"',
            fix='add better = "higher" or better = "lower"',
        )
    elif kind.better and spec.better and spec.better != kind.better:
        faults.value(
            "E118",
            (*path, "better"),
            seen=f"better = {quoted(spec.better)} on {kind.name}",
            expected=f"{kind.better}: {kind.meaning}",
            fix="remove better; the kind knows its direction",
        )


def judge_checks(contract: Contract, faults: FaultList) -> None:
    """Ids, bars, roles and what follows a breach."""
    seen: dict[str, int] = {}
    for at, check in enumerate(contract.check):
        path: Path = ("check", at)
        if check.id is not None and seen.setdefault(check.id, at) != at:
            first = faults.positions.key(("check", seen[check.id], "id"))
            faults.value(
                "E112",
                (*path, "id"),
                seen=f"a second check {quoted(check.id)}",
                expected=f"an id of its own; line {first.line if first else '?'} has this one",
                fix="give one of the two another id",
            )
        if (check.id or "").startswith(_RESERVED):
            faults.value(
                "E129",
                (*path, "id"),
                seen=f"id = {quoted(check.id)}",
                expected="an id that does not begin as those which shipcall gives itself",
                fix="choose another id, such as gate.recall",
            )
        _judge_bar(check, path, faults)
        _judge_breach(check, path, faults)
        if check.metric is not None:
            known_metric("E110", check.metric, (*path, "metric"), contract, faults)
            _judge_against_metric(check, path, contract, faults)


def _judge_bar(check: CheckSpec, path: Path, faults: FaultList) -> None:
    written = [name for name in _BARS if getattr(check, name) is not None]
    if len(written) > 1 or (not written and not faults.broken(path)):
        faults.key(
            "E111",
            (*path, written[1]) if written else path,
            seen=f"check {check.id!r} has {' and '.join(written) or 'no bar'}",
            expected=f"exactly one of: {', '.join(_BARS)}",
            fix="write one check for each bar" if written else "say what has to be shown",
        )
    pair = check.within if isinstance(check.within, tuple) else None
    _judge_order(pair, (*path, "within"), faults)
    if check.better_by is not None and check.role not in (None, "goal"):
        faults.key(
            "E118",
            (*path, "better_by"),
            seen=f"better_by on a {check.role}",
            expected="better_by on a goal: only a goal promises a gain",
            fix='write role = "goal", or bound the loss with may_lose',
        )


def _judge_breach(check: CheckSpec, path: Path, faults: FaultList) -> None:
    if check.on_breach is None:
        return
    if check.role not in (None, "guardrail"):
        faults.key(
            "E119",
            (*path, "on_breach"),
            seen=f"on_breach on a {check.role}",
            expected="on_breach on a guardrail; a refuted goal is NO SHIP, sanity asks for HOLD",
            fix="remove on_breach, or make the check a guardrail",
        )
    never = "NO SHIP" if check.stage in _EXPOSED else "ROLL BACK"
    if check.stage is not None and check.on_breach == never:
        people = "people are exposed" if check.stage in _EXPOSED else "nobody is exposed"
        faults.value(
            "E119",
            (*path, "on_breach"),
            seen=f"on_breach = {quoted(never)} at stage {check.stage}, where {people}",
            expected="HOLD, or no on_breach: a breach is NO SHIP, or ROLL BACK once exposed",
            fix='remove on_breach, or write on_breach = "HOLD"',
        )


def known_metric(code: str, name: str, path: Path, contract: Contract, faults: FaultList) -> None:
    """Report a name that no metric of the contract has."""
    if name in contract.metric:
        return
    faults.value(
        code,
        path,
        seen=f"{dotted(path)} names {quoted(name)}",
        expected=f"a metric of [metric]: {listed(contract.metric)}",
        fix=meant(name, contract.metric, "add it to [metric]"),
    )


def _judge_against_metric(
    check: CheckSpec, path: Path, contract: Contract, faults: FaultList
) -> None:
    spec = contract.metric.get(check.metric)
    kind = KINDS.get(spec.kind) if spec is not None else None
    if spec is None or kind is None:
        return
    for bar in ("better_by", "may_lose"):
        amount = getattr(check, bar)
        if amount is not None:
            judge_amount(amount, kind, (*path, bar), faults)
    if check.role in ("goal", "guardrail"):
        _judge_side(check, spec.better or kind.better, path, faults)


def _judge_side(check: CheckSpec, better: str | None, path: Path, faults: FaultList) -> None:
    wrong = {"higher": "at_most", "lower": "at_least"}.get(better or "")
    if wrong and getattr(check, wrong) is not None:
        right = "at_least" if wrong == "at_most" else "at_most"
        faults.key(
            "E118",
            (*path, wrong),
            seen=f"{wrong} on {check.metric!r}, where {better} is better",
            expected=f"a {check.role} that bounds the bad side: {right}",
            fix=f'write {right}, or correct better, or make it role = "watch"',
        )


def judge_amount(amount: Amount, kind: Kind, path: Path, faults: FaultList) -> None:
    """Report an amount in a unit, or of a side, that the kind does not have."""
    points = amount.text.endswith("pp")
    if kind.target is not None:
        faults.key(
            "E123",
            path,
            seen=f"{path[-1]} on {kind.name}, which is best at {kind.target:g}",
            expected="a bound on both sides",
            fix="write within = [low, high] in a [[check]]",
        )
    elif amount.relative and not kind.relative:
        faults.value(
            "E123",
            path,
            seen=f"{path[-1]} = {quoted(amount.text)} on {kind.name}",
            expected="an amount in the metric's own unit: a share of its baseline says nothing",
            fix='write a number such as 0.01, or "1pp"',
        )
    elif points and not kind.share:
        faults.value(
            "E123",
            path,
            seen=f"{path[-1]} = {quoted(amount.text)} on {kind.name}",
            expected="percentage points only where the metric is a share",
            fix='write a number in the metric\'s own unit, or a share of the baseline: "2%"',
        )


def judge_slices(contract: Contract, faults: FaultList) -> None:
    """Columns to slice by, protected slices, the metric and its budget."""
    slices = contract.slices
    if slices is None:
        return
    known = dict(_columns(slices.by or [], faults))
    protected: set[tuple[str, ...]] = set()
    for at, text in enumerate(slices.protected or []):
        _judge_protected(text, ("slices", "protected", at), known, protected, faults)
    if slices.metric is None:
        return
    known_metric("E125", slices.metric, ("slices", "metric"), contract, faults)
    spec = contract.metric.get(slices.metric)
    kind = KINDS.get(spec.kind) if spec is not None else None
    if kind is not None and slices.may_lose is not None:
        judge_amount(slices.may_lose, kind, ("slices", "may_lose"), faults)


def _columns(by: list[str], faults: FaultList) -> Iterator[tuple[tuple[str, ...], str]]:
    seen: set[tuple[str, ...]] = set()
    for at, text in enumerate(by):
        columns = tuple(sorted(part.strip() for part in text.split("*")))
        path: Path = ("slices", "by", at)
        if "=" in text or not all(columns) or len(set(columns)) < len(columns):
            faults.value(
                "E114",
                path,
                seen=f"by has {quoted(text)}",
                expected='a column, or columns joined by a star: "tenure*device"',
                fix="name columns here; name levels in protected",
            )
        elif columns in seen:
            _twice(text, path, faults)
        else:
            seen.add(columns)
            yield columns, text


def _judge_protected(
    text: str,
    path: Path,
    known: dict[tuple[str, ...], str],
    seen: set[tuple[str, ...]],
    faults: FaultList,
) -> None:
    pairs = tuple(sorted(part.strip() for part in text.split("*")))
    columns = tuple(sorted(pair.partition("=")[0].strip() for pair in pairs))
    if not all(pair.partition("=")[2].strip() for pair in pairs) or not all(columns):
        faults.value(
            "E114",
            path,
            seen=f"protected has {quoted(text)}",
            expected='a level of a column: "tenure=new", or "tenure=new*device=tv"',
            fix="write column=level",
        )
    elif columns not in known:
        faults.value(
            "E114",
            path,
            seen=f"protected has {quoted(text)}",
            expected=f"a column of by: {listed(list(known.values()))}",
            fix=meant("*".join(columns), known.values(), f"add {'*'.join(columns)!r} to by"),
        )
    elif pairs in seen:
        _twice(text, path, faults)
    seen.add(pairs)


def _twice(text: str, path: Path, faults: FaultList) -> None:
    faults.value(
        "E112",
        path,
        seen=f"{path[1]} has {quoted(text)} a second time",
        expected="every slice once; the order of columns makes no difference",
        fix="remove one of the two",
    )


def _judge_duration(text: str | None, path: Path, faults: FaultList) -> None:
    if text is not None and hours(text) is None:
        faults.value(
            "E124",
            path,
            seen=f"{dotted(path)} = {quoted(text)}",
            expected='a duration above zero in one unit: "30m", "6h", "7d" or "2w"',
            fix="write a number and m, h, d or w, without a space",
        )


def judge_silence(contract: Contract, faults: FaultList) -> None:
    """The longest silence a rollout bears is a duration."""
    if contract.rollout is not None:
        _judge_duration(contract.rollout.max_silence, ("rollout", "max_silence"), faults)


def _judge_order(pair: tuple[float, float] | None, path: Path, faults: FaultList) -> None:
    if pair is not None and pair[0] >= pair[1]:
        faults.value(
            "E126",
            path,
            seen=f"{dotted(path)} = [{pair[0]:g}, {pair[1]:g}]",
            expected="[low, high] with low below high",
            fix="swap the two" if pair[0] > pair[1] else "leave room between the two",
        )
