"""Fields: what a form asks for a study, field by field, as its command has options."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

TEXT, NUMBER, CHOICE, METRIC, COLUMN, LINES = (
    "text", "number", "choice", "metric", "column", "lines",
)  # fmt: skip
"""How a field is written: LINES are several texts, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form, and the option that says the same."""

    name: str
    label: str
    kind: str = NUMBER
    hint: str = ""
    option: str = ""
    """Empty: --name, with dashes."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, words); the first is what is taken where nothing is said."""
    first: bool = False
    """What the answer hangs on most: shown before the other fields."""

    @property
    def flag(self) -> str:
        """The option of the command."""
        return self.option or f"--{self.name.replace('_', '-')}"


_METRIC = Field(name="metric", label="Metric", kind=METRIC)

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "cascade": (
        Field(name="signal", label="How sure the first model is", kind=COLUMN, first=True,
              hint="A column of scores; predictions carry their own probability."),
        Field(name="keep", label="Kept are answers with", kind=CHOICE, first=True,
              choices=(("high", "a high signal"), ("low", "a low signal"))),
        Field(name="may_lose", label="May lose at most", first=True, hint="Such as 0.05: find the "
              "cheapest threshold that loses no more against the second model alone."),
        Field(name="threshold", label="Look at threshold", first=True),
        Field(name="kept_right", label="Kept answers worth at least",
              hint="Find the cheapest threshold that keeps so much."),
        Field(name="first", label="Answers first", kind=CHOICE,
              choices=(("baseline", "the baseline"), ("candidate", "the candidate"))),
        Field(name="first_cost", label="Price of an answer of the first",
              hint="Where scores have no column cost."),
        Field(name="second_cost", label="Price of an answer of the second"),
        Field(name="second_right", label="No second model, but right with a share of",
              hint="A person or a rule, stated: 0 to 1."),
        Field(name="second_ms", label="The second takes, in ms"),
        _METRIC,
    ),
    "costs": (
        Field(name="false_alarm", label="Price of a false alarm", first=True),
        Field(name="miss", label="Price of a miss", first=True),
        Field(name="live_rate", label="Share of positives live", first=True,
              hint="0 to 1, where it is known."),
        Field(name="live_called", label="Share of live rows called positive",
              hint="Works the share of positives out."),
        Field(name="live_rows", label="Counted on so many live rows"),
        Field(name="users", label="Daily users", kind=TEXT),
        Field(name="per_user_day", label="Inferences of a user in a day", kind=TEXT),
        Field(name="price", label="Price of one inference"),
        _METRIC,
    ),
    "labels": (
        Field(name="gains", label="Gain that is hoped for", kind=LINES, option="--gain",
              first=True, hint="METRIC=VALUE, such as accuracy=3pp; several with commas."),
        Field(name="discordance", label="Share of units on which the models differ", first=True,
              hint="0 to 1; 0.2 where nothing is said."),
        Field(name="price", label="Price of one label", first=True),
        Field(name="counting", label="Share of units that count",
              hint="For recall or precision: the share of positives."),
    ),
    "bill": (
        Field(name="price", label="Price of one inference", first=True, hint="Such as 0.0002."),
        Field(name="users", label="Daily users", kind=TEXT, first=True,
              hint="A number, or two ends: 1_000_000-2_000_000."),
        Field(name="per_user_day", label="Inferences of a user in a day", kind=TEXT, first=True,
              hint="A number, or two ends: 5-20."),
        Field(name="currency", label="Currency", kind=TEXT, first=True),
    ),
    "repeats": (
        Field(name="item_price", label="Price of an item beside its runs", first=True,
              hint="Both prices or none: only their ratio matters."),
        Field(name="run_price", label="Price of one run of both models", first=True),
        _METRIC,
    ),
    "offpolicy": (
        Field(name="expected", label="Reward expected of every item", kind=COLUMN, first=True,
              hint="A column; else expected_reward where the table has it."),
        _METRIC,
    ),
    "strengths": (
        Field(name="reference", label="Tell strengths against", kind=TEXT, first=True,
              hint="The name of a model; else against the mean of all."),
        Field(name="without", label="Leave out", kind=LINES, first=True,
              hint="Names of models, several with commas."),
        Field(name="cluster", label="What items depend on together", kind=COLUMN,
              hint="A column; else cluster, where it is there."),
        Field(name="judge", label="Who compared", kind=COLUMN,
              hint="A column; else judge, where it is there."),
    ),
}  # fmt: skip
"""Study -> its fields, in the order in which they stand."""
WHOLE = ("live_rows",)
"""Fields that are counts."""


class Read(NamedTuple):
    """What was typed into the fields, as the study takes it."""

    values: dict[str, Any]
    """Field -> value; a field left empty is not in it."""
    faults: dict[str, str]
    """Field -> why its text cannot be taken."""


def read_fields(study: str, typed: Mapping[str, str]) -> Read:
    """Read every field; all that cannot be read is told at once.

    Args:
        study: Name of the study.
        typed: Field -> text.
    """
    values: dict[str, Any] = {}
    faults = {}
    for field in FIELDS[study]:
        text = typed.get(field.name, "").strip()
        if not text:
            continue
        fault = _fault(field, text)
        if fault:
            faults[field.name] = fault
        else:
            values[field.name] = _value(field, text)
    return Read(values, faults)


def arguments(study: str, values: Mapping[str, Any]) -> list[str]:
    """Write the options of the command that says the same.

    Args:
        study: Name of the study.
        values: From `read_fields`.
    """
    options: list[str] = []
    for field in FIELDS[study]:
        value = values.get(field.name)
        if value is None or (field.choices and value == field.choices[0][0]):
            continue
        for one in value if field.kind == LINES else (value,):
            text = repr(one) if isinstance(one, float) else str(one)
            options += [field.flag, text.removesuffix(".0")]
    return options


def _fault(field: Field, text: str) -> str:
    if field.kind == NUMBER:
        return _number_fault(field, text)
    if field.kind == CHOICE and text not in dict(field.choices):
        return f"{text!r} is none of {', '.join(value for value, _ in field.choices)}."
    return ""


def _number_fault(field: Field, text: str) -> str:
    number = _number(text)
    if number is None:
        return f"{text!r} is no number. Write it as 12 or 0.05."
    if field.name in WHOLE and (number < 1 or number != int(number)):
        return f"{text!r} is no count. Write a whole number from 1 up."
    return ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _value(field: Field, text: str) -> Any:
    if field.kind == LINES:
        return tuple(part.strip() for part in text.replace("\n", ",").split(",") if part.strip())
    if field.kind == NUMBER:
        return int(float(text)) if field.name in WHOLE else float(text)
    return text
