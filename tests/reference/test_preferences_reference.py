"""Comparisons, judges and agreement against published numbers, from file to value."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from data.tables import ITEM, evidence, open_pack, pair
from shipcall.core import Absent, Estimate, Measured, Slice, Tails
from shipcall.data.evidence import Evidence
from shipcall.data.preferences import read_book
from shipcall.stats.agreement import cohen, fleiss, krippendorff, share_estimate
from shipcall.stats.clusters import Clusters
from shipcall.stats.preference import showings
from shipcall.stats.strengths import Games, strengths

TAILS = Tails(0.05, 0.05)
NORMAL = 1.6448536


def value(measured: Measured) -> float:
    assert isinstance(measured, Estimate), measured
    return measured.value


def oracle(name: str) -> dict[str, Any]:
    text = (open_pack() / "oracles" / "stat_oracles.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)[name]
    return found


def test_fleiss_kappa_is_that_of_the_worked_example() -> None:
    """Ten subjects, fourteen raters, five categories: kappa = 0.210 (Wikipedia, Fleiss' kappa)."""
    counts = np.array(oracle("fleiss_kappa")["counts"])
    assert value(fleiss(counts, Clusters.singles(10), TAILS)) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_that_of_example_c(scale: str) -> None:
    """Krippendorff, Computing Krippendorff's alpha-reliability, example C: .743 .815 .849 .797"""
    found = oracle("krippendorff")
    rows = [
        [math.nan if v is None else v for v in row] for row in found["ratings_observer_by_unit"]
    ]
    measured = krippendorff(np.array(rows).T, Clusters.singles(12), TAILS, scale)
    assert value(measured) == pytest.approx(found[scale], abs=5e-4)
    assert measured.n == 11  # the last unit has one rating and says nothing


def test_abilities_are_those_of_the_american_league() -> None:
    """Agresti, American League East of 1987: log abilities against Baltimore.

    Standard errors are those of the likelihood, from the information at the solution, within 10 %.
    """
    found = oracle("bradley_terry")
    wins = np.array(found["wins_row_over_col"])
    last = len(wins) - 1
    row, column = np.nonzero(wins)
    counts = wins[row, column]
    order = np.array([last, *range(last)])  # Baltimore comes first: it is 0
    place = np.argsort(order)
    won, fell = (np.repeat(place[side], counts) for side in (row, column))
    clusters = Clusters.singles(won.size)
    ones = np.ones(won.size)
    league = strengths(Games(first=won, second=fell, won=ones, clusters=clusters, models=len(wins)))
    assert not isinstance(league, Absent)
    seen = [league.between(one, 0, TAILS) for one in range(1, len(wins))]
    for measured, printed in zip(seen, found["log_ability"][:last], strict=True):
        assert value(measured) == pytest.approx(printed, abs=6e-3)
    ability = np.array([0.0, *(value(one) for one in seen)])
    games = (wins + wins.T)[np.ix_(order, order)]
    chance = 1 / (1 + np.exp(ability[None, :] - ability[:, None]))
    cell = games * chance * (1 - chance)
    information = np.diag(cell.sum(axis=1)) - cell
    errors = np.sqrt(np.diag(np.linalg.inv(information[1:, 1:])))
    for measured, error in zip(seen, errors, strict=True):
        assert isinstance(measured, Estimate)
        assert (measured.high - measured.low) / 2 / NORMAL == pytest.approx(error, rel=0.1)


def test_kappa_of_two_doctors() -> None:
    """By hand: 20 and 15 alike of 50, habits .5 * .6 + .5 * .4: (0.7 - 0.5) / (1 - 0.5) = 0.4."""
    one = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
    other = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
    assert value(cohen(one, other, Clusters.singles(50), TAILS)) == pytest.approx(0.4)


def test_kappa_has_the_error_of_fleiss_cohen_and_everitt() -> None:
    """Large-sample error for the table above, by their formula: 0.1265; ours is no narrower."""
    p = np.array([[15, 10], [5, 20]]) / 50
    po, row, column = np.trace(p), p.sum(axis=1), p.sum(axis=0)
    pe, k = row @ column, 0.4
    one = sum(p[i, i] * (1 - (row[i] + column[i]) * (1 - k)) ** 2 for i in range(2))
    two = (1 - k) ** 2 * sum(
        p[i, j] * (column[i] + row[j]) ** 2 for i in range(2) for j in range(2) if i != j
    )
    three = (k - pe * (1 - k)) ** 2
    error = math.sqrt((one + two - three) / (50 * (1 - pe) ** 2))
    assert po == pytest.approx(0.7)
    codes = np.repeat([0, 0, 1, 1], [15, 10, 5, 20]), np.repeat([0, 1, 0, 1], [15, 10, 5, 20])
    seen = cohen(*codes, Clusters.singles(50), TAILS)
    assert isinstance(seen, Estimate)
    half = (seen.high - seen.low) / 2 / NORMAL
    assert error <= half <= 1.25 * error


def test_people_of_pandalm_agree_as_published() -> None:
    """PandaLM README: kappa of annotators 0.85, 0.88, 0.86; majority 105 ties, 422, 472."""
    table = pq.read_table(open_pack() / "judge" / "pandalm_pairs.parquet")
    people = [table[f"annotator{i}"].to_numpy() for i in (1, 2, 3)]
    singles = Clusters.singles(999)
    seen = [value(cohen(people[i], people[j], singles, TAILS)) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert [round(kappa, 2) for kappa in seen] == [0.85, 0.88, 0.86]
    alpha = value(krippendorff(np.stack(people, axis=1), singles, TAILS))
    assert alpha == pytest.approx(np.mean(seen), abs=5e-4)


def test_judges_of_pandalm_are_right_as_often_as_published() -> None:
    """Accuracy against the majority: 0.7107 and 0.6677, where 25 answers "garbage" are ties.

    Counted as what they are, no answer, the former is right in 697 of 999.
    """
    rows = pq.read_table(open_pack() / "judge" / "pandalm_pairs.parquet").to_pylist()
    majority = [Counter(row[f"annotator{i}"] for i in (1, 2, 3)).most_common(1) for row in rows]
    assert Counter(one[0][0] for one in majority) == {0: 105, 1: 422, 2: 472}
    singles = Clusters.singles(999)
    for name, garbage, share in (
        ("judge_gpt35", 0, 0.7107),
        ("judge_gpt35", 3, 0.6977),
        ("judge_pandalm7b", 0, 0.6677),
    ):
        code = {"0": 0, "Tie": 0, "1": 1, "2": 2, "garbage": garbage}
        right = [code[row[name]] == one[0][0] for row, one in zip(rows, majority, strict=True)]
        assert value(share_estimate(right, singles, TAILS)) == pytest.approx(share, abs=5e-5)


def llmbar(folder: Path, verdicts: pa.Table) -> Evidence:
    """Verdicts as a table of preferences: "good" gave the output that is right, "poor" the other.

    Output 1 stands first in the order "ab", output 2 in the order "ba".
    """
    parts = []
    for order, leader in (("ab", 1), ("ba", 2)):
        gold = verdicts["gold"].to_numpy()
        won = verdicts[f"winner_order_{order}"].fill_null(0).to_numpy()
        leads = gold == leader
        winner = np.where(won == 0, "invalid", np.where(won == leader, "first", "second"))
        names = [verdicts[name].to_pylist() for name in ("subset", "item", "evaluator", "strategy")]
        part = {
            "item": [f"{subset}/{item}" for subset, item in zip(names[0], names[1], strict=True)],
            "subset": names[0],
            "rater": [f"{who}/{how}" for who, how in zip(names[2], names[3], strict=True)],
            "first": np.where(leads, "good", "poor"),
            "second": np.where(leads, "poor", "good"),
            "winner": winner,
            "rater_kind": ["judge"] * gold.size,
            "order": [order] * gold.size,
        }
        parts.append(pa.table(part))
    pq.write_table(pa.concat_tables(parts), folder / "p.parquet")
    arms = {"baseline": "poor", "candidate": "good"}
    return evidence(folder, "p.parquet", format="preferences", unit=ITEM, metrics={}, arms=arms)


@pytest.mark.slow
def test_every_judge_of_llmbar_is_right_and_consistent_as_published(tmp_path: Path) -> None:
    """LLMBar, published counts of 325 cells: right in either order, and the same in both.

    Two answers that could not be read count as agreeing with each other, as there.
    """
    pack = open_pack() / "judge"
    table = llmbar(tmp_path, pq.read_table(pack / "llmbar_verdicts.parquet")).opened("preferences")
    found = read_book(table.bound, ("subset",), table.engine, table.what)
    published = pc.read_csv(pack / "llmbar_published.csv").to_pylist()
    assert len(published) == 325
    book, verdict = found.book, found.book.verdict
    for line in published:
        rater = book.raters.index(f"{line['evaluator']}/{line['strategy']}")
        inside = found.rows(Slice.of({"subset": line["subset"]}))
        assert inside is not None
        rows = np.flatnonzero(inside & (book.rater == rater))
        one, other = (
            rows[side] for side in showings(book.item[rows], book.first[rows], swapped=True)
        )
        assert one.size == line["n"]
        assert np.sum(verdict[one] == verdict[other]) == line["n_positional_agree"]
        assert np.nansum(book.won[rows]) == line["n_correct_ab"] + line["n_correct_ba"]


def test_the_win_rate_of_the_right_output_is_the_accuracy_of_the_judge(tmp_path: Path) -> None:
    """LLMBar: GPT-4, plain prompt, natural subset, mean accuracy of both orders as published."""
    pack = open_pack() / "judge"
    asked = {"subset": "LLMBar/Natural", "evaluator": "GPT-4", "strategy": "Vanilla"}
    (line,) = (
        row
        for row in pc.read_csv(pack / "llmbar_published.csv").to_pylist()
        if asked.items() <= row.items()
    )
    verdicts = pq.read_table(pack / "llmbar_verdicts.parquet")
    kept = [asked.items() <= row.items() for row in verdicts.to_pylist()]
    seen = pair(llmbar(tmp_path, verdicts.filter(pa.array(kept))), "win_rate")
    assert seen.lost.rows == 0
    assert seen.candidate == pytest.approx(line["accuracy_avg_pct"] / 100)
    assert (seen.rows, seen.clusters) == (2 * line["n"], line["n"])
