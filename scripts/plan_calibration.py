"""Do the chances of `shipcall plan` come true? Random contracts, drawn rows, the real gate.

For each contract the chances of going on and of NO SHIP are predicted from sums (`release`), with
the nuisance known and with the nuisance of a pilot. Then rows are drawn by laws that the prediction
does not use, summed by the functions that sum real rows, and folded by the gate as it is: joint
bounds anew in every draw, every interval in full.

Run `python scripts/plan_calibration.py` for the numbers as Markdown on stdout; `--svg FILE` also
draws predicted against realised; `--contracts` and `--draws` make it coarser.
"""

import argparse
import csv
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from drawn_contracts import PARTS, SEED, Case, Rows, case_of, draw_rows
from shipcall.contract.plan import plan
from shipcall.core import Absent, Situation, Slice, Tails, decide
from shipcall.data.facts import Facts, LostPairs
from shipcall.release.foresight.chances import GO, REFUSED
from shipcall.release.foresight.drawn import DrawnEvidence
from shipcall.release.foresight.nuisance import Known, Nuisance, assumed
from shipcall.release.foresight.outlook import Question
from shipcall.release.foresight.pilot import learned, open_pilot
from shipcall.release.foresight.rehearsal import Shift
from shipcall.stages.gate import examine
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.proportions import binomial_ends
from shipcall.stats.sample import Lost, Sample

PILOT_UNITS = 300
FAMILYWISE = 0.01
_ALL = Slice()


def samples_of(rows: Rows) -> dict[tuple[str, Slice], Sample | Absent]:
    """Sum drawn rows as the engine sums read ones."""
    found: dict[tuple[str, Slice], Sample | Absent] = {}
    limits = {"right": (0.0, 1.0), "price": (-10.0, 14.0)}
    for name, (baseline, candidate) in (("right", rows.right), ("price", rows.price)):
        for number, part in [(None, _ALL), *enumerate(_slices())]:
            held = np.ones(rows.unit.size, np.bool_) if number is None else rows.part == number
            kept = held & rows.usable
            one = np.ones(int(kept.sum()))
            found[name, part] = pair_sample(
                baseline[kept],
                one,
                candidate[kept],
                one,
                Clusters.of(rows.unit[kept]),
                range=limits[name],
                lost=Lost(rows=int(held.sum() - kept.sum()), range=limits[name]),
                binary=name == "right",
                influence=True,
            )
    return found


def _slices() -> list[Slice]:
    return [Slice.of({"part": name}) for name in PARTS]


