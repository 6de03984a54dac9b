"""Items: names, chunks, and kinds that are spread over them without changing their counts."""

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from offline_worlds import make
from shipcall.formats import PREDICTIONS
from shipcall.world.chance.draws import Ints
from shipcall.world.chance.given import Proposal, fill
from shipcall.world.chance.names import chosen, constant, hashes, mixed, numbered, ordered
from shipcall.world.models import items as evaluation
from shipcall.world.models.items import chunks, clusters, hand, layout, mark, pile, spread
from shipcall.world.people.cells import strata


def test_numbers_are_mixed_as_splitmix64_does() -> None:
    """The first three outputs of SplitMix64 with seed 0, as published with Java's SplittableRandom
    and used as a test vector by many: e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f."""
    seen = mixed(np.array([1, 2, 3]), 0).tolist()
    assert seen == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_hashes_are_hexadecimal_and_never_the_same() -> None:
    seen = hashes(make(), "item", np.arange(10_000)).to_pylist()
    assert len(set(seen)) == 10_000
    assert all(len(text) == 16 and int(text, 16) >= 0 for text in seen[:100])


def test_names_sort_as_their_numbers_do() -> None:
    assert numbered("item", np.array([7, 12])).to_pylist() == ["item-000000007", "item-000000012"]


def test_texts_are_repeated_and_chosen() -> None:
    assert constant("a", 2).to_pylist() == ["a", "a"]
    assert chosen(("a", "b"), np.array([1, 0, -1])).to_pylist() == ["b", "a", None]


def test_a_table_without_a_required_column_is_refused() -> None:
    with pytest.raises(ValueError, match="predictions has no column"):
        ordered(PREDICTIONS, {"unit": pa.array(["a"])})


def test_items_that_do_not_fill_their_clusters_are_refused() -> None:
    with pytest.raises(ValidationError, match="a count of 1002 does"):
        make(items={"count": 1_000, "cluster": 3})


def test_chunks_lay_out_all_items_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "CHUNK", 400)
    world = make(
        trait=[{"column": "c", "levels": {"a": 1, "b": 4}}], items={"count": 1_050, "cluster": 5}
    )
    found = strata(world)
    laid = [layout(world, found, chunk) for chunk in range(chunks(world))]
    assert [len(place.numbers) for place in laid] == [100] * 10 + [50]
    assert np.concatenate([place.numbers for place in laid]).tolist() == list(range(1_050))
    strata_of = np.concatenate([place.slots for place in laid])
    assert np.bincount(strata_of).tolist() == clusters(world, found).tolist()
    assert all((np.ptp(p.stratum.reshape(-1, 5), axis=1) == 0).all() for p in laid)


def test_kinds_and_marks_are_spread_without_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "CHUNK", 400)
    world = make(
        trait=[{"column": "c", "levels": {"a": 1, "b": 4}}], items={"count": 1_000, "cluster": 2}
    )
    found = strata(world)
    rng = np.random.default_rng(1)
    nodes = rng.multinomial(clusters(world, found), [0.3, 0.7])
    counts = rng.multinomial(2 * nodes, [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    markable = np.array([[0], [1], [2]])
    marks = (counts.sum(axis=1) @ markable) // 3
    whole = pile(counts, 2, marks, markable)
    parts = [hand(world, "t", whole, found, chunk) for chunk in range(chunks(world))]
    assert len(parts) == 10
    assert sum(part.counts for part in parts).tolist() == counts.tolist()  # type: ignore[union-attr]
    assert sum(part.marks for part in parts).tolist() == marks.tolist()  # type: ignore[union-attr]
    assert all((part.marks <= part.runs).all() for part in parts)
    place = layout(world, found, 3)
    seen = spread(parts[3], place, np.random.default_rng(2))
    back = np.zeros_like(counts)
    np.add.at(back, (place.stratum, seen.node, seen.kind), 1)
    assert back.tolist() == parts[3].counts.tolist()
    assert (np.ptp(seen.node.reshape(-1, 2), axis=1) == 0).all()


def test_a_kind_is_as_likely_in_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypergeometric: 30 of 100 items are of the kind, a chunk of 20 holds 6, variance 3.394."""
    monkeypatch.setattr(evaluation, "CHUNK", 80)
    found = strata(make())
    seen = []
    for seed in range(500):
        world = make(seed=seed, items={"count": 100})
        held = hand(world, "t", pile(np.array([[[30, 70]]]), 1), found, seed % chunks(world))
        seen.append(held.counts[0, 0, 0])
    assert np.mean(seen) == pytest.approx(6.0, abs=0.33)
    assert np.var(seen) == pytest.approx(20 * 0.3 * 0.7 * 80 / 99, rel=0.2)


def test_so_many_rows_of_each_group_are_marked() -> None:
    group = np.array([1, 0, 1, 1, 0, 2])
    marked = mark(group, np.array([1, 2, 0]), np.random.default_rng(1))
    assert [int(marked[group == g].sum()) for g in range(3)] == [1, 2, 0]


def test_no_rows_can_be_marked_where_there_are_none() -> None:
    assert mark(np.array([], dtype=np.int64), np.array([0]), np.random.default_rng(1)).size == 0


def test_rows_are_filled_with_what_meets_their_condition() -> None:
    """Row i takes a uniform number below 1/(i+1); its mean is half of that."""
    bounds = 1 / (1 + np.arange(20_000) % 4)
    rng = np.random.default_rng(1)

    def propose(row: Ints) -> Proposal:
        drawn = rng.random(len(row))
        return Proposal(drawn < bounds[row], drawn)

    values = fill(len(bounds), propose)
    assert (values < bounds).all()
    means = [values[i::4].mean() for i in range(4)]
    assert means == pytest.approx([1 / 2, 1 / 4, 1 / 6, 1 / 8], abs=0.01)


def test_what_never_happens_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipcall.world.chance.given._MOST_ROUNDS", 3)
    with pytest.raises(RuntimeError, match="2 rows"):
        fill(2, lambda row: Proposal(np.zeros(len(row), dtype=bool), np.zeros(len(row))))
