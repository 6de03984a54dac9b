"""shadow_pairs, exposures, outcomes and activity: what live traffic left behind."""

from shipcall.formats.format import Column, Format, Kind
from shipcall.formats.scores import STATUSES


def _of_both(name: str, kind: Kind, doc: str, choices: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """One column for each model."""
    return tuple(
        Column(name=f"{name}_{arm}", kind=kind, nullable=True, choices=choices, doc=doc)
        for arm in ("baseline", "candidate")
    )


SHADOW_PAIRS = Format(
    name="shadow_pairs",
    row="one live request that both models answered; only the baseline's answer was shown",
    key=("request",),
    columns=(
        Column(name="request", kind=Kind.TEXT, required=True, doc="Names the request."),
        Column(name="at", kind=Kind.TIME, required=True, doc="When it was asked."),
        Column(name="cluster", kind=Kind.TEXT, doc="Requests of one cluster: mostly the person."),
        *_of_both("output", Kind.VALUE, "Score, probability or text of the model."),
        *_of_both("decision", Kind.TEXT, "What the model's answer would have led to."),
        *_of_both("top_k", Kind.TEXT, "Items the model would have shown, in order, by spaces."),
        *_of_both("safety", Kind.NUMBER, "1: the answer breaks a safety rule, 0: it does not."),
        *_of_both("latency_ms", Kind.NUMBER, "Time to the answer, in milliseconds."),
        *_of_both("cost", Kind.NUMBER, "Price of the answer."),
        *_of_both("status", Kind.TEXT, "As in `scores`; null: no answer was logged.", STATUSES),
    ),
)

EXPOSURES = Format(
    name="exposures",
    row="first exposure of one unit in one stage",
    key=("unit", "stage"),
    columns=(
        Column(name="unit", kind=Kind.TEXT, required=True, doc="Who was assigned."),
        Column(
            name="arm",
            kind=Kind.TEXT,
            required=True,
            choices=("baseline", "candidate"),
            doc="Which model answered.",
        ),
        Column(name="stage", kind=Kind.TEXT, required=True, doc="Which stage of the rollout."),
        Column(
            name="share",
            kind=Kind.NUMBER,
            required=True,
            doc="Share of the candidate in that stage, in [0, 1].",
        ),
        Column(name="at", kind=Kind.TIME, required=True, doc="When the unit was first exposed."),
        Column(name="reason", kind=Kind.TEXT, doc="Why it got this arm, as the provider said."),
        Column(name="bucketing", kind=Kind.TEXT, doc="Algorithm that assigned, with its version."),
        Column(name="contract", kind=Kind.TEXT, doc="SHA-256 of the contract it ran under."),
    ),
)

OUTCOMES = Format(
    name="outcomes",
    row="one outcome of one unit",
    key=("unit", "metric", "at"),
    columns=(
        Column(name="unit", kind=Kind.TEXT, required=True, doc="Whose outcome it is."),
        Column(name="metric", kind=Kind.TEXT, required=True, doc="Name of the metric."),
        Column(name="value", kind=Kind.NUMBER, required=True, nullable=True, doc="Its value."),
        Column(name="at", kind=Kind.TIME, required=True, doc="When it happened."),
    ),
)

ACTIVITY = Format(
    name="activity",
    row="one unit on one day on which it was active",
    key=("unit", "day"),
    columns=(
        Column(name="unit", kind=Kind.TEXT, required=True, doc="Who was active."),
        Column(name="day", kind=Kind.TEXT, required=True, doc="Day in UTC, as 2026-11-20."),
        Column(
            name="arm",
            kind=Kind.TEXT,
            choices=("baseline", "candidate"),
            doc="Which model answered that day.",
        ),
        Column(name="sessions", kind=Kind.NUMBER, doc="Sessions on that day."),
        Column(name="depth", kind=Kind.NUMBER, doc="Requests in the mean session of that day."),
        Column(name="events", kind=Kind.NUMBER, doc="Requests on that day."),
        Column(name="segment", kind=Kind.TEXT, doc="Behaviour before the release, such as heavy."),
    ),
)
