"""Metrics of lists: what the first places hold, what is shown, what a log says of a model."""

from collections.abc import Callable, Mapping
from typing import Any

from shipcall.metrics.metric import Granularity, Metric, Options, Statistic

_ARMS = ("baseline", "candidate")
_FORMATS = ("rankings",)
_TIES = (
    "Equal scores are ordered by the name of the item, the greatest first, as trec_eval does; "
    "scores are compared as 64-bit numbers, where trec_eval keeps 32 bits."
)
_EMPTY = (
    'A query without a relevant item counts as 0 (`empty = "zero"`, as trec_eval does) or not at '
    'all (`"drop"`).'
)
_UNJUDGED = (
    "A query in which nobody judged one of the first k items of a model is lost and filled at its "
    'worst; `unjudged = "irrelevant"` counts such items as not relevant, as trec_eval does.'
)
_BINARY = "An item is relevant from `threshold` (0.5) on."

_Value = Callable[[Any, str, Options], Any]


def _of_queries(value: _Value, defined: Callable[[Any], Any]) -> Callable[..., Mapping[str, Any]]:
    """One value per query and model; queries where it is not defined count 0 or not at all."""

    def rows(t: Any, options: Options) -> Mapping[str, Any]:
        counts = defined(t) if options.empty == "drop" else t.relevant >= 0
        columns = {}
        for arm in _ARMS:
            columns[f"num_{arm}"] = value(t, arm, options)
            columns[f"den_{arm}"] = counts.cast("float64")
        return columns

    return rows


def _some_relevant(t: Any) -> Any:
    return t.relevant > 0


def _share(part: Any, whole: Any) -> Any:
    """A quotient, 0 where the whole is 0 and null where the part is."""
    part = part.cast("float64")
    return (part / whole.nullif(0)).fill_null(part * 0.0)


def _ndcg(t: Any, arm: str, _options: Options) -> Any:
    return _share(t[f"{arm}_gain"], t.ideal)


def _precision(t: Any, arm: str, options: Options) -> Any:
    return t[f"{arm}_hits"].cast("float64") / (options.k or 1)


def _recall(t: Any, arm: str, _options: Options) -> Any:
    return _share(t[f"{arm}_hits"], t.relevant)


def _hit(t: Any, arm: str, _options: Options) -> Any:
    return (t[f"{arm}_hits"] > 0).cast("float64")


def _reciprocal(t: Any, arm: str, _options: Options) -> Any:
    nothing = t[f"{arm}_hits"].cast("float64") * 0.0
    return ((nothing + 1.0) / t[f"{arm}_first"]).fill_null(nothing)


def _average_precision(t: Any, arm: str, _options: Options) -> Any:
    return _share(t[f"{arm}_precisions"], t.relevant)


def _over_lists(value: Callable[[Any, str], Any]) -> Callable[..., Mapping[str, Any]]:
    """One value per query and model, whatever is relevant; null where the list is too short."""

    def rows(t: Any, _options: Options) -> Mapping[str, Any]:
        columns = {}
        for arm in _ARMS:
            columns[f"num_{arm}"] = value(t, arm)
            columns[f"den_{arm}"] = value(t, arm).notnull().cast("float64")
        return columns

    return rows


def _rarity(t: Any, arm: str) -> Any:
    return t[f"{arm}_rarity"] / t[f"{arm}_listed"].nullif(0)


def _unlike(t: Any, arm: str) -> Any:
    listed = t[f"{arm}_listed"].cast("float64")
    return 1.0 - t[f"{arm}_alike"].cast("float64") / (listed * (listed - 1.0)).nullif(0.0)


def _shown(t: Any, _options: Options) -> Mapping[str, Any]:
    columns = {"item": t.code, "catalogue": t.catalogue}
    return columns | {f"shown_{arm}": t[f"{arm}_shown"] for arm in _ARMS}


def _weighed(value: Any, per: Any, surprise: Any) -> Callable[..., Mapping[str, Any]]:
    """Numerator and denominator of each model's value, with the weights behind them."""

    def rows(t: Any, _options: Options) -> Mapping[str, Any]:
        columns = {}
        for arm in _ARMS:
            weight = t[f"{arm}_weight"]
            columns[f"num_{arm}"] = value(t, arm, weight)
            columns[f"den_{arm}"] = per(weight)
            columns[f"weight_{arm}"] = weight
        return columns | {"surprise": surprise(t)}

    return rows


