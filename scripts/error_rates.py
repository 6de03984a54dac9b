"""Error rates of the offline gate at its bars, by simulation, as a Markdown table on stdout.

Every row puts the truth on the bar, where a false SHIP or a false NO SHIP is most likely, draws
evidence, and counts how often the gate errs. Checks and their levels come from `plan()` on a
contract, the measurement and the standing from the code that a verdict uses; only the files are
left out, but for the last row, which writes them. `*` marks a rate whose exact 95 % interval lies
above the promise.

Run `python scripts/error_rates.py`; `--runs` makes it coarser, `--only` picks rows by a word.
"""

import argparse
import csv
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from scipy import special

from shipcall.contract.parse import parse_contract, read_contract
from shipcall.contract.plan import Plan, plan
from shipcall.core import Action, Check, Finding, Slice, Standing, Tails
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.release.history import sealed_contract
from shipcall.release.judge import judge
from shipcall.release.sealing import seal
from shipcall.stages._family import family_estimates
from shipcall.stages.gate import generator, measure
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.proportions import binomial_ends
from shipcall.stats.ranking import auc_pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample, QuantileSample, Sample

SEED = 20_261_120
RUNS = 2_000
SIZES = (20, 30, 50, 80, 120, 200, 300, 500, 1_000, 2_000)
AT = "2026-11-20T12:00:00Z"

Rng = np.random.Generator
Draw = Callable[[Rng], bool]
"""Does the gate err on one draw of evidence?"""

HEAD = """
shipcall = 1
[release]
id = "r"
kind = "llm"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "prompt"
[unit]
id = "item"
[evidence]
predictions = "p.csv"
scores = "scores.csv"
[metric]
m = {{ level = "model", {metric} }}
[[check]]
id = "gate.m"
stage = "gate"
role = "goal"
metric = "m"
{bar}
"""
SLICES = """
[slices]
by = ["part"]
metric = "m"
may_lose = 0.02
correction = "{correction}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the table."""

    name: str
    draw: Draw
    error: str = "SHIP"
    """The call that would be wrong."""
    promise: float = 0.05
    """The rate that is promised at most, in (0, 1)."""
    share: float = 1.0
    """Share of the runs: less where one run is slow."""


def planned(metric: str, bar: str, rest: str = "", parts: int = 0) -> Plan:
    """Plan a contract with one goal, and slices where asked for."""
    contract = parse_contract(HEAD.format(metric=metric, bar=bar) + rest, file="contract.toml")
    levels = {Slice.of({"part": f"p{i}"}): size for i, size in enumerate(SIZES[:parts])}
    return plan(contract, "gate", levels)


def standing(promised: Plan, check: Check, sample: Sample) -> Standing:
    """Measure one check and hold it against its bar."""
    measured = measure(check, promised.measures["m"], sample)
    return Finding(check=check, measured=measured).standing


def cleared(metric: str, bar: str) -> Callable[[Sample], bool]:
    """Does the goal of a contract clear?"""
    promised = planned(metric, bar)
    check = promised.checks[0]
    return lambda sample: standing(promised, check, sample) is Standing.CLEAR


def paired(  # noqa: PLR0913 - two columns and what is known of them
    baseline: Floats,
    candidate: Floats,
    *,
    cluster: Ints | None = None,
    binary: bool = False,
    lost: int = 0,
    influence: bool = False,
    bounded: bool = False,
) -> PairSample:
    """Sum two columns as the engine does."""
    ones = np.ones(baseline.size)
    codes = np.arange(baseline.size) if cluster is None else cluster
    limits = (0.0, 1.0) if binary or bounded else None
    return pair_sample(
        baseline,
        ones,
        candidate,
        ones,
        Clusters.of(codes),
        range=limits,
        lost=Lost(rows=lost, range=limits),
        binary=binary,
        influence=influence,
    )


def from_counts(both: int, lost: int, gained: int, neither: int, missing: int = 0) -> PairSample:
    """Make a sample of 0/1 pairs from their counts."""
    counts = (both, lost, gained, neither)
    baseline = np.repeat([1.0, 1.0, 0.0, 0.0], counts)
    candidate = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    return paired(baseline, candidate, binary=True, lost=missing)


