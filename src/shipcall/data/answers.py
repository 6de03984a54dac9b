"""Answers: the labels of a table of predictions, and answers that do not fit them or a metric."""

from collections.abc import Iterable, Sequence
from typing import Any

from shipcall.data.cells import as_number, as_value, is_one_of, is_outside
from shipcall.data.connect import Engine
from shipcall.data.faults import Trouble, listed, near, refuse, shown
from shipcall.data.quality import Cell, Rule, enforce, written
from shipcall.data.read import Raw
from shipcall.data.sources import ARMS
from shipcall.data.views import Bound, predictions
from shipcall.metrics import Options

MOST_CLASSES = 1_000
"""Labels are listed up to this many; more are numbers, not classes."""
SUM_SLACK = 0.01
"""How far the probabilities of all classes may be from 1 together: they may be rounded."""


def classes_of(bound: Bound, engine: Engine) -> tuple[str, ...]:
    """The labels of a table in their canonical form, sorted as text."""
    t = bound.table
    labels = t.select(label=as_value(bound.parts.cell(t, "label")))
    seen = labels.filter(labels.label.notnull()).distinct().order_by("label").limit(MOST_CLASSES)
    names = engine.fetch(seen, bound.source.path).column("label").to_pylist()
    return tuple(sorted(names))


def refuse_strange_answers(
    bound: Bound, raw: Raw, options: Iterable[Options], engine: Engine
) -> None:
    """Refuse answers that cannot be right or wrong, because they do not speak of the labels.

    Raises:
        EvidenceError: On a positive class that is no label, on an answer that is neither a number
            nor a label, and where no answer of either model is any label.
    """
    for classes, positive in sorted({(o.classes, o.positive_class) for o in options}, key=str):
        if positive is not None and len(classes) > 1 and positive not in classes:
            raise refuse(
                Trouble.LABELS,
                bound.source.path,
                seen=f"positive = {shown(positive)}",
                expected=f"one of the labels {listed(classes)}",
                fix=f"Name a label that is there.{near(positive, classes)}",
            )
        rules = [*_mixed_label_rules(bound, classes), *_label_rules(bound, classes, positive)]
        enforce(rules, raw, engine)
        if positive is None and not bound.parts.classes and classes:
            _refuse_foreign(bound, classes, engine)


def _refuse_foreign(bound: Bound, classes: tuple[str, ...], engine: Engine) -> None:
    view = predictions(bound, ())
    sums: dict[str, Any] = {}
    for arm in ARMS:
        answer = view[f"{arm}_text"]
        sums |= {
            f"{arm}_answers": answer.count(),
            f"{arm}_known": answer.isin(classes).sum(),
            f"{arm}_example": answer.min(),
        }
    seen = engine.row(view.aggregate(**sums), bound.source.path)
    answers = sum(seen[f"{arm}_answers"] for arm in ARMS)
    known = sum(seen[f"{arm}_known"] or 0 for arm in ARMS)
    if answers and not known:
        example = seen["baseline_example"] or seen["candidate_example"]
        raise refuse(
            Trouble.LABELS,
            bound.source.path,
            seen=f"labels {listed(classes)} and answers such as {shown(example)}",
            expected="answers that name a class, or numbers and a positive class",
            fix="Write answers and labels the same way, or name the class that the numbers "
            'speak of: positive = "…".',
        )


def one_sided(bound: Bound, options: Options, engine: Engine) -> tuple[str, ...]:
    """Name the models of which every score lies on one side of the threshold.

    Such a model has decided nothing, whatever its scores say; a threshold in another unit than
    the scores does that to both. Answers that are words have no threshold.
    """
    if options.numbered or options.positive_class is None:
        return ()
    view = predictions(bound, ())
    sums: dict[str, Any] = {}
    for arm in ARMS:
        number = view[f"{arm}_number"]
        sums |= {
            f"{arm}_answers": view[f"{arm}_text"].count(),
            f"{arm}_numbers": number.count(),
            f"{arm}_positive": (number >= options.threshold).sum(),
        }
    seen = engine.row(view.aggregate(**sums), bound.source.path)
    return tuple(
        arm
        for arm in ARMS
        if 1 < seen[f"{arm}_answers"] == seen[f"{arm}_numbers"]
        and seen[f"{arm}_positive"] in (0, seen[f"{arm}_answers"])
    )


def probability_rules(bound: Bound) -> list[Rule]:
    """Rules for metrics that read answers as probabilities."""
    parts = bound.parts
    names = [f"{arm}_{i}" for arm in ARMS for i in range(parts.classes)] or list(ARMS)
    rules = [_probability_rule(bound, name) for name in names]
    return rules + [_sum_rule(bound, arm) for arm in ARMS if parts.classes]


def number_rules(bound: Bound) -> list[Rule]:
    """Rules for metrics whose labels and answers are numbers."""
    names = [name for name in ("label", *ARMS) if bound.parts.has(name)]
    return [_number_rule(bound, name) for name in names]