def _rewarded(t: Any, _arm: str, weight: Any) -> Any:
    return weight * t.reward


def _corrected(t: Any, arm: str, weight: Any) -> Any:
    return t[f"{arm}_modelled"] + weight * (t.reward - t.expected)


def _reward(t: Any) -> Any:
    return t.reward


def _unexpected(t: Any) -> Any:
    return t.reward - t.expected


def _one(weight: Any) -> Any:
    return weight * 0.0 + 1.0


def _itself(weight: Any) -> Any:
    return weight


NDCG = Metric(
    kind="ndcg",
    title="NDCG",
    doc="Gains of the first k items, each divided by log2(1 + place), over those of the best "
    'possible list of the judged items; mean over queries. `gain = "linear"` (the relevance, as '
    'trec_eval) or `"exponential"` (2^relevance - 1); relevance below 0 is 0. Name both beside a '
    f"figure that others shall compare. {_EMPTY} {_TIES} {_UNJUDGED} Differences are paired by "
    "query. Two models that differ on few queries get bounds on their share. Says nothing below "
    "place k. Järvelin & Kekäläinen 2002.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_of_queries(_ndcg, lambda t: t.ideal > 0),
    granularity=Granularity.QUERY,
    options=("k", "gain", "empty", "unjudged"),
    required=("k",),
)

PRECISION_AT_K = Metric(
    kind="precision_at_k",
    title="Precision at k",
    doc="Relevant items among the first k, divided by k, also where fewer were ranked; mean over "
    f"queries. {_BINARY} {_EMPTY} {_UNJUDGED} A query with fewer than k relevant items cannot "
    "reach 1: compare models on the same queries only.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_of_queries(_precision, _some_relevant),
    granularity=Granularity.QUERY,
    options=("k", "threshold", "empty", "unjudged"),
    required=("k",),
)

RECALL_AT_K = Metric(
    kind="recall_at_k",
    title="Recall at k",
    doc="Relevant items among the first k, divided by all relevant items of the query; mean over "
    f"queries, each counting alike. {_BINARY} {_EMPTY} {_UNJUDGED} Relevant items that nobody "
    "judged are not in the denominator: with few judgements it is too high for both models.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_of_queries(_recall, _some_relevant),
    granularity=Granularity.QUERY,
    options=("k", "threshold", "empty", "unjudged"),
    required=("k",),
)

HIT_RATE = Metric(
    kind="hit_rate",
    title="Hit rate",
    doc="Share of queries with a relevant item among the first k. 0 or 1 for each query, so small "
    f"samples and rare hits get exact intervals. {_BINARY} {_EMPTY} {_UNJUDGED} Blind to how many "
    "good items there are and to their order.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_of_queries(_hit, _some_relevant),
    granularity=Granularity.QUERY,
    binary=True,
    options=("k", "threshold", "empty", "unjudged"),
    required=("k",),
)

MRR = Metric(
    kind="mrr",
    title="Reciprocal rank (MRR)",
    doc="One over the place of the first relevant item, 0 where none is among the first `k` (or at "
    f"all); mean over queries. {_BINARY} {_EMPTY} {_TIES} {_UNJUDGED} Depends on one item of each "
    "list: for people who look for one answer, not for a shelf.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_of_queries(_reciprocal, _some_relevant),
    granularity=Granularity.QUERY,
    options=("k", "threshold", "empty", "unjudged"),
)

MAP = Metric(
    kind="map",
    title="Mean average precision (MAP)",
    doc="Precision down to each relevant item among the first `k` (or all), summed and divided by "
    "all relevant items of the query, also where they are more than k (trec_eval's map and "
    f"map_cut); mean over queries. {_BINARY} {_EMPTY} {_TIES} {_UNJUDGED}",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_of_queries(_average_precision, _some_relevant),
    granularity=Granularity.QUERY,
    options=("k", "threshold", "empty", "unjudged"),
)