@dataclass(frozen=True)
class Counts:
    """Does the goal clear on a table of 0/1 pairs? Equal tables are judged once."""

    clear: Callable[[Sample], bool]
    seen: dict[tuple[int, ...], bool] = field(default_factory=dict)

    def __call__(self, *counts: int) -> bool:
        """Judge one table, or remember it."""
        if counts not in self.seen:
            self.seen[counts] = self.clear(from_counts(*counts))
        return self.seen[counts]


def single_share(rng: Rng, *, n: int, clear: Counts) -> bool:
    """The candidate's own share lies on its bar of 5 %."""
    events = int(rng.binomial(n, 0.05))
    return clear(0, 0, events, n - events)


def pair_share(rng: Rng, *, n: int, differing: float, loss: float, clear: Counts) -> bool:
    """The candidate loses exactly what it may; a share of the pairs differs."""
    gained, fallen = (differing - loss) / 2, (differing + loss) / 2
    kept = (1 - differing) * 0.7
    both, lost, won, neither = rng.multinomial(n, [kept, fallen, gained, 1 - differing - kept])
    return clear(int(both), int(lost), int(won), int(neither))


def hidden_losses(rng: Rng, *, n: int, missing: float, loss: float, clear: Counts) -> bool:
    """As many lost pairs as may be missing, and an adversary picks them."""
    both, lost, won, neither = (
        int(k) for k in rng.multinomial(n, [0.6, 0.1 + loss / 2, 0.1 - loss / 2, 0.2])
    )
    hidden = min(int(n * missing), lost)
    return clear(both, lost - hidden, won, neither, hidden)


def shares() -> Iterator[Scenario]:
    """Shares: one model's own, and pairs that differ rarely or often."""
    for n in (50, 300, 2_000):
        clear = Counts(cleared('kind = "proportion", better = "lower"', "at_most = 0.05"))
        draw: Draw = partial(single_share, n=n, clear=clear)
        yield Scenario(name=f"share of one model, n = {n:,}", draw=draw)
    for n, differing in product((50, 300, 2_000), (0.02, 0.2)):
        clear = Counts(cleared('kind = "proportion", better = "higher"', "may_lose = 0.02"))
        draw = partial(pair_share, n=n, differing=differing, loss=0.02, clear=clear)
        name = f"paired share, n = {n:,}, {100 * differing:g} % of pairs differ"
        yield Scenario(name=name, draw=draw)
    clear = Counts(cleared('kind = "proportion", better = "higher"', 'may_lose = "4%"'))
    draw = partial(pair_share, n=2_000, differing=0.2, loss=0.04 * 0.66 / 0.98, clear=clear)
    yield Scenario(name="paired share, relative bar, n = 2,000", draw=draw)
    for n in (300, 2_000):
        clear = Counts(cleared('kind = "proportion", better = "higher"', "within = 0.05"))
        draw = partial(pair_share, n=n, differing=0.2, loss=0.05, clear=clear)
        yield Scenario(name=f"paired share within 5 points, n = {n:,}", draw=draw)
    clear = Counts(cleared('kind = "proportion", better = "higher"', "may_lose = 0.05"))
    draw = partial(hidden_losses, n=1_000, missing=0.02, loss=0.05, clear=clear)
    yield Scenario(name="2 % of pairs lost, all of them losses, n = 1,000", draw=draw)


Law = Callable[[Rng, int], Floats]


def normal(rng: Rng, size: int) -> Floats:
    """Draw standard normal values."""
    return rng.standard_normal(size)


def skewed_up(rng: Rng, size: int) -> Floats:
    """Draw values with a long upper tail, mean 0 and variance 1."""
    return rng.exponential(1.0, size) - 1.0


def skewed_down(rng: Rng, size: int) -> Floats:
    """Draw values with a long lower tail, mean 0 and variance 1: rare disasters."""
    return 1.0 - rng.exponential(1.0, size)


