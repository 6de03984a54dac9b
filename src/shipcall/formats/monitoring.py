"""stream, changes and lineage: what is watched after the release."""

from shipcall.formats.format import Column, Format, Kind

CHANGE_KINDS = (
    "deploy",
    "policy",
    "prompt",
    "schema",
    "data",
    "experiment",
    "label_guideline",
)

STREAM = Format(
    name="stream",
    row="one served prediction",
    key=(),
    columns=(
        Column(name="at", kind=Kind.TIME, required=True, doc="When it was served."),
        Column(name="prediction", kind=Kind.VALUE, required=True, doc="What was served."),
        Column(name="unit", kind=Kind.TEXT, doc="For whom."),
        Column(name="score", kind=Kind.NUMBER, nullable=True, doc="Score behind the prediction."),
        Column(
            name="label",
            kind=Kind.VALUE,
            nullable=True,
            doc="The truth as reported; null: not known yet.",
        ),
        Column(name="label_at", kind=Kind.TIME, nullable=True, doc="When the label became known."),
        Column(name="version", kind=Kind.TEXT, doc="Version of the model that served."),
        Column(name="source", kind=Kind.TEXT, doc="Where the label, or the traffic, comes from."),
        Column(
            name="latency_ms", kind=Kind.NUMBER, nullable=True, doc="Time to the answer, in ms."
        ),
        Column(name="fallback", kind=Kind.NUMBER, doc="1: a fallback answered, 0: the model."),
    ),
)

CHANGES = Format(
    name="changes",
    row="one dated change in the world",
    key=(),
    columns=(
        Column(name="at", kind=Kind.TIME, required=True, doc="When it happened."),
        Column(
            name="kind",
            kind=Kind.TEXT,
            required=True,
            choices=CHANGE_KINDS,
            doc="What kind of change.",
        ),
        Column(name="what", kind=Kind.TEXT, required=True, doc="What was changed, in one line."),
    ),
)

LINEAGE = Format(
    name="lineage",
    row="one OpenLineage run event",
    key=(),
    columns=(
        Column(name="eventTime", kind=Kind.TIME, required=True, doc="When the event was sent."),
        Column(name="eventType", kind=Kind.TEXT, doc="START, RUNNING, COMPLETE, ABORT or FAIL."),
        Column(name="run", kind=Kind.VALUE, required=True, doc="Run: its id and its facets."),
        Column(name="job", kind=Kind.VALUE, required=True, doc="Job: namespace, name, facets."),
        Column(name="inputs", kind=Kind.VALUE, doc="Datasets read, with their facets."),
        Column(name="outputs", kind=Kind.VALUE, doc="Datasets written, with their facets."),
        Column(name="producer", kind=Kind.TEXT, required=True, doc="What sent the event."),
        Column(name="schemaURL", kind=Kind.TEXT, required=True, doc="Version of its schema."),
    ),
)
