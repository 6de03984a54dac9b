"""Catalogue: what goes wrong in a world or only looks so, with what it moves and what stays quiet.

    faults of the stream     from some day on, the law of its rows changes (regime.ACTS)
    faults of the world      a parameter is another one, from the first row on (altered.CHANGES)
    faults of the files      rows are lost, repeated or falsified once drawn (spoils.SPOILS)

A fault of the first two kinds is a pure change of parameters: laws stay evaluable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shipcall.world.truth import Fault, World

RAMP_DAYS = 7.0
"""Days until a ramp is at its full strength, where the fault does not say."""

MEASURES: Mapping[str, str] = {
    "rows": "rows a day, weekdays compared with the same weekday",
    "weekend": "share of the rows that come from Saturdays and Sundays",
    "traffic": "shares of the levels by which people differ",
    "inputs": "distribution of the served features that pull",
    "offline_inputs": "distribution of the same features, computed again",
    "idle": "distribution of the served features that pull nothing",
    "score": "distribution of the score where the model answered",
    "reliability": "share of positive labels among rows of one score, against that score",
    "labels": "share of positive labels",
    "agreement": "slope of the labels on the score",
    "ranking": "chance that a positive row has a higher score than a negative one",
    "arrival": "share of the labels that are there after two days",
    "latency": "95 % quantile of the latency",
    "fallback": "share of the rows answered by the fallback",
    "nulls": "share of the rows without x1",
    "mismatch": "share of the rows whose features are others when computed again",
    "versions": "shares of the versions",
    "newcomers": "share of the rows of units nobody had seen at training",
    "bursts": "share of the rows of the ten busiest units",
    "repeats": "share of the requests that are there twice",
    "exploration": "share of the predictions that are a coin",
    "favour": "positive labels of rows served positive by the model against those by coin",
}
"""What can be counted in a stream -> what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One kind of fault, as people have to tell it from the others."""

    number: str
    """Its number in the list of causes, or of traps for gates."""
    title: str
    tables: tuple[str, ...]
    """Formats whose rows it changes."""
    change: str
    """What is different, and how much at severity 1."""
    moves: tuple[str, ...] = ()
    """Keys of MEASURES that must move."""
    quiet: tuple[str, ...] = ()
    """Keys of MEASURES that must not."""
    act: str
    """What to do."""
    tempting: str
    """What people do instead."""


def strength(fault: Fault, world: World, day: int) -> float:
    """Tell how strong a fault is on one day, from 0 to its severity.

    Days are those of the world: whole days from its start. A fault begins with the day in which
    its moment lies. A ramp stays at its full strength once it is there.

    Args:
        fault: The fault.
        world: Knows on which weekday its first day falls.
        day: Days since the start of the world.
    """
    since = day - int(fault.day)
    if since < 0:
        return 0.0
    if fault.shape == "ramp":
        return fault.severity * min(1.0, (since + 1) / (fault.days or RAMP_DAYS))
    if fault.shape == "pulse":
        return fault.severity if since == 0 else 0.0
    over = fault.days is not None and since >= fault.days
    idle = fault.shape == "weekly" and not weekend(world, day)
    return 0.0 if over or idle else fault.severity


def weekend(world: World, day: int) -> bool:
    """Is this day of the world a Saturday or a Sunday?"""
    return (world.start + timedelta(days=day)).weekday() >= 5


_STREAM = ("stream",)
_GRADED = ("scores",)
_OFFLINE = ("scores", "predictions", "rankings", "preferences")

FAULTS: Mapping[str, FaultKind] = {
    "none": FaultKind(
        number="0",
        title="nothing is wrong",
        tables=(),
        change="Nothing; a decoy in the change log may say otherwise.",
        quiet=tuple(MEASURES),
        act="leave it alone",
        tempting="roll back on noise",
    ),
    "season": FaultKind(
        number="0",
        title="a busier season",
        tables=_STREAM,
        change="Rows times 1.6.",
        moves=("rows",),
        quiet=("traffic", "inputs", "score", "reliability", "fallback", "nulls"),
        act="compare with the same weekdays",
        tempting="call the traffic an incident",
    ),
    "benign_covariate": FaultKind(
        number="1",
        title="an input moves that pulls nothing",
        tables=_STREAM,
        change="The means of the idle features by 2 standard deviations.",
        moves=("idle",),
        quiet=("inputs", "score", "reliability", "labels", "nulls"),
        act="accept it",
        tempting="retrain on the drift alarm",
    ),
    "covariate_shift": FaultKind(
        number="2",
        title="the inputs move",
        tables=_STREAM,
        change="The means of the features that pull by 1 standard deviation.",
        moves=("inputs", "offline_inputs", "score", "labels"),
        quiet=("reliability", "mismatch", "nulls", "fallback", "idle"),
        act="reweight the evaluation, then see whether to retrain",
        tempting="call it concept drift",
    ),
    "concept_drift": FaultKind(
        number="3",
        title="what x1 means for the label changes",
        tables=_STREAM,
        change="The pull of x1 times -0.8 (1 minus 1.8 times the severity).",
        moves=("reliability", "agreement", "ranking"),
        quiet=("inputs", "score", "nulls", "fallback", "mismatch"),
        act="retrain or recalibrate on fresh labels",
        tempting="trust an estimate of quality that needs no labels",
    ),
    "label_noise": FaultKind(
        number="4",
        title="labels are flipped",
        tables=_STREAM,
        change="A quarter of the labels of one source (`labels.noisy`, else the last).",
        moves=("agreement",),
        quiet=("inputs", "score", "arrival", "nulls", "fallback", "mismatch"),
        act="repair the labels and do not train on them",
        tempting="retrain",
    ),
    "label_lag": FaultKind(
        number="5",
        title="labels come later",
        tables=_STREAM,
        change="The delay of labels times 3.5.",
        moves=("arrival",),
        quiet=("inputs", "score", "nulls", "fallback", "mismatch"),
        act="wait, and compare labels of the same age",
        tempting="roll back on young labels",
    ),
    "latency": FaultKind(
        number="6",
        title="answers time out",
        tables=_STREAM,
        change="The median latency times 5: more answers come from the fallback.",
        moves=("latency", "fallback"),
        quiet=("inputs", "reliability", "nulls", "mismatch", "traffic"),
        act="give it capacity, or a longer timeout",
        tempting="retrain",
    ),
    "missing_partition": FaultKind(
        number="7a",
        title="the rows of weekends are missing",
        tables=(*_STREAM, "lineage"),
        change="All rows of Saturdays and Sundays (70 % and 30 % times the severity).",
        moves=("weekend",),
        quiet=("inputs", "score", "reliability", "nulls", "fallback", "traffic"),
        act="restore the partitions",
        tempting="explain the fall of traffic",
    ),
    "unit_change": FaultKind(
        number="7b",
        title="x1 comes in another unit",
        tables=_STREAM,
        change="x1 times 100, in a share of the rows that grows with the severity.",
        moves=("inputs", "score", "mismatch"),
        quiet=("offline_inputs", "nulls", "idle", "traffic", "labels"),
        act="repair the feed",
        tempting="retrain on it",
    ),
    "null_surge": FaultKind(
        number="7c",
        title="x1 is not there",
        tables=_STREAM,
        change="x1 is null in 60 % of the rows, and the model reads -2 instead.",
        moves=("nulls", "score"),
        quiet=("idle", "offline_inputs", "traffic", "labels", "fallback"),
        act="repair the feed",
        tempting="drop the feature",
    ),
    "skew": FaultKind(
        number="8",
        title="features are stale when served",
        tables=(*_STREAM, "lineage"),
        change="80 % of the rows are served with the features of others.",
        moves=("mismatch", "agreement"),
        quiet=("inputs", "offline_inputs", "score", "labels", "nulls"),
        act="repair the feature store",
        tempting="call it concept drift",
    ),
    "serving_change": FaultKind(
        number="9",
        title="a prompt, rule or threshold changes what is stated",
        tables=_STREAM,
        change="A version of its own states log odds that are 1.2 higher.",
        moves=("versions", "score", "reliability"),
        quiet=("inputs", "labels", "nulls", "mismatch", "fallback"),
        act="roll back that version",
        tempting="blame the model",
    ),
    "feedback_loop": FaultKind(
        number="10",
        title="what is served makes its own labels",
        tables=_STREAM,
        change="Log odds of 1 for what the model serves positive; exploration falls by 90 %.",
        moves=("exploration", "favour"),
        quiet=("inputs", "score", "nulls", "fallback", "mismatch"),
        act="restore exploration",
        tempting="celebrate the rate of positives",
    ),
    "contamination": FaultKind(
        number="11",
        title="the candidate was trained on the evaluation set",
        tables=_OFFLINE,
        change="36 % of the items are leaked, on top of `items.leaked`.",
        act="evaluate on clean items",
        tempting="ship",
    ),
    "traffic_mix": FaultKind(
        number="12",
        title="other people come",
        tables=_STREAM,
        change="Log weight of 2 for `where`, or for the last level of the first trait.",
        moves=("traffic",),
        quiet=("inputs", "reliability", "nulls", "fallback", "mismatch"),
        act="read it slice by slice",
        tempting="roll back on the total",
    ),
    "cold_start": FaultKind(
        number="13",
        title="many units are seen for the first time",
        tables=_STREAM,
        change="Newcomers make 50 % more of the rows; the model knows no history of them.",
        moves=("newcomers", "ranking"),
        quiet=("mismatch", "nulls", "fallback", "labels", "idle"),
        act="serve newcomers by a rule of their own",
        tempting="retrain",
    ),
    "replay": FaultKind(
        number="14",
        title="events are replayed",
        tables=(*_STREAM, "outcomes", "exposures", "activity", "shadow_pairs"),
        change="30 % of the rows are there twice.",
        moves=("repeats", "rows"),
        quiet=("inputs", "score", "reliability", "traffic", "nulls"),
        act="count each request once",
        tempting="welcome the growth",
    ),
    "bots": FaultKind(
        number="15",
        title="bots come",
        tables=_STREAM,
        change="40 % more rows from six units, with narrow features and no positive label.",
        moves=("bursts", "rows"),
        quiet=("nulls", "fallback", "mismatch", "versions"),
        act="keep them out and count again",
        tempting="call it growth",
    ),
    "bleed": FaultKind(
        number="16",
        title="the share that is served is not the one that was planned",
        tables=(*_STREAM, "exposures"),
        change="10 points more of the stream go to the other model; 20 % of the candidate's "
        "exposures are lost.",
        moves=("versions",),
        quiet=("inputs", "score", "nulls", "fallback", "labels"),
        act="void the comparison, repair, start again",
        tempting="read the lift anyway",
    ),
    "empty_table": FaultKind(
        number="G1",
        title="a table without rows",
        tables=_OFFLINE,
        change="No row is left.",
        act="hold: nothing was measured",
        tempting="pass what did not fail",
    ),
    "lost_rows": FaultKind(
        number="G3",
        title="the candidate lost rows",
        tables=_GRADED,
        change="99 % of the candidate's rows.",
        act="hold and find them",
        tempting="compare what is left",
    ),
    "other_content": FaultKind(
        number="G4",
        title="same names, other content",
        tables=_GRADED,
        change="The candidate was asked other prompts under the same names.",
        act="hold: nothing is paired",
        tempting="pair by name",
    ),
    "disagreeing_duplicates": FaultKind(
        number="G5",
        title="duplicates that disagree",
        tables=_GRADED,
        change="Half of the rows are there again, right where they were wrong.",
        act="hold and find out which of them holds",
        tempting="let the last row win",
    ),
    "renamed_repeats": FaultKind(
        number="G15",
        title="repeats under new names",
        tables=_GRADED,
        change="Every row is there again, its item under another name and with the same hash.",
        act="count items, not names",
        tempting="believe in twice the items",
    ),
    "errors_as_null": FaultKind(
        number="G13",
        title="failed runs are ok, without a value",
        tables=_GRADED,
        change="40 % of the candidate's rows.",
        act="hold: failed runs are outcomes",
        tempting="average what has a value",
    ),
    "errors_as_zero": FaultKind(
        number="G13",
        title="runs that never happened are graded 0",
        tables=_GRADED,
        change="40 % of the candidate's rows.",
        act="ask the harness for the errors",
        tempting="blame the candidate",
    ),
    "constant": FaultKind(
        number="G2",
        title="a constant output",
        tables=_GRADED,
        change="Every grade of the candidate is the same.",
        act="hold and look at the scorer",
        tempting="read no spread as certainty",
    ),
    "few_clusters": FaultKind(
        number="G7",
        title="few clusters",
        tables=("scores", "predictions"),
        change="All items come from at most 5 documents (20 minus 15 times the severity).",
        act="judge by clusters",
        tempting="count rows",
    ),
    "lost_epoch": FaultKind(
        number="G14",
        title="one repeat crashed",
        tables=_GRADED,
        change="The candidate's last repeat is not there.",
        act="hold: fewer runs were made than promised",
        tempting="score the repeats that survived",
    ),
}
"""Every kind of fault a world may name."""