def clustered_mean(
    rng: Rng, *, groups: int, law: Law, even: bool, clear: Callable[[Sample], bool]
) -> bool:
    """A mean over rows in clusters; the candidate loses exactly what it may, 0.1."""
    sizes = np.full(groups, 10) if even else np.linspace(4, 16, groups).astype(int)
    cluster = np.repeat(np.arange(groups), sizes)
    gain = 0.5 * law(rng, groups)[cluster] + 0.5 * rng.standard_normal(cluster.size) - 0.1
    baseline = rng.standard_normal(cluster.size)
    return clear(paired(baseline, baseline + gain, cluster=cluster))


def relative_mean(rng: Rng, *, n: int, clear: Callable[[Sample], bool]) -> bool:
    """A positive mean; the candidate loses exactly 2 % of it."""
    baseline = rng.gamma(4.0, 0.25, n)
    candidate = 0.98 * (0.5 * baseline + 0.5 * rng.gamma(4.0, 0.25, n))
    return clear(paired(baseline, candidate))


def rare_disasters(rng: Rng, *, n: int, clear: Callable[[Sample], bool]) -> bool:
    """A bounded grade which is slightly better on most items and ruined on 2 % of them."""
    baseline = rng.uniform(0.8, 0.9, n)
    ruined = rng.random(n) < 0.02
    candidate = np.where(ruined, 0.05, baseline + 0.01)
    loss = 0.02 * 0.80 - 0.98 * 0.01
    return clear(paired(baseline, candidate + loss - 0.02, bounded=True))


def means() -> Iterator[Scenario]:
    """Means: clusters, relative bars, equivalence, rare disasters."""
    clear = cleared('kind = "mean", better = "higher"', "may_lose = 0.1")
    laws: dict[str, Law] = {
        "normal": normal,
        "skewed up": skewed_up,
        "skewed down": skewed_down,
    }
    for groups, (word, law), even in product((8, 30), laws.items(), (True, False)):
        draw: Draw = partial(clustered_mean, groups=groups, law=law, even=even, clear=clear)
        sizes = "equal" if even else "4 to 16 rows"
        yield Scenario(name=f"mean, {groups} clusters, {word}, {sizes}", draw=draw)
    clear = cleared('kind = "mean", better = "higher"', 'may_lose = "2%"')
    for n in (50, 300):
        draw = partial(relative_mean, n=n, clear=clear)
        yield Scenario(name=f"mean, relative bar, n = {n}", draw=draw)
    clear = cleared('kind = "mean", better = "higher", range = [0, 1]', "may_lose = 0.02")
    for n in (100, 300, 1_000):
        draw = partial(rare_disasters, n=n, clear=clear)
        yield Scenario(name=f"grade ruined on 2 % of items, n = {n:,}", draw=draw)


def auc_loss(rng: Rng, *, n: int, auc: float, clear: Callable[[Sample], bool]) -> bool:
    """Two binormal scores; the candidate's area is lower by exactly 0.02."""
    label = np.arange(n) < n // 4
    shared = rng.standard_normal(n)
    scores = []
    for area in (auc, auc - 0.02):
        noise = 0.8 * shared + 0.6 * rng.standard_normal(n)
        scores.append(noise + math.sqrt(2) * float(special.ndtri(area)) * label)
    codes = np.arange(n, dtype=np.int64)
    sample = auc_pair_sample(label, scores[0], scores[1], codes, lost=Lost(), influence=False)
    return clear(sample)


def latency_rise(rng: Rng, *, n: int, q: float, clear: Callable[[Sample], bool]) -> bool:
    """Lognormal latencies of both models; the candidate's quantile is higher by exactly 10."""
    shared = rng.standard_normal(n)
    slow = [100 * np.exp(0.3 * (0.7 * shared + 0.714 * rng.standard_normal(n))) for _ in range(2)]
    slow[1] = slow[1] + 10.0
    order = [np.argsort(values, kind="stable") for values in slow]
    sample = QuantileSample(
        q=q,
        baseline=slow[0][order[0]],
        candidate=slow[1][order[1]],
        cluster_baseline=order[0].astype(np.int64),
        cluster_candidate=order[1].astype(np.int64),
        clusters=n,
    )
    return clear(sample)


