"""rankings and preferences: what was judged before anyone was exposed."""

from shipcall.formats.format import Column, Format, Kind

RANKINGS = Format(
    name="rankings",
    row="one item that was shown, or could have been, for one query",
    key=("query", "item"),
    columns=(
        Column(name="query", kind=Kind.TEXT, required=True, doc="Names the query or session."),
        Column(name="item", kind=Kind.TEXT, required=True, doc="Names the item."),
        Column(
            name="relevance",
            kind=Kind.NUMBER,
            required=True,
            nullable=True,
            doc="How much the item is worth for the query, 0 for nothing; null: nobody said.",
        ),
        Column(
            name="baseline",
            kind=Kind.NUMBER,
            required=True,
            nullable=True,
            doc="Score given by the baseline, the greatest first; null: not ranked. What else it "
            "may be, `order` says.",
        ),
        Column(
            name="candidate",
            kind=Kind.NUMBER,
            required=True,
            nullable=True,
            doc="The same for the candidate.",
        ),
        Column(name="cluster", kind=Kind.TEXT, doc="Queries of one cluster are not independent."),
        Column(
            name="order",
            kind=Kind.TEXT,
            choices=("score", "rank", "chance"),
            doc="What `baseline` and `candidate` are: a score (without this column), a rank with 1 "
            "first, or the chance of showing the item.",
        ),
        Column(
            name="propensity",
            kind=Kind.NUMBER,
            nullable=True,
            doc="Chance with which the logging policy showed the item, in [0, 1]; above 0 where it "
            "was shown.",
        ),
        Column(
            name="reward",
            kind=Kind.NUMBER,
            nullable=True,
            doc="What showing the item brought; null: it was not shown.",
        ),
    ),
)

PREFERENCES = Format(
    name="preferences",
    row="one comparison of two answers by one rater",
    key=("item", "rater", "order"),
    columns=(
        Column(name="item", kind=Kind.TEXT, required=True, doc="Names what both models answered."),
        Column(name="first", kind=Kind.TEXT, required=True, doc="Model of the first answer."),
        Column(name="second", kind=Kind.TEXT, required=True, doc="Model of the second answer."),
        Column(
            name="winner",
            kind=Kind.TEXT,
            required=True,
            choices=("first", "second", "tie", "invalid"),
            doc="Which answer was preferred; invalid: the rater gave no usable answer.",
        ),
        Column(name="rater", kind=Kind.TEXT, required=True, doc="Names the rater."),
        Column(
            name="rater_kind",
            kind=Kind.TEXT,
            required=True,
            choices=("human", "judge"),
            doc="A person, or a model that judges.",
        ),
        Column(
            name="order",
            kind=Kind.TEXT,
            doc="Which showing, where an item was shown to a rater more than once.",
        ),
        Column(
            name="length_first",
            kind=Kind.NUMBER,
            nullable=True,
            doc="Length of the first answer, above 0.",
        ),
        Column(
            name="length_second",
            kind=Kind.NUMBER,
            nullable=True,
            doc="Length of the second answer, above 0.",
        ),
        Column(name="cluster", kind=Kind.TEXT, doc="Items of one cluster are not independent."),
    ),
)
