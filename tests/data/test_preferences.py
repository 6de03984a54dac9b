"""preferences as lines: who wins, whose word counts, and what is lost."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.tables import ALL, ITEM, evidence, exact, pair, request, sample, write
from shipcall.core import Absent, Estimand, Estimate, EvidenceError, Reason, Slice, Tails
from shipcall.data.evidence import Evidence
from shipcall.data.examples import Wanted
from shipcall.data.facts import Counted, LostPairs
from shipcall.metrics import METRICS
from shipcall.metrics.estimators import ESTIMATORS

ARMS = {"baseline": "old", "candidate": "new"}


def shown(
    item: str, winner: str, *, ahead: str = "new", rater: str = "j", **more: Any
) -> dict[str, Any]:
    """One comparison; `ahead` stands first, `winner` is a model, a tie or invalid."""
    after = "old" if ahead == "new" else "new"
    place = {ahead: "first", after: "second"}.get(winner, winner)
    kind = "judge" if rater.startswith("j") else "human"
    row = {"item": item, "first": ahead, "second": after, "winner": place}
    return {**row, "rater": rater, "rater_kind": kind, **more}


def table(folder: Path, rows: list[dict[str, Any]], **source: Any) -> Evidence:
    names = dict.fromkeys(name for row in rows for name in row)
    write(folder / "p.csv", [{name: row.get(name) for name in names} for row in rows])
    source = {"arms": ARMS} | source
    return evidence(folder, "p.csv", format="preferences", unit=ITEM, metrics={}, **source)


def rated(found: Evidence, **options: Any) -> float | None:
    return pair(found, "win_rate", **options).candidate


def estimated(found: Evidence, kind: str, part: Slice = ALL, **options: Any) -> Any:
    seen = sample(found, kind, part, **options)
    if isinstance(seen, Absent):
        return seen
    estimator = ESTIMATORS[METRICS[kind].statistic]
    rng = np.random.default_rng(1)
    return estimator(seen, Estimand.CANDIDATE, Tails(0.05, 0.05), rng)


def both(item: str, winner: str, **more: Any) -> list[dict[str, Any]]:
    """The same said in both orders."""
    return [shown(item, winner, ahead=ahead, **more) for ahead in ("new", "old")]


def drawn(
    rng: np.random.Generator, items: int, *, right: float, asked: int = 0, better: float = 0.6
) -> list[dict[str, Any]]:
    """A judge in both orders of every item, people on the first `asked`, in an order by lot.

    The judge says what is so with chance `right`, else the candidate.
    """
    rows = []
    for i in range(items):
        truth = "new" if rng.random() < better else "old"
        said = truth if rng.random() < right else "new"
        rows += both(f"q{i}", said)
        if i < asked:
            ahead = "new" if rng.random() < 0.5 else "old"
            rows.append(shown(f"q{i}", truth, ahead=ahead, rater=f"p{i % 3}"))
    return rows


def test_a_tie_is_half_a_win_and_places_do_not_matter(tmp_path: Path) -> None:
    rows = [*both("a", "new"), *both("b", "old"), *both("c", "tie"), *both("d", "new")]
    seen = pair(table(tmp_path, rows), "win_rate")
    assert (seen.candidate, seen.baseline) == (0.625, 0.375)
    assert (seen.rows, seen.clusters) == (8, 4)


def test_both_orders_count_alike_however_often_each_was_shown(tmp_path: Path) -> None:
    """A judge that always takes the first: 30 times the candidate stood there, 10 times not."""
    rows = [
        shown(f"q{i}", ahead, ahead=ahead) for i, ahead in enumerate(["new"] * 30 + ["old"] * 10)
    ]
    assert rated(table(tmp_path, rows)) == 0.5


def test_one_order_alone_is_no_data(tmp_path: Path) -> None:
    rows = [shown(f"q{i}", "new") for i in range(40)]
    seen = sample(table(tmp_path, rows), "win_rate")
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.ONE_ORDER


def test_raters_of_the_other_kind_are_left_out(tmp_path: Path) -> None:
    rows = [*both("a", "new"), *both("b", "new"), *both("a", "old", rater="p1")]
    found = table(tmp_path, rows)
    assert rated(found) == 1.0
    assert rated(found, raters="human") == 0.0
    alone = sample(table(tmp_path, both("a", "new")), "win_rate", raters="human")
    assert isinstance(alone, Absent)
    assert alone.reason is Reason.NO_ROWS


def test_comparisons_of_other_models_are_left_alone(tmp_path: Path) -> None:
    other = {**shown("a", "new"), "second": "third", "winner": "second"}
    found = table(tmp_path, [*both("a", "new"), *both("b", "old"), other])
    assert rated(found) == 0.5
    assert found.facts("preferences").pairs == 4
    with pytest.raises(EvidenceError, match="no row that compares the two models"):
        table(tmp_path, [other]).facts("preferences")


def test_an_invalid_comparison_is_lost_and_filled_at_its_worst(tmp_path: Path) -> None:
    rows = [row for i in range(40) for row in both(f"q{i}", "new" if i % 4 else "old")]
    whole = estimated(table(tmp_path, rows), "win_rate")
    rows[5] |= {"winner": "invalid"}
    found = table(tmp_path, rows)
    seen = estimated(found, "win_rate")
    assert isinstance(whole, Estimate)
    assert isinstance(seen, Estimate)
    assert seen.low < whole.low
    facts = found.facts("preferences")
    assert facts.lost_pairs == LostPairs(both=1)
    assert facts.errored == {("judge", "invalid"): 1}
    assert (facts.rows, facts.units, facts.pairs) == (80, 40, 80)


def test_a_comparison_on_two_rows_says_nothing(tmp_path: Path) -> None:
    rows = [*both("a", "new"), *both("b", "new"), *both("c", "old"), shown("a", "old")]
    found = table(tmp_path, rows)
    assert pair(found, "win_rate").lost.rows == 2
    assert found.facts("preferences").duplicates == Counted(2, "a")


def test_a_comparison_asked_again_is_told_apart_by_its_order(tmp_path: Path) -> None:
    rows = [shown("a", "new", order=str(n)) for n in range(3)]
    found = table(tmp_path, [*rows, shown("a", "old", ahead="old", order="4")])
    assert found.facts("preferences").duplicates == Counted()
    assert pair(found, "win_rate").rows == 4


@pytest.mark.parametrize("winner", ["first", "second", "tie"])
def test_a_judge_that_always_names_one_place_did_not_look(tmp_path: Path, winner: str) -> None:
    rows = [{**row, "winner": winner} for i in range(5) for row in both(f"q{i}", "new")]
    assert table(tmp_path, rows).facts("preferences").constant == (("judge", ""),)


def test_a_model_that_wins_everything_is_not_constant(tmp_path: Path) -> None:
    rows = [row for i in range(5) for row in both(f"q{i}", "new")]
    assert table(tmp_path, rows).facts("preferences").constant == ()


@pytest.mark.parametrize(
    ("column", "value"), [("winner", "left"), ("rater_kind", "robot"), ("winner", None)]
)
def test_a_strange_word_or_none_is_refused(tmp_path: Path, column: str, value: Any) -> None:
    rows = [*both("a", "new"), *both("b", "new")]
    rows[2] |= {column: value}
    with pytest.raises(EvidenceError, match=column):
        table(tmp_path, rows).facts("preferences")


def test_neither_the_order_of_rows_nor_of_columns_changes_a_byte(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = drawn(rng, 60, right=0.7, asked=30)
    once = table(tmp_path, rows)
    turned = table(tmp_path, [rows[i] for i in rng.permutation(len(rows))])
    for kind in ("win_rate", "corrected_win_rate"):
        assert exact(pair(once, kind)) == exact(pair(turned, kind))


def test_a_judge_counts_only_where_its_agreement_is_shown(tmp_path: Path) -> None:
    found = table(tmp_path, drawn(np.random.default_rng(1), 300, right=0.9, asked=120))
    assert isinstance(estimated(found, "win_rate", judge_agreement=0.6), Estimate)
    seen = estimated(found, "win_rate", judge_agreement=0.95)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.JUDGE_UNPROVEN
    assert "0.95 was promised" in seen.detail


@pytest.mark.parametrize("asked", [0, 1, 12])
def test_too_few_people_prove_no_judge(tmp_path: Path, asked: int) -> None:
    """Twelve items on which all is alike still leave a kappa of 0.6 possible."""
    rows = drawn(np.random.default_rng(1), 60, right=1.0, asked=asked)
    seen = estimated(table(tmp_path, rows), "win_rate", judge_agreement=0.6)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.JUDGE_UNPROVEN


def test_answers_that_cannot_be_read_are_no_agreement(tmp_path: Path) -> None:
    rows = drawn(np.random.default_rng(1), 200, right=1.0, asked=200)
    fine = table(tmp_path, rows)
    assert isinstance(estimated(fine, "win_rate", judge_agreement=0.9), Estimate)
    worse = [
        row | ({"winner": "invalid"} if row["rater"] == "j" and i % 4 == 0 else {})
        for i, row in enumerate(rows)
    ]
    seen = estimated(table(tmp_path, worse), "win_rate", judge_agreement=0.9)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.JUDGE_UNPROVEN


def test_agreement_is_asked_of_each_slice(tmp_path: Path) -> None:
    """The judge is right in one language and a coin in the other."""
    rng = np.random.default_rng(2)
    rows = [row | {"language": "en"} for row in drawn(rng, 300, right=0.98, asked=300)]
    rows += [
        row | {"item": f"x{row['item']}", "language": "de"}
        for row in drawn(rng, 300, right=0.2, asked=300)
    ]
    found = table(tmp_path, rows)
    english, german = (Slice.of({"language": level}) for level in ("en", "de"))
    assert isinstance(estimated(found, "win_rate", english, judge_agreement=0.7), Estimate)
    assert isinstance(estimated(found, "win_rate", german, judge_agreement=0.7), Absent)
    missing = estimated(found, "win_rate", Slice.of({"country": "NZ"}), judge_agreement=0.7)
    assert isinstance(missing, Absent)
    assert missing.reason is Reason.WRONG_COLUMNS


def test_people_set_a_judge_right_that_favours_the_candidate(tmp_path: Path) -> None:
    rows = drawn(np.random.default_rng(3), 1_000, right=0.6, asked=300, better=0.5)
    found = table(tmp_path, rows)
    judged, corrected = (estimated(found, kind) for kind in ("win_rate", "corrected_win_rate"))
    assert judged.low > 0.6
    assert corrected.low < 0.5 < corrected.high
    people = estimated(found, "win_rate", raters="human")
    assert corrected.high - corrected.low < people.high - people.low


def test_few_people_cannot_set_a_judge_right(tmp_path: Path) -> None:
    seen = estimated(
        table(tmp_path, drawn(np.random.default_rng(1), 200, right=0.9, asked=39)),
        "corrected_win_rate",
    )
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.TOO_FEW_CLUSTERS


def test_items_of_which_people_were_asked_and_said_nothing_usable_are_lost(tmp_path: Path) -> None:
    rows = drawn(np.random.default_rng(1), 100, right=0.9, asked=60)
    asked = [i for i, row in enumerate(rows) if row["rater"].startswith("p")]
    for i in asked[:3]:
        rows[i] |= {"winner": "invalid"}
    seen = pair(table(tmp_path, rows), "corrected_win_rate")
    assert (seen.clusters, seen.lost.rows) == (57, 3)


def test_a_judge_that_said_nothing_usable_of_an_item_leaves_it_open(tmp_path: Path) -> None:
    rows = drawn(np.random.default_rng(1), 100, right=0.9, asked=60)
    silent = [
        row | ({"winner": "invalid"} if row["rater"] == "j" and row["item"] == "q99" else {})
        for row in rows
    ]
    seen = pair(table(tmp_path, silent), "corrected_win_rate")
    assert seen.lost.rows == 0
    assert seen.powered is not None
    assert seen.powered.items == 100


def test_known_chances_weigh_the_items_that_people_saw(tmp_path: Path) -> None:
    """By hand, the judge knows nothing: (1/0.5 * 20 + 1/0.25 * 0) / (1/0.5 * 20 + 1/0.25 * 10)."""
    rows = []
    for i in range(80):
        rows += both(f"q{i}", "tie", chance="0.5" if i < 40 else "0.25")
        ahead = "new" if i % 2 else "old"
        if i < 20:
            rows.append(shown(f"q{i}", "new", ahead=ahead, rater="p", chance="0.5"))
        elif 40 <= i < 50:
            rows.append(shown(f"q{i}", "old", ahead=ahead, rater="p", chance="0.25"))
    found = table(tmp_path, rows)
    seen = pair(found, "corrected_win_rate", column="chance")
    assert seen.candidate == pytest.approx(0.5)
    assert pair(found, "corrected_win_rate").candidate == pytest.approx(2 / 3)
    lacking = sample(found, "corrected_win_rate", column="odds")
    assert isinstance(lacking, Absent)
    assert lacking.reason is Reason.WRONG_COLUMNS


@pytest.mark.parametrize("chance", ["0", "1.5", "", "often"])
def test_an_item_with_an_impossible_chance_is_lost(tmp_path: Path, chance: str) -> None:
    rows = [
        row | {"chance": "0.5"} for row in drawn(np.random.default_rng(1), 60, right=1, asked=40)
    ]
    rows = [row | ({"chance": chance} if row["item"] == "q0" else {}) for row in rows]
    seen = pair(table(tmp_path, rows), "corrected_win_rate", column="chance")
    assert seen.lost.rows == 1


def test_an_item_in_two_slices_is_lost_where_items_are_lines(tmp_path: Path) -> None:
    rows = [row | {"topic": "a"} for row in drawn(np.random.default_rng(1), 60, right=1, asked=40)]
    rows[0] |= {"topic": "b"}
    seen = pair(table(tmp_path, rows), "corrected_win_rate", Slice.of({"topic": "a"}))
    assert seen.lost.rows == 1


def test_a_person_can_read_what_was_won_and_lost(tmp_path: Path) -> None:
    rows = [*both("a", "new"), *both("b", "old"), *both("c", "tie"), *both("d", "invalid")]
    table_ = table(tmp_path, rows).opened("preferences")
    asked = request("win_rate")
    seen = table_.examples(asked, ALL, Estimand.DIFFERENCE, 0.5, Wanted("losses", 0, 10))
    assert not isinstance(seen, Absent)
    assert seen.counts == {"wins": 2, "losses": 2, "ties": 2, "lost": 2, "uncounted": 0}
    assert [(row.unit, row.repeat, row.worth) for row in seen.rows] == [
        ("b", "1:0:j", -0.5),
        ("b", "1:1:j", -0.5),
    ]