def facts_of(case: Case, rows: Rows) -> Facts:
    """Count drawn rows as the engine counts read ones."""
    lost = int((~rows.usable).sum())
    return Facts(
        expected_units=case.units,
        rows=2 * rows.unit.size,
        units=case.units,
        clusters=case.units,
        pairs=rows.unit.size,
        lost_pairs=LostPairs(only_baseline=lost // 2, only_candidate=lost - lost // 2),
    )


def realised(case: Case, draws: int, seed: int) -> tuple[int, int]:
    """How often the real gate goes on and refuses, on drawn rows."""
    rng = np.random.default_rng([SEED, seed, 1])
    promised = plan(case.contract, "gate", case.levels or None)
    situation = Situation(stage="gate", sealed=True, final=case.contract.final_stage("gate"))
    went = refused = 0
    for _ in range(draws):
        rows = draw_rows(case, case.units, rng)
        evidence = DrawnEvidence(samples_of(rows), {"scores": facts_of(case, rows)})
        call = decide(promised.checks, examine(promised, evidence), situation).call
        went += call in GO
        refused += call in REFUSED
    return went, refused


def predicted(case: Case, taken: Nuisance, draws: int) -> tuple[int, int]:
    """How often they are predicted to."""
    question = Question(
        contract=case.contract,
        nuisance=taken,
        levels=case.levels or None,
        gains={},
        seed=str(case.units),
    )
    shifts = {"right": Shift(case.gain), "price": Shift(case.rise)}
    if case.harmed:
        shifts["right"] = Shift(-case.harmed, _slices()[0], case.gain)
    calls = [outcome.call for outcome in question.at(1.0).fold(shifts, draws)]
    return sum(c in GO for c in calls), sum(c in REFUSED for c in calls)


def known(case: Case) -> Nuisance:
    """The nuisance behind a case, from very many rows without the effect of any slice."""
    rng = np.random.default_rng([SEED, 2])
    many = draw_rows(replace(case, lost=0.0), 100_000, rng)
    promised = plan(case.contract, "gate", case.levels or None)
    taken = assumed(case.contract, promised)
    metrics = dict(taken.metrics)
    differ = float((many.right[0] != many.right[1]).mean())
    metrics["right"] = replace(
        metrics["right"],
        value=Known(case.share, "stated"),
        differ=Known(differ, "stated"),
        together=Known(case.together, "stated"),
    )
    if "price" in metrics:
        metrics["price"] = replace(
            metrics["price"],
            value=Known(case.cost[0], "stated"),
            spread=Known(case.cost[1], "stated"),
            difference=Known(case.cost[2], "stated"),
            together=Known(1.0, "stated"),
        )
    tables = {
        name: replace(table, lost=Known(case.lost, "stated"))
        for name, table in taken.tables.items()
    }
    return replace(taken, metrics=metrics, tables=tables)


def piloted(case: Case, folder: Path, seed: int) -> Nuisance:
    """The nuisance as a pilot of a few hundred units shows it, read from a file."""
    rng = np.random.default_rng([SEED, seed, 3])
    rows = draw_rows(case, PILOT_UNITS, rng)
    path = folder / f"pilot-{seed}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["arm", "item", "repeat", "metric", "value", "status", "cost", "part"])
        for arm, name in enumerate(("v1", "v2")):
            for row, unit in enumerate(rows.unit.tolist()):
                status = "ok" if rows.usable[row] else "infra_error"
                writer.writerow(
                    [
                        name,
                        f"q{unit}",
                        row % case.runs,
                        "right",
                        rows.right[arm][row] if status == "ok" else "",
                        status,
                        rows.price[arm][row],
                        PARTS[rows.part[row]],
                    ]
                )
    promised = plan(case.contract, "gate", case.levels or None)
    evidence = open_pilot(case.contract, {"scores": path.name}, folder)
    try:
        return learned(assumed(case.contract, promised), promised, evidence)
    finally:
        evidence.close()


class Comparison(NamedTuple):
    """Chances of one contract: (went on, refused) as predicted, with a pilot, and realised."""

    number: int
    known: tuple[float, float]
    pilot: tuple[float, float]
    realised: tuple[float, float]
    p: float
    """Least p-value of predicted against realised, of both calls."""


def compared(number: int, folder: Path, *, draws: int, predictions: int) -> Comparison:
    """Predict one contract, draw it and compare."""
    case = case_of(number)
    before = predicted(case, known(case), predictions)
    pilot = predicted(case, piloted(case, folder, number), predictions)
    after = realised(case, draws, number)
    p = min(_two_sided(a, predictions, b, draws) for a, b in zip(before, after, strict=True))
    return Comparison(
        number,
        (before[0] / predictions, before[1] / predictions),
        (pilot[0] / predictions, pilot[1] / predictions),
        (after[0] / draws, after[1] / draws),
        p,
    )


def _two_sided(one: int, of_one: int, other: int, of_other: int) -> float:
    """Exact conditional test of two shares (Fisher), twice the smaller tail."""
    whole, events = of_one + of_other, one + other
    low = max(0, events - of_other)
    high = min(events, of_one)
    ways = [
        math.lgamma(of_one + 1) - math.lgamma(k + 1) - math.lgamma(of_one - k + 1)
        + math.lgamma(of_other + 1) - math.lgamma(events - k + 1)
        - math.lgamma(of_other - events + k + 1)
        - (math.lgamma(whole + 1) - math.lgamma(events + 1) - math.lgamma(whole - events + 1))
        for k in range(low, high + 1)
    ]  # fmt: skip
    chances = np.exp(ways)
    at = one - low
    return float(min(1.0, 2 * min(chances[: at + 1].sum(), chances[at:].sum())))


def error(found: Sequence[Comparison], which: str) -> float:
    """Mean absolute error of a prediction, over contracts and both calls."""
    pairs = [abs(a - b) for c in found for a, b in zip(getattr(c, which), c.realised, strict=True)]
    return float(sum(pairs)) / len(pairs)


def report(found: Sequence[Comparison], draws: int, predictions: int) -> str:
    """The numbers as Markdown."""
    bar = FAMILYWISE / (2 * len(found))
    beyond = [c.number for c in found if c.p < bar]
    return "\n".join(
        [
            (
                f"{len(found)} random contracts, {predictions} draws of sums against {draws} draws "
                "of rows each; both the chance of going on and that of NO SHIP are compared."
            ),
            "",
            "| nuisance | mean absolute error |",
            "|---|---|",
            f"| known | {error(found, 'known'):.3f} |",
            f"| from a pilot of {PILOT_UNITS} units | {error(found, 'pilot'):.3f} |",
            "",
            (
                f"Beyond what chance explains (familywise {FAMILYWISE:g}): {len(beyond)} of "
                f"{len(found)} contracts{' ' + str(beyond) if beyond else ''}."
            ),
        ]
    )


def picture(found: Sequence[Comparison], draws: int) -> str:
    """Predicted against realised as SVG; readable on light and dark pages."""
    size, left = 380, 60
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size + 200} {size + 90}" '
            'font-family="system-ui,sans-serif" font-size="13">'
            "<title>Chance of each call: predicted by plan against realised</title>"
            "<style>svg{color:#16191d;background:#fff}.p{fill:#177245}.n{fill:#a3006b}"
            "@media(prefers-color-scheme:dark){svg{color:#e8ebef;background:#101317}"
            ".p{fill:#6fe0ac}.n{fill:#ff77c8}}text{fill:currentColor}</style>"
            f'<path d="M{left} {size + 20}L{left + size} 20" stroke="currentColor" '
            'stroke-dasharray="4 3"/>'
            f'<path d="M{left} 20v{size}h{size}" fill="none" stroke="currentColor"/>'
        )
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = left + share * size, 20 + (1 - share) * size
        parts.append(f'<text x="{x:.0f}" y="{size + 40}" text-anchor="middle">{share:g}</text>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{share:g}</text>')
    for one in found:
        for call, (a, b) in enumerate(zip(one.known, one.realised, strict=True)):
            x, y = left + a * size, 20 + (1 - b) * size
            ends = binomial_ends(round(b * draws), draws, Tails(0.025, 0.025))
            low, high = (20 + (1 - end) * size for end in ends)
            parts.append(
                f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="currentColor" '
                'stroke-opacity=".25"/>'
            )
            parts.append(
                f'<circle class="p" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
                if call == 0
                else f'<rect class="n" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'
            )
    key = left + size + 16
    parts.append(
        f'<circle class="p" cx="{key}" cy="40" r="4"/><text x="{key + 10}" y="45">goes on</text>'
        f'<rect class="n" x="{key - 4}" y="60" width="7" height="7"/>'
        f'<text x="{key + 10}" y="68">NO SHIP</text>'
        f'<text x="{left + size / 2}" y="{size + 66}" text-anchor="middle">predicted from sums'
        f'</text><text x="14" y="14">realised on rows, 95 % interval</text></svg>\n'
    )
    return "".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contracts", type=int, default=60)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--predictions", type=int, default=1_000)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.contracts):
            one = compared(
                number, Path(folder), draws=options.draws, predictions=options.predictions
            )
            found.append(one)
            print(one, file=sys.stderr, flush=True)
    print(report(found, options.draws, options.predictions))
    if options.svg:
        options.svg.write_text(picture(found, options.draws), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
