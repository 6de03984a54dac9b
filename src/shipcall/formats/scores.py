"""scores: one graded run of one item by one arm."""

from shipcall.formats.format import Column, Format, Kind

STATUSES = ("ok", "model_error", "infra_error", "judge_error", "not_run")

SCORES = Format(
    name="scores",
    row="one graded run of one item by one arm",
    key=("arm", "item", "repeat", "metric"),
    wide=("baseline", "candidate"),
    columns=(
        Column(
            name="arm",
            kind=Kind.TEXT,
            required=True,
            choices=("baseline", "candidate"),
            doc="Which model was run.",
        ),
        Column(name="item", kind=Kind.TEXT, required=True, doc="Names the item."),
        Column(
            name="repeat",
            kind=Kind.TEXT,
            doc="Which run of the item, where a model is run several times on it.",
        ),
        Column(name="metric", kind=Kind.TEXT, required=True, doc="Name of the metric graded."),
        Column(
            name="value",
            kind=Kind.NUMBER,
            required=True,
            nullable=True,
            doc="The grade; null unless the status is ok.",
        ),
        Column(
            name="status",
            kind=Kind.TEXT,
            required=True,
            choices=STATUSES,
            doc="ok: graded. model_error: the model failed, which is an outcome. infra_error, "
            "judge_error, not_run: nothing is known about the model.",
        ),
        Column(name="item_hash", kind=Kind.TEXT, doc="Hash of the item's content."),
        Column(name="prompt_hash", kind=Kind.TEXT, doc="Hash of the prompt as sent."),
        Column(name="scorer", kind=Kind.TEXT, doc="Who or what graded, with its version."),
        Column(name="eval_set", kind=Kind.TEXT, doc="Name or digest of the evaluation set."),
        Column(name="cluster", kind=Kind.TEXT, doc="Items of one cluster are not independent."),
        Column(name="latency_ms", kind=Kind.NUMBER, doc="Time to the answer, in milliseconds."),
        Column(name="cost", kind=Kind.NUMBER, doc="Price of the run."),
        Column(name="tokens", kind=Kind.NUMBER, doc="Tokens used by the run."),
    ),
)
