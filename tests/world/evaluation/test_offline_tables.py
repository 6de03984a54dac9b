"""What holds for every offline table: alike models, one seed, panels that rows reproduce."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from offline_worlds import LAWS, TABLES, TRUTHS, plain, rich, rows
from shipcall.formats import FORMATS, Kind
from shipcall.world.chance.draws import generator
from shipcall.world.chance.kinds import Kinds
from shipcall.world.chance.laws import draw
from shipcall.world.evaluation import predictions, preferences, rankings, scores
from shipcall.world.evaluation.scores import Runs
from shipcall.world.models import items, quadrature, regressor
from shipcall.world.people.cells import strata
from shipcall.world.truth import ARMS, World

Rows = list[dict[str, Any]]
Floats = NDArray[np.float64]


def every(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("table", names or list(TABLES))


def panel(table: str, world: World) -> Floats:
    """The panel that belongs to the rows of a world."""
    ((_, drawn),) = draw(
        LAWS[table](world), generator(world, TABLES[table].format, "panels")
    ).items()
    return drawn


@every()
def test_with_all_defaults_both_models_are_alike(table: str) -> None:
    stated = TRUTHS[table](
        plain(table, trait=[{"column": "country", "levels": {"NZ": 1, "BR": 2}}])
    )
    assert {fact["slice"] for fact in stated} == {"all", "country=NZ", "country=BR"}
    assert [fact["difference"] for fact in stated] == pytest.approx([0.0] * len(stated), abs=1e-9)


@every()
def test_one_seed_gives_the_same_bytes(table: str) -> None:
    files = []
    for _ in range(2):
        file = io.BytesIO()
        pq.write_table(rows(table, rich(table)), file, compression="zstd")
        files.append(file.getvalue())
    assert files[0] == files[1]


@every()
def test_another_seed_gives_other_rows(table: str) -> None:
    assert not rows(table, rich(table)).equals(rows(table, rich(table, seed=2)))


@every()
def test_a_chunk_is_the_same_alone_and_in_any_order(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "CHUNK", 2_000)
    world, drawn = rich(table), TABLES[table]
    count = drawn.chunks(world)
    assert count > 2
    backwards = [drawn.rows(world, chunk) for chunk in reversed(range(count))]
    assert rows(table, world).equals(pa.concat_tables(reversed(backwards)))


@every()
def test_every_column_is_as_its_format_says(table: str) -> None:
    world = rich(table)
    drawn = rows(table, world)
    form = FORMATS[TABLES[table].format]
    assert set(form.required) <= set(drawn.column_names)
    assert set(drawn.column_names) - set(form.names) == {"country", "tenure", "overlap"}
    for name in drawn.column_names:
        column = form.column(name)
        text = column is None or column.kind is Kind.TEXT
        assert pa.types.is_string(drawn[name].type) == text, name
        if column is not None and column.choices:
            assert set(drawn[name].to_pylist()) <= set(column.choices)
    keys = drawn.select([name for name in form.key if name in drawn.column_names]).to_pylist()
    assert len({tuple(key.values()) for key in keys}) == drawn.num_rows


@every()
def test_a_trait_may_not_take_the_name_of_a_column_of_items(table: str) -> None:
    trait = [{"column": "overlap", "levels": {"a": 1}}]
    with pytest.raises(ValueError, match="'overlap' needs another name"):
        rows(table, rich(table, trait=trait, effect=[]))


@every()
def test_a_trait_may_not_take_the_name_of_a_column_of_the_format(table: str) -> None:
    trait = [{"column": "cluster", "levels": {"a": 1}}]
    with pytest.raises(ValueError, match="the trait 'cluster' needs another name"):
        rows(table, plain(table, trait=trait))


def count_scores(world: World, drawn: Rows, places: dict[tuple[str, ...], int]) -> Floats:
    runs: dict[str, dict[str, Any]] = {}
    unsafe = np.zeros((len(places), len(ARMS)))
    kinds = scores.kinds(world)
    for row in drawn:
        place = places[where(world, row)]
        if row["metric"] == "unsafe":
            unsafe[place, ARMS.index(row["arm"])] += row["value"] or 0
        else:
            of_item = runs.setdefault(row["item"], {"place": place, "baseline": 0, "candidate": 0})
            of_item[row["arm"]] += row["value"] or 0
            if row["status"] != "ok":
                failed = row["status"] == "model_error"
                of_item[row["arm"]] = (
                    quadrature.FAILED if failed else quadrature.LOST
                ) - quadrature.ANSWERED
    counts = np.zeros((len(places), len(kinds)))
    for of_item in runs.values():
        kind = tuple(int(of_item[arm]) + quadrature.ANSWERED for arm in ARMS)
        counts[of_item["place"], kinds.index(kind)] += 1
    return np.hstack([counts, unsafe])


def count_classes(world: World, drawn: Rows, places: dict[tuple[str, ...], int]) -> Floats:
    kinds = predictions.kinds(world)
    counts = np.zeros((len(places), len(kinds)))
    for row in drawn:
        states = [0 if row[arm] is None else 1 + (row[arm] >= 0.5) for arm in ARMS]
        counts[places[where(world, row)], kinds.index((row["label"], *states))] += 1
    return counts


def count_numbers(world: World, drawn: Rows, places: dict[tuple[str, ...], int]) -> Floats:
    kinds, edges = predictions.kinds(world), regressor.edges(world)
    counts = np.zeros((len(places), len(kinds)))
    for row in drawn:
        states = [
            0 if row[arm] is None else int(np.searchsorted(edges, row[arm] - row["label"]))
            for arm in ARMS
        ]
        counts[places[where(world, row)], kinds.index(tuple(states))] += 1
    return counts


def count_rankings(world: World, drawn: Rows, places: dict[tuple[str, ...], int]) -> Floats:
    queries: dict[str, Rows] = {}
    for row in drawn:
        queries.setdefault(row["query"], []).append(row)
    counts = np.zeros((len(places), len(rankings.KINDS)))
    for shown in queries.values():
        states = []
        for arm in ARMS:
            ranked = [row for row in shown if row[arm] is not None]
            scores_ = [row[arm] for row in ranked]
            states.append(1 + int(ranked[int(np.argmax(scores_))]["relevance"]) if ranked else 0)
        counts[places[where(world, shown[0])], rankings.KINDS.index(tuple(states))] += 1
    return counts


def where(world: World, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[column] for column in strata(world).columns)


COUNTS: dict[str, Callable[[World, Rows, dict[tuple[str, ...], int]], Floats]] = {
    "scores": count_scores,
    "classifier": count_classes,
    "regressor": count_numbers,
    "rankings": count_rankings,
}


@every(*COUNTS)
@pytest.mark.parametrize("chunk", [500, 100_000])
def test_the_files_hold_exactly_the_panel(
    table: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "CHUNK", chunk)
    world = rich(table)
    pq.write_table(rows(table, world), tmp_path / "t.parquet")
    drawn = pq.read_table(tmp_path / "t.parquet").to_pylist()
    places = {tuple(name.values()): i for i, name in enumerate(strata(world).names)}
    assert COUNTS[table](world, drawn, places).tolist() == panel(table, world).tolist()


@pytest.mark.parametrize("both_orders", [False, True])
def test_the_comparisons_in_the_files_are_those_of_the_panel(
    both_orders: bool,  # noqa: FBT001
) -> None:
    world = rich("preferences", judge={"position": 0.5, "people": 0.4, "both_orders": both_orders})
    seen: dict[tuple[str, str, str], int] = {}
    names = {world.baseline: "baseline", world.candidate: "candidate"}
    for row in rows("preferences", world).to_pylist():
        sort = (row["rater_kind"], names[row["first"]], row["winner"])
        seen[sort] = seen.get(sort, 0) + 1
    drawn = panel("preferences", world).sum(axis=0)
    tally = preferences.tally(world)
    assert {sort: int(drawn @ has) for sort, has in tally.items() if drawn @ has} == seen


@every()
def test_items_lie_in_the_same_slices_in_every_table_about_them(table: str) -> None:
    """The make-up of an evaluation set depends on the seed and its shape alone."""
    if table == "rankings":
        world, key = rich(table, items={"depth": 4}), "query"
    else:
        world, key = rich(table, items={"repeats": 1}), TABLES[table].format
        key = {"predictions": "unit"}.get(key, "item")
    drawn = rows(table, world)
    seen = dict(zip(drawn[key].to_pylist(), drawn["country"].to_pylist(), strict=True))
    other = rows("scores", rich("scores", items={"repeats": 1}))
    assert seen == dict(zip(other["item"].to_pylist(), other["country"].to_pylist(), strict=True))


@every()
def test_panels_vary_around_their_expectation(table: str) -> None:
    """2,000 panels: every mean within 5 standard errors of the law's own mean."""
    world = rich(table, count=400)
    ((_, law),) = LAWS[table](world).items()
    rng = np.random.default_rng(3)
    seen = np.array([law.draw(rng) for _ in range(2_000)])
    if isinstance(law, Runs):
        kinds = law.kinds.mean
        expected = np.hstack([kinds, kinds @ law.answers * law.unsafe])
    else:
        assert isinstance(law, Kinds)
        expected = law.mean
    error = seen.std(axis=0) / np.sqrt(len(seen))
    assert np.all(np.abs(seen.mean(axis=0) - expected) <= 5 * error + 2e-2)


@every()
def test_a_likely_panel_is_more_likely_under_its_own_world(table: str) -> None:
    """The law of another world fits worse, on average over panels."""
    own, other = rich(table, count=4_000), rich(table, count=4_000, effect=[])
    rng = np.random.default_rng(4)
    ((_, law),), ((_, false),) = LAWS[table](own).items(), LAWS[table](other).items()
    panels = [law.draw(rng) for _ in range(20)]
    gain = [law.log_likelihood(seen) - false.log_likelihood(seen) for seen in panels]
    assert np.mean(gain) > 3 * np.std(gain) / np.sqrt(len(gain))


@every()
def test_rows_without_content_hashes_are_drawn_too(table: str) -> None:
    columns = rows(table, plain(table, items={"hashed": False})).column_names
    assert not {"item_hash", "prompt_hash"} & set(columns)


@every()
def test_a_world_without_items_has_no_such_table(table: str) -> None:
    world = plain(table).model_copy(update={"items": None})
    assert not TABLES[table].asked(world)
    with pytest.raises(ValueError, match="no \\[items\\]"):
        TABLES[table].chunks(world)
