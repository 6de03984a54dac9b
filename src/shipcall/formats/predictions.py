"""predictions: one labelled item seen by both models."""

from shipcall.formats.format import Column, Format, Kind

PREDICTIONS = Format(
    name="predictions",
    row="one labelled item, with what both models said of it",
    key=("unit",),
    numbered=("baseline", "candidate"),
    columns=(
        Column(
            name="unit", kind=Kind.TEXT, required=True, doc="Names the item; no two rows share it."
        ),
        Column(
            name="label",
            kind=Kind.VALUE,
            required=True,
            doc="The truth: a class, or a number for a regression.",
        ),
        Column(
            name="baseline",
            kind=Kind.VALUE,
            required=True,
            nullable=True,
            doc="Score, probability of the positive class, class or number said by the baseline; "
            "null: it gave no answer. Several classes: baseline_0, baseline_1, … probabilities.",
        ),
        Column(
            name="candidate",
            kind=Kind.VALUE,
            required=True,
            nullable=True,
            doc="The same for the candidate.",
        ),
        Column(
            name="cluster",
            kind=Kind.TEXT,
            doc="Rows of one cluster are not independent; without it every row is its own.",
        ),
        Column(name="weight", kind=Kind.NUMBER, doc="Weight of the row, above zero."),
        Column(name="at", kind=Kind.TIME, doc="When the item happened."),
        Column(
            name="item_hash",
            kind=Kind.TEXT,
            doc="Hash of the input; two rows with one hash are the same item under two names.",
        ),
        Column(name="eval_set", kind=Kind.TEXT, doc="Name or digest of the evaluation set."),
    ),
)