def _number_rule(bound: Bound, name: str) -> Rule:
    parts, sentinels = bound.parts, bound.source.sentinels

    def broken(t: Any) -> Any:
        cell = parts.cell(t, name)
        return cell.notnull() & as_number(cell).isnull() & ~is_one_of(cell, sentinels)

    return Rule(
        trouble=Trouble.NOT_A_NUMBER,
        column=parts.files.get(name, name),
        broken=broken,
        value=written(bound, name),
        expected="a number: a metric of this contract measures how far off answers are",
        fix="Bring numbers, or promise a metric that does not need them.",
    )


def _probability_rule(bound: Bound, name: str) -> Rule:
    parts, sentinels = bound.parts, bound.source.sentinels

    def broken(t: Any) -> Any:
        cell = parts.cell(t, name)
        outside = is_outside(as_number(cell), 0.0, 1.0)
        return cell.notnull() & ~is_one_of(cell, sentinels) & outside.fill_null(True)

    return Rule(
        trouble=Trouble.NOT_A_PROBABILITY,
        column=parts.files[name],
        broken=broken,
        value=written(bound, name),
        expected="a probability in [0, 1]: a metric of this contract needs one",
        fix="Bring probabilities, or promise a metric that does not need them.",
    )


def _sum_rule(bound: Bound, arm: str) -> Rule:
    parts = bound.parts

    def total(t: Any) -> Any:
        shares = [as_number(parts.cell(t, f"{arm}_{i}")) for i in range(parts.classes)]
        return sum(shares[1:], shares[0])

    return Rule(
        trouble=Trouble.NOT_A_PROBABILITY,
        column=f"{arm}_0, …",
        broken=lambda t: (total(t) - 1.0).abs() > SUM_SLACK,
        value=lambda t: total(t).cast("string"),
        expected="probabilities that sum to 1 over the classes",
        fix="Bring the probabilities of every class.",
    )


def _mixed_label_rules(bound: Bound, classes: Sequence[str]) -> list[Rule]:
    """Refuse words among numbers: a label in another spelling would count as another class."""
    words = [name for name in classes if not _is_number(name)]
    if not words or len(words) == len(classes):
        return []
    numbers = [name for name in classes if name not in words]
    return [
        Rule(
            trouble=Trouble.LABELS,
            column=bound.parts.files.get("label", "label"),
            broken=lambda t: as_value(bound.parts.cell(t, "label")).isin(words),
            value=written(bound, "label"),
            expected=f"a label of one kind; others are numbers: {listed(numbers)}",
            fix="Write all labels the same way.",
        )
    ]


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _label_rules(bound: Bound, classes: Sequence[str], positive: str | None) -> list[Rule]:
    """Rules that keep labels and answers in one language.

    With probabilities per class, labels are the numbers of the classes. With a positive class,
    an answer is a number or one of the labels.
    """
    parts, sentinels = bound.parts, bound.source.sentinels
    if parts.classes:
        numbers = [str(i) for i in range(parts.classes)]
        return [
            Rule(
                trouble=Trouble.LABELS,
                column=parts.files.get("label", "label"),
                broken=lambda t: ~as_value(parts.cell(t, "label")).isin(numbers),
                value=written(bound, "label"),
                expected=f"0 to {parts.classes - 1}: answers are numbered by class",
                fix="Write labels as the numbers of their classes.",
            )
        ]
    if positive is None:
        return _named_class_rules(bound, classes)

    def broken(arm: str) -> Cell:
        def rule(t: Any) -> Any:
            cell = parts.cell(t, arm)
            strange = as_number(cell).isnull() & ~as_value(cell).isin([*classes, positive])
            return cell.notnull() & strange & ~is_one_of(cell, sentinels)

        return rule

    return [
        Rule(
            trouble=Trouble.LABELS,
            column=parts.files[arm],
            broken=broken(arm),
            value=written(bound, arm),
            expected=f"a number, or one of the labels {listed(classes)}",
            fix="Write answers and labels the same way.",
        )
        for arm in ARMS
        if arm in parts.columns
    ]


def _named_class_rules(bound: Bound, classes: Sequence[str]) -> list[Rule]:
    """Refuse scores where every answer has to name a class: none could ever be right.

    A score that is rounded to 1 may happen to be a label, so one of them fitting says nothing. A
    whole number may be a class that no label of this table is.
    """
    if any(_is_number(name) and not float(name).is_integer() for name in classes):
        return []
    parts, sentinels = bound.parts, bound.source.sentinels

    def broken(arm: str) -> Cell:
        def rule(t: Any) -> Any:
            number = as_number(parts.cell(t, arm))
            return (number != number.round(0)) & ~is_one_of(parts.cell(t, arm), sentinels)

        return rule

    return [
        Rule(
            trouble=Trouble.LABELS,
            column=parts.files[arm],
            broken=broken(arm),
            value=written(bound, arm),
            expected=f"an answer that names a class, as labels do: {listed(classes)}",
            fix="Write answers and labels the same way, or name the class that the numbers "
            'speak of: positive = "…".',
        )
        for arm in ARMS
        if arm in parts.columns
    ]