def found(rng: Rng, *, n: int, clear: Callable[[Sample], bool]) -> bool:
    """Recall: 0.80 of the baseline, 0.75 of the candidate, on one fifth of the rows."""
    positives = int(rng.binomial(n, 0.2))
    both, lost, won, neither = rng.multinomial(positives, [0.7, 0.1, 0.05, 0.15])
    return clear(from_counts(int(both), int(lost), int(won), int(neither)))


def called(rng: Rng, *, n: int, clear: Callable[[Sample], bool]) -> bool:
    """Precision: 0.80 of the baseline, 0.75 of the candidate, which call different rows."""
    positive = rng.random(n) < 0.3
    said = []
    shared = rng.random(n)
    for precision in (0.80, 0.75):
        false_share = 0.3 * 0.7 * (1 - precision) / precision / 0.7
        own = np.where(rng.random(n) < 0.7, shared, rng.random(n))
        said.append((own < np.where(positive, 0.7, false_share)).astype(float))
    sample = pair_sample(
        said[0] * positive,
        said[0],
        said[1] * positive,
        said[1],
        Clusters.of(np.arange(n)),
        range=(0.0, 1.0),
        binary=True,
    )
    return clear(sample)


def others() -> Iterator[Scenario]:
    """Areas under the curve, quantiles, recall and precision."""
    clear = cleared('kind = "roc_auc"', "may_lose = 0.02")
    for n, auc in product((80, 400), (0.8, 0.95)):
        draw: Draw = partial(auc_loss, n=n, auc=auc, clear=clear)
        yield Scenario(name=f"AUC {auc:g}, n = {n}, a quarter positive", draw=draw)
    for n, q in ((100, 0.5), (100, 0.9), (500, 0.9), (500, 0.99)):
        kind = f'kind = "quantile", q = {q}, better = "lower", column = "latency_ms"'
        draw = partial(latency_rise, n=n, q=q, clear=cleared(kind, "may_lose = 10"))
        yield Scenario(name=f"quantile {q:g}, n = {n}", draw=draw)
    for n in (300, 2_000):
        draw = partial(found, n=n, clear=cleared('kind = "recall"', "may_lose = 0.05"))
        yield Scenario(name=f"recall, n = {n:,}, a fifth positive", draw=draw)
        draw = partial(called, n=n, clear=cleared('kind = "precision"', "may_lose = 0.05"))
        yield Scenario(name=f"precision, n = {n:,}", draw=draw)


Values = Callable[[Rng, int], PairSample]


def graded(rng: Rng, size: int) -> PairSample:
    """Grades of one slice; the candidate loses exactly 0.02."""
    baseline = rng.standard_normal(size)
    candidate = baseline - 0.02 + 0.5 * rng.standard_normal(size)
    return paired(baseline, candidate, influence=True)


def skewed_grades(rng: Rng, size: int) -> PairSample:
    """Grades whose losses have a long tail; the candidate loses exactly 0.02."""
    baseline = rng.standard_normal(size)
    return paired(baseline, baseline - 0.02 + 0.5 * skewed_down(rng, size), influence=True)


def right_or_wrong(rng: Rng, size: int) -> PairSample:
    """0/1 pairs of one slice, a fifth of which differ; the candidate loses exactly 0.02."""
    counts = rng.multinomial(size, [0.6, 0.11, 0.09, 0.2])
    baseline = np.repeat([1.0, 1.0, 0.0, 0.0], counts)
    candidate = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    return paired(baseline, candidate, binary=True, influence=True)


def any_breach(rng: Rng, *, promised: Plan, values: Values) -> bool:
    """Ten disjoint slices at their bars: is any refused?"""
    checks = [check for check in promised.checks if check.id.startswith("slice.")]
    samples = [_moved(values(rng, promised.levels[c.slice]), i) for i, c in enumerate(checks)]
    seed = generator(float(rng.random()))
    members = list(zip(checks, samples, strict=True))
    measured = family_estimates(members, promised.measures["m"], seed)
    findings = [Finding(check=check, measured=measured[check.id]) for check in checks]
    return any(finding.standing is Standing.BREACH for finding in findings)


