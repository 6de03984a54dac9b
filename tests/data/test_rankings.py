"""rankings as lines: where items stand, which lists count, and what is lost."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.tables import ALL, evidence, exact, pair, sample, write
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Counted, LostPairs
from shipcall.data.sources import UnitColumns

QUERY = UnitColumns(id="query")


def listed(query: str, *items: tuple[Any, ...], **columns: Any) -> list[dict[str, Any]]:
    """Rows of one query: (item, relevance, score of the baseline, score of the candidate)."""
    names = ("item", "relevance", "baseline", "candidate")
    return [{"query": query, **dict(zip(names, item, strict=True)), **columns} for item in items]


def lists(folder: Path, rows: list[dict[str, Any]], **source: Any) -> Evidence:
    write(folder / "r.csv", rows)
    source = {"unit": QUERY} | source
    return evidence(folder, "r.csv", format="rankings", metrics={}, **source)


def measured(found: Evidence, kind: str, part: Slice = ALL, **options: Any) -> Any:
    return sample(found, kind, part, evidence="rankings", **options)


def values(found: Evidence, kind: str, **options: Any) -> tuple[float | None, float | None]:
    seen = pair(found, kind, evidence="rankings", **options)
    return seen.baseline, seen.candidate


THREE = listed("q1", ("a", 1, 3, 1), ("b", 0, 2, 2), ("c", 1, 1, 3))


def test_equal_scores_are_ordered_by_name_the_greatest_first(tmp_path: Path) -> None:
    """trec_eval: among equal scores "b" comes before "a", so the first relevant item is second."""
    found = lists(tmp_path, listed("q1", ("a", 1, 0.5, 0.6), ("b", 0, 0.5, 0.5)))
    assert values(found, "mrr") == (0.5, 1.0)


def test_names_are_compared_character_by_character(tmp_path: Path) -> None:
    """strcmp: "d9" lies after "d10", and capitals before small letters."""
    found = lists(
        tmp_path,
        [
            *listed("q1", ("d9", 1, 1, 1), ("d10", 0, 1, 1)),
            *listed("q2", ("B", 1, 1, 1), ("a", 0, 1, 1)),
        ],
    )
    assert values(found, "mrr") == (0.75, 0.75)


def test_ranks_begin_with_one(tmp_path: Path) -> None:
    found = lists(tmp_path, THREE, constants={"order": "rank"})
    assert values(found, "hit_rate", k=1) == (1.0, 1.0)
    assert values(found, "map") == pytest.approx(((1 / 1 + 2 / 3) / 2, 5 / 6))
    other = lists(
        tmp_path, listed("q1", ("a", 1, 1, 2), ("b", 0, 2, 1)), constants={"order": "rank"}
    )
    assert values(other, "mrr") == (1.0, 0.5)


def test_an_item_without_a_score_has_no_place(tmp_path: Path) -> None:
    found = lists(tmp_path, listed("q1", ("a", 1, None, 1), ("b", 0, 2, 2), ("c", 1, 1, None)))
    assert values(found, "precision_at_k", k=3) == pytest.approx((1 / 3, 1 / 3))
    assert values(found, "recall_at_k", k=1) == (0.0, 0.0)


@pytest.mark.parametrize("kind", ["ndcg", "precision_at_k", "hit_rate", "mrr", "map"])
def test_a_list_that_a_model_did_not_make_is_lost_and_not_empty(tmp_path: Path, kind: str) -> None:
    rows = [*THREE, *listed("q2", ("a", 1, 1, None), ("b", 0, 2, None))]
    found = lists(tmp_path, rows)
    seen = pair(found, kind, evidence="rankings", k=2)
    assert (seen.rows, seen.lost.rows, seen.lost.range) == (1, 1, (0.0, 1.0))
    facts = found.facts("rankings")
    assert facts.lost_pairs == LostPairs(0, 1, 0)
    assert facts.unmatched == {"baseline": 1, "candidate": 0}


def test_an_item_on_two_rows_loses_its_query(tmp_path: Path) -> None:
    rows = [*THREE, *listed("q2", ("a", 1, 1, 2), ("a", 0, 2, 1), ("b", 0, 0, 0))]
    found = lists(tmp_path, rows)
    assert pair(found, "mrr", evidence="rankings").lost.rows == 1
    facts = found.facts("rankings")
    assert facts.duplicates == Counted(2, "q2")
    assert facts.lost_pairs == LostPairs(0, 0, 1)
    assert (facts.rows, facts.units, facts.pairs) == (6, 2, 2)


def test_an_unjudged_item_among_the_first_loses_the_query_unless_it_is_said_otherwise(
    tmp_path: Path,
) -> None:
    found = lists(tmp_path, [*THREE, *listed("q2", ("a", None, 1, 2), ("b", 1, 2, 1))])
    seen = pair(found, "hit_rate", evidence="rankings", k=1)
    assert (seen.rows, seen.lost.rows) == (1, 1)
    assert values(found, "hit_rate", k=1, unjudged="irrelevant") == (1.0, 0.5)
    assert found.facts("rankings").lost_pairs.total == 0


def test_an_unjudged_item_below_the_first_k_is_no_loss(tmp_path: Path) -> None:
    found = lists(tmp_path, listed("q1", ("a", 1, 2, 2), ("b", None, 1, 1)))
    assert pair(found, "hit_rate", evidence="rankings", k=1).lost.rows == 0
    assert isinstance(measured(found, "hit_rate", k=2), Absent)


def test_a_query_without_a_relevant_item_is_zero_or_dropped(tmp_path: Path) -> None:
    rows = [*THREE, *listed("q2", ("a", 0, 1, 2), ("b", 0, 2, 1))]
    found = lists(tmp_path, rows)
    for kind in ("ndcg", "recall_at_k", "map", "mrr", "precision_at_k", "hit_rate"):
        zero = pair(found, kind, evidence="rankings", k=1)
        drop = pair(found, kind, evidence="rankings", k=1, empty="drop")
        assert zero.baseline is not None
        assert drop.baseline == 2 * zero.baseline
        assert (zero.rows, drop.rows, drop.lost.rows) == (2, 1, 0)


def test_gains_are_linear_or_exponential_and_never_negative(tmp_path: Path) -> None:
    """By hand: places a 3, b -1, c 2 and best a, c: DCG 3 + 2/2; ideal 3 + 2/log2(3)."""
    found = lists(tmp_path, listed("q1", ("a", 3, 9, 9), ("b", -1, 8, 8), ("c", 2, 7, 7)))
    assert values(found, "ndcg", k=3)[0] == pytest.approx(4 / (3 + 2 / np.log2(3)))
    exponential = values(found, "ndcg", k=3, gain="exponential")[0]
    assert exponential == pytest.approx((7 + 3 / 2) / (7 + 3 / np.log2(3)))


def test_relevance_counts_from_the_threshold_on(tmp_path: Path) -> None:
    found = lists(tmp_path, listed("q1", ("a", 1, 3, 3), ("b", 2, 2, 2)))
    assert values(found, "precision_at_k", k=2)[0] == 1.0
    assert values(found, "precision_at_k", k=2, threshold=2.0)[0] == 0.5


def test_queries_of_one_person_are_one_unit(tmp_path: Path) -> None:
    rows = [
        row
        for i in range(40)
        for row in listed(f"q{i}", ("a", i % 2, 1, 2), ("b", 0, 2, 1), user=f"u{i // 4}")
    ]
    found = lists(tmp_path, rows, unit=UnitColumns(id="user"))
    assert pair(found, "mrr", evidence="rankings").clusters == 10
    assert found.facts("rankings").clusters == 10


def test_a_query_in_two_clusters_is_refused(tmp_path: Path) -> None:
    rows = [*listed("q1", ("a", 1, 1, 2), user="u1"), *listed("q1", ("b", 1, 2, 1), user="u2")]
    with pytest.raises(EvidenceError, match="1 queries in several clusters, first 'q1'"):
        lists(tmp_path, rows, unit=UnitColumns(id="user")).facts("rankings")


def test_items_of_many_queries_are_no_fault(tmp_path: Path) -> None:
    rows = [*listed("q1", ("a", 1, 1, 2), user="u1"), *listed("q2", ("a", 1, 2, 1), user="u2")]
    assert lists(tmp_path, rows, unit=UnitColumns(id="user")).facts("rankings").units == 2


def test_slices_are_of_queries(tmp_path: Path) -> None:
    rows = [
        row
        for i in range(6)
        for row in listed(f"q{i}", ("a", 1, 1, 2), ("b", 0, 2, 1), country="NZ" if i < 2 else "BR")
    ]
    found = lists(tmp_path, rows)
    assert found.levels(["country"], "rankings") == {
        Slice.of({"country": "BR"}): 4,
        Slice.of({"country": "NZ"}): 2,
    }
    assert pair(found, "mrr", Slice.of({"country": "NZ"}), evidence="rankings").rows == 2


def test_a_query_that_lies_in_two_levels_is_lost_where_one_asks_for_them(tmp_path: Path) -> None:
    rows = [*THREE, *listed("q2", ("a", 1, 1, 2), ("b", 0, 2, 1))]
    found = lists(
        tmp_path, [row | {"country": "BR" if i == 4 else "NZ"} for i, row in enumerate(rows)]
    )
    assert pair(found, "mrr", evidence="rankings").lost.rows == 0
    in_slice = [measured(found, "mrr", Slice.of({"country": level})) for level in ("NZ", "BR")]
    lost = [s.lost.rows if not isinstance(s, Absent) else 1 for s in in_slice]
    assert sum(lost) == 1


def test_promised_queries_that_are_nowhere_are_lost(tmp_path: Path) -> None:
    found = lists(tmp_path, THREE, expect_units=5)
    assert pair(found, "mrr", evidence="rankings").lost.rows == 4
    assert found.facts("rankings").unfound_units == 4


def test_scores_of_one_value_are_no_ranking(tmp_path: Path) -> None:
    rows = [row for i in range(3) for row in listed(f"q{i}", ("a", 1, 7, 2), ("b", 0, 7, 1))]
    assert lists(tmp_path, rows).facts("rankings").constant == (("baseline", ""),)
    chances = [{**row, "baseline": 0.5, "candidate": 0.5} for row in rows]
    found = lists(tmp_path, chances, constants={"order": "chance"})
    assert found.facts("rankings").constant == ()


def test_an_unknown_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="score, rank, chance"):
        lists(tmp_path, THREE, constants={"order": "place"}).facts("rankings")
    rows = [{**row, "order": "place"} for row in THREE]
    with pytest.raises(EvidenceError, match="score, rank, chance"):
        lists(tmp_path, rows).facts("rankings")


def test_a_score_that_is_no_number_is_refused(tmp_path: Path) -> None:
    rows = [{**row, "candidate": "high"} for row in THREE]
    with pytest.raises(EvidenceError, match="'high' in column 'candidate'"):
        lists(tmp_path, rows).facts("rankings")


def shop() -> list[dict[str, Any]]:
    """Two queries; the baseline shows a, b and a, c first, the candidate c, d and d, b."""
    about = {"a": ("toys", 0.5), "b": ("toys", 0.25), "c": ("food", 0.125), "d": ("food", 0.0625)}
    rows = [
        *listed("q1", ("a", 1, 4, 1), ("b", 0, 3, 2), ("c", 0, 2, 4), ("d", 0, 1, 3)),
        *listed("q2", ("a", 1, 4, 1), ("b", 0, 1, 3), ("c", 0, 3, 2), ("d", 0, 2, 4)),
    ]
    return [
        row | {"category": about[row["item"]][0], "popularity": about[row["item"]][1]}
        for row in rows
    ]


def test_diversity_is_the_share_of_pairs_of_two_categories(tmp_path: Path) -> None:
    """By hand: toys-toys 0, toys-food 1; food-food 0, food-toys 1."""
    found = lists(tmp_path, shop())
    assert values(found, "diversity", k=2) == (0.5, 0.5)
    assert values(found, "diversity", k=4) == pytest.approx((4 / 6, 4 / 6))


def test_novelty_is_the_mean_rarity_in_bits(tmp_path: Path) -> None:
    """By hand: (1 + 2 + 1 + 3) / 4 and (3 + 4 + 4 + 2) / 4 bits."""
    assert values(lists(tmp_path, shop()), "novelty", k=2) == (7 / 4, 13 / 4)


def test_an_item_without_a_category_loses_the_lists_that_show_it(tmp_path: Path) -> None:
    rows = shop()
    rows[1]["category"] = None
    found = lists(tmp_path, rows)
    seen = pair(found, "diversity", evidence="rankings", k=2)
    assert (seen.rows, seen.lost.rows) == (1, 1)


@pytest.mark.parametrize("share", [0, 1.5, -0.1, "often", None])
def test_a_popularity_that_is_no_share_leaves_no_novelty(tmp_path: Path, share: Any) -> None:
    rows = [
        row | {"popularity": share if row["item"] == "a" else row["popularity"]} for row in shop()
    ]
    absent = measured(lists(tmp_path, rows), "novelty", k=2)
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.ROWS_MISSING


def test_a_list_of_one_item_has_no_diversity(tmp_path: Path) -> None:
    assert isinstance(measured(lists(tmp_path, shop()), "diversity", k=1), Absent)


@pytest.mark.parametrize(
    ("kind", "column"),
    [("diversity", "category"), ("novelty", "popularity"), ("ips", "propensity")],
)
def test_a_column_that_is_not_there_is_named(tmp_path: Path, kind: str, column: str) -> None:
    absent = measured(lists(tmp_path, THREE), kind)
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.WRONG_COLUMNS
    assert repr(column) in absent.detail


def test_another_column_can_be_named(tmp_path: Path) -> None:
    rows = [row | {"brand": row["item"]} for row in shop()]
    assert values(lists(tmp_path, rows), "diversity", k=2, column="brand") == (1.0, 1.0)


def test_coverage_counts_items_once_over_all_queries(tmp_path: Path) -> None:
    """By hand: of 4 items the baseline shows a, b, c first and the candidate b, c, d."""
    found = lists(tmp_path, shop())
    assert values(found, "catalogue_coverage", k=2) == (0.75, 0.75)
    assert values(found, "catalogue_coverage", k=1) == (0.25, 0.5)
    assert values(found, "catalogue_coverage") == (1.0, 1.0)


def test_coverage_of_a_slice_is_of_the_whole_catalogue(tmp_path: Path) -> None:
    rows = [row | {"country": "NZ" if row["query"] == "q1" else "BR"} for row in shop()]
    seen = pair(
        lists(tmp_path, rows),
        "catalogue_coverage",
        Slice.of({"country": "NZ"}),
        evidence="rankings",
        k=2,
    )
    assert (seen.baseline, seen.candidate) == (0.5, 0.5)


def test_a_query_that_nobody_ranked_is_lost_to_coverage_and_not_forgotten(tmp_path: Path) -> None:
    rows = [
        *shop(),
        *({**row, "query": "q3", "baseline": None, "candidate": None} for row in shop()[:2]),
    ]
    seen = pair(lists(tmp_path, rows), "catalogue_coverage", evidence="rankings", k=1)
    assert seen.lost.rows == 2


def test_order_and_kind_of_file_change_no_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = [
        {
            "query": f"q{i}",
            "item": f"d{j}",
            "relevance": int(rng.integers(0, 4)),
            "baseline": float(rng.normal()),
            "candidate": float(rng.integers(0, 3)),
            "category": f"c{j % 3}",
            "popularity": (j + 1) / 20,
        }
        for i in range(30)
        for j in range(12)
    ]
    shuffled = [rows[i] for i in rng.permutation(len(rows))]
    kinds = ("ndcg", "map", "mrr", "diversity", "novelty", "catalogue_coverage")
    found = []
    for folder, kept in (("a", rows), ("b", shuffled)):
        write(tmp_path / folder / "r.parquet", kept)
        there = evidence(tmp_path / folder, "r.parquet", format="rankings", unit=QUERY, metrics={})
        found.append([exact(measured(there, kind, k=5)) for kind in kinds])
    assert found[0] == found[1]