CATALOGUE_COVERAGE = Metric(
    kind="catalogue_coverage",
    title="Catalogue coverage",
    doc="Share of the items of the table that are among the first `k` (or ranked at all) for some "
    "query. Grows with the number of queries, so it speaks of as many queries as there are here: "
    "compare models on the same ones. The interval leaves out each cluster in turn; that variance "
    "is too large on average and never too small (Efron & Stein 1981), and three more clusters "
    "are added to it, so that a catalogue which everybody sees is not certain. A query that a "
    "model did not rank leaves no data. The catalogue is what stands in the table: bring all "
    "rankable items.",
    formats=_FORMATS,
    statistic=Statistic.COVERAGE,
    rows=_shown,
    granularity=Granularity.ITEM,
    options=("k",),
)

NOVELTY = Metric(
    kind="novelty",
    title="Novelty",
    doc="Mean over the first `k` items of minus the binary logarithm of `column` (popularity): the "
    "share of people, in (0, 1], who have met the item; mean over queries. A query with an item of "
    "unknown popularity is lost, and without a declared `range` leaves no data. Popularity has to "
    "come from before the release. Random lists are the most novel: promise relevance beside it. "
    "Vargas & Castells 2011.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_over_lists(_rarity),
    granularity=Granularity.QUERY,
    range=None,
    unit="bits",
    options=("k", "column", "range"),
    column="popularity",
)

DIVERSITY = Metric(
    kind="diversity",
    title="Diversity within a list",
    doc="Share of the pairs among the first `k` items that differ in `column` (category); mean "
    "over queries. A list of fewer than two items, or with an item of unknown category, is lost "
    "and filled at its worst. Knows categories only: two items of one category count as the same.",
    formats=_FORMATS,
    statistic=Statistic.RATIO,
    rows=_over_lists(_unlike),
    granularity=Granularity.QUERY,
    options=("k", "column"),
    column="category",
)

_OVERLAP = (
    "Needs `propensity` and `reward`, with exactly one shown item a query. Models that give scores "
    'or ranks show their first item; with `order = "chance"` they show each item with its chance. '
    "Effective sample size and largest weight stand beside the value. No data where the log says "
    "too little: an effective sample of fewer than 50 queries, or a mean weight that is not 1 "
    "(chances that are wrong, or items that were never shown). Lost queries leave no data. "
)

IPS = Metric(
    kind="ips",
    title="Off-policy value (IPS)",
    doc="Mean over logged queries of the reward times the weight: the model's chance of the logged "
    f"choice over the log's. {_OVERLAP}Unbiased if the chances are right, and wide if the model "
    "likes what the log rarely showed. Horvitz & Thompson 1952.",
    formats=_FORMATS,
    statistic=Statistic.LOGGED,
    rows=_weighed(_rewarded, _one, _reward),
    granularity=Granularity.CHOICE,
    range=None,
)

SNIPS = Metric(
    kind="snips",
    title="Off-policy value, self-normalised (SNIPS)",
    doc="Rewards times weights, summed and divided by the sum of the weights (ratio of sums on the "
    f"same clusters, delta method). {_OVERLAP}Biased by a share of about one over the effective "
    "sample, narrower than IPS where weights vary, and stays within the rewards that were seen. "
    "Swaminathan & Joachims 2015.",
    formats=_FORMATS,
    statistic=Statistic.LOGGED,
    rows=_weighed(_rewarded, _itself, _reward),
    granularity=Granularity.CHOICE,
    range=None,
)

DOUBLY_ROBUST = Metric(
    kind="doubly_robust",
    title="Off-policy value (doubly robust)",
    doc="Mean of the reward that a reward model expects of the model's own choice, plus the weight "
    "times what the logged reward lay above expectation. `column` (expected_reward) holds the "
    "expectation for every item of every query; it must come from other rows than these, or the "
    f"interval is too narrow. {_OVERLAP}Right if either the chances or the expectations are. "
    "Dudík, Langford & Li 2011.",
    formats=_FORMATS,
    statistic=Statistic.LOGGED,
    rows=_weighed(_corrected, _one, _unexpected),
    granularity=Granularity.CHOICE,
    range=None,
    options=("column",),
    column="expected_reward",
)