def _moved(sample: PairSample, part: int) -> PairSample:
    """Give the clusters of a slice codes of their own, as slices share no rows."""
    influence = sample.influence
    if influence is None:
        return sample
    codes = influence.cluster + part * 10_000
    return replace(sample, influence=replace(influence, cluster=codes))


def sliced() -> Iterator[Scenario]:
    """Ten slices of 20 to 2,000 units, all of them at their bars."""
    laws: dict[str, Values] = {"grades": graded, "grades skewed down": skewed_grades}
    for correction, (word, law) in product(("max-t", "holm"), laws.items()):
        kind = 'kind = "mean", better = "higher"'
        rest = SLICES.format(correction=correction)
        promised = planned(kind, "may_lose = 0.02", rest, parts=10)
        draw: Draw = partial(any_breach, promised=promised, values=law)
        name = f"10 slices, {correction}, {word}"
        yield Scenario(name=name, error="NO SHIP", promise=0.025, draw=draw, share=0.5)
    kind = 'kind = "proportion", better = "higher"'
    promised = planned(kind, "may_lose = 0.02", SLICES.format(correction="max-t"), parts=10)
    draw = partial(any_breach, promised=promised, values=right_or_wrong)
    name = "10 slices, max-t, right or wrong"
    yield Scenario(name=name, error="NO SHIP", promise=0.025, draw=draw, share=0.25)


def shipped(rng: Rng, *, folder: Path, n: int) -> bool:
    """From files to the verdict: paired 0/1 grades at a bar of 2 points; is it SHIP?"""
    where = Path(tempfile.mkdtemp(dir=folder))
    grades = rng.choice(4, n, p=[0.6, 0.11, 0.09, 0.2])
    with (where / "scores.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("arm", "item", "metric", "status", "value"))
        for arm, right in (("baseline", (0, 1)), ("candidate", (0, 2))):
            for item, grade in enumerate(grades):
                writer.writerow((arm, f"q{item}", "m", "ok", int(grade in right)))
    file = where / "contract.toml"
    text = HEAD.format(metric='kind = "proportion", better = "higher"', bar="may_lose = 0.02")
    file.write_text(text, encoding="utf-8")
    contract = read_contract(file)
    key = SigningKey.load_or_create(where / "signing.key")
    ledger = Ledger.open(where / "ledger.db", create=True)
    seal(contract, file, ledger=ledger, key=key, at=AT)
    entries = list(ledger.entries())
    judgement = judge(
        contract,
        "gate",
        root=where,
        as_of=AT,
        sealed=sealed_contract(entries, contract.release.id),
        entries=entries,
    )
    return judgement.verdict.call is Action.SHIP


def whole(folder: Path) -> Iterator[Scenario]:
    """The whole pipeline, from files on disk."""
    draw: Draw = partial(shipped, folder=folder, n=300)
    yield Scenario(name="files to verdict, n = 300, 20 % of pairs differ", draw=draw, share=0.15)


def run(scenario: Scenario, runs: int, place: int) -> str:
    """Run one row and write it as a line of the table."""
    rng = np.random.default_rng([SEED, place])
    started = time.monotonic()
    total = max(int(runs * scenario.share), 1)
    errors = sum(scenario.draw(rng) for _ in range(total))
    ends = binomial_ends(errors, total, Tails(0.025, 0.025))
    mark = " *" if ends.low > scenario.promise else ""
    seconds = time.monotonic() - started
    return (
        f"| {scenario.name} | {scenario.error} | {scenario.promise:g} | {total:,} "
        f"| {errors / total:.4f}{mark} | {ends.low:.4f} to {ends.high:.4f} | {seconds:.0f} |"
    )


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", default="", help="a word in the names of the rows to run")
    options = parser.parse_args()
    print("| truth at the bar | false | promised at most | runs | rate | exact 95 % | s |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        rows = (*shares(), *means(), *others(), *sliced(), *whole(Path(folder)))
        for place, scenario in enumerate(rows):
            if options.only in scenario.name:
                print(run(scenario, options.runs, place), flush=True)


if __name__ == "__main__":
    main()
