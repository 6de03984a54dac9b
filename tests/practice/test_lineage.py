"""Lineage: graphs to be drawn or repaired."""

import json
from typing import Any

import pytest

from shipcall.core import UsageError
from shipcall.practice.lineage import (
    GRAPHS,
    Edge,
    Graph,
    GraphTemplate,
    cycle_of,
    downstream,
    draw_graph,
    edge_of,
    read_edges,
    reveal_graph,
    score_graph,
    view_graph,
)

SMALL: dict[str, Any] = {
    "slug": "lineage-small",
    "title": "Small",
    "story": "Four nodes.",
    "minutes": 2,
    "missing_edge": 2.0,
    "extra_edge": 3.0,
    "rules": ["Nothing reads the label."],
    "node": [{"name": name, "title": name} for name in ("raw", "label", "features", "model")],
    "reads": [
        {"edge": "raw -> label", "says": "labels from raw"},
        {"edge": "raw -> features", "says": "features from raw"},
        {"edge": "features -> model", "says": "model from features"},
    ],
    "fault": [
        {"name": "leak", "title": "a leak", "symptom": "too good", "adds": ["label -> features"]}
    ],
}


def _small(**changes: Any) -> Graph:
    return draw_graph(GraphTemplate.model_validate(SMALL | changes), 1)


@pytest.mark.parametrize("slug", GRAPHS.names())
def test_what_is_handed_back_loses_the_stake_and_the_right_graph_nothing(slug: str) -> None:
    template = GRAPHS.load(slug)
    for seed in range(60):
        graph = draw_graph(template, seed)
        as_it_is, right = (score_graph(graph, edges) for edges in (graph.shown, graph.right))
        assert as_it_is.lost == as_it_is.at_stake > 0
        assert as_it_is.repaired is False
        assert (right.lost, right.agreement, right.repaired, right.circle) == (0, 1, True, ())


@pytest.mark.parametrize("slug", GRAPHS.names())
def test_every_fault_is_drawn_sometimes_and_leaves_no_node_alone(slug: str) -> None:
    template = GRAPHS.load(slug)
    drawn = [draw_graph(template, seed) for seed in range(120)]
    assert {g.fault.name for g in drawn if g.fault} == {fault.name for fault in template.fault}
    for graph in drawn:
        assert {node.name for node in graph.nodes} == {end for edge in graph.right for end in edge}


@pytest.mark.parametrize("slug", GRAPHS.names())
def test_sentences_tell_every_edge_where_the_graph_is_to_be_drawn(slug: str) -> None:
    graph = draw_graph(GRAPHS.load(slug), 3, task="draw")
    view = view_graph(graph)
    assert len(view["says"]) == len(graph.right)
    assert view["edges"] == []
    assert view["symptom"] == ""
    assert graph.shown == graph.right
    assert score_graph(graph, []).lost == score_graph(graph, []).at_stake


def test_the_same_seed_draws_the_same_graph() -> None:
    template = GRAPHS.load("lineage-feed-ranker")
    assert draw_graph(template, 5) == draw_graph(template, 5)
    parts = {frozenset(n.name for n in draw_graph(template, s).nodes) for s in range(40)}
    assert len(parts) > 3


def test_a_view_tells_neither_the_fault_nor_the_right_graph() -> None:
    graph = _small()
    view = view_graph(graph)
    assert "label -> features" in view["edges"]
    assert view["says"] == []
    assert "a leak" not in json.dumps(view)


def test_what_depends_on_a_node_is_found_over_any_number_of_steps() -> None:
    edges = [Edge("a", "b"), Edge("b", "c"), Edge("a", "d")]
    assert downstream(edges) == {"a": {"b", "c", "d"}, "b": {"c"}}


def test_a_circle_is_named() -> None:
    assert cycle_of([Edge("a", "b"), Edge("b", "a"), Edge("b", "c")]) == ("a", "b")
    assert cycle_of([Edge("a", "b"), Edge("c", "b")]) == ()


def test_missing_and_extra_edges_cost_their_prices_and_say_what_is_downstream() -> None:
    """By hand: raw -> features is missing (2), label -> features is extra (3).

    Right pairs: raw on label, features, model; features on model: 4. In the answer: raw on label,
    features, model (through label); label on features, model; features on model: 6, all of them
    right but two: 4 / 6.
    """
    graph = _small()
    answer = read_edges(graph, "raw -> label\nlabel -> features\nfeatures -> model")
    score = score_graph(graph, answer)
    assert score.missing == ("raw -> features",)
    assert score.extra == ("label -> features",)
    assert score.lost == 5
    assert score.hidden == {}
    assert score.invented == {"label": ("features", "model")}
    assert score.agreement == pytest.approx(4 / 6)
    assert score.repaired is False


def test_what_is_cut_off_is_told_with_all_that_depends_on_it() -> None:
    score = score_graph(_small(), [Edge("raw", "label"), Edge("raw", "features")])
    assert score.hidden == {"features": ("model",), "raw": ("model",)}


def test_an_empty_answer_agrees_in_nothing() -> None:
    score = score_graph(_small(), [])
    assert (score.agreement, score.lost, score.at_stake) == (0, 6, 3)


def test_an_answer_that_runs_in_a_circle_says_so() -> None:
    graph = _small()
    score = score_graph(graph, [*graph.right, Edge("model", "raw")])
    assert score.circle == ("features", "model", "raw")


def test_the_reveal_names_the_fault_and_all_it_reaches() -> None:
    told = reveal_graph(_small())
    assert told["fault"] == "a leak"
    assert told["reached"] == ["features", "model"]
    assert told["edges"] == ["features -> model", "raw -> features", "raw -> label"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("raw features", "is no edge"),
        ("raw -> raw", "two different nodes"),
        ("raw -> label -> model", "is no edge"),
        ("raw -> feature", "Did you mean 'features'"),
        ("raw -> zzz", "There are: raw, label"),
    ],
)
def test_what_is_no_edge_is_refused(typed: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        edge_of(typed, ["raw", "label", "features", "model"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"parts": 1}, "optional parts"),
        (
            {"reads": [*SMALL["reads"], {"edge": "model -> raw", "says": "back"}]},
            "runs in a circle",
        ),
        ({"fault": [SMALL["fault"][0] | {"adds": []}]}, "adds no edge"),
        ({"fault": [SMALL["fault"][0] | {"adds": ["raw -> label"]}]}, "adds what is right"),
        ({"fault": [SMALL["fault"][0] | {"removes": ["raw -> model"]}]}, "not there"),
    ],
)
def test_a_system_that_cannot_be_drawn_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        _small(**changes)


def test_a_fault_of_a_part_that_was_not_drawn_is_not_taken() -> None:
    node = [*SMALL["node"], {"name": "copy", "title": "copy", "part": "copy"}]
    fault = [SMALL["fault"][0] | {"adds": ["raw -> copy"]}]
    with pytest.raises(UsageError, match="no fault fits"):
        _small(node=node, fault=fault)


def test_an_unknown_system_and_a_broken_file_are_refused() -> None:
    with pytest.raises(UsageError, match="lineage-feed-ranker"):
        GRAPHS.load("lineage-none")
    with pytest.raises(UsageError, match="is no system"):
        GRAPHS.read("slug = ", name="lineage-x")
    with pytest.raises(UsageError, match="is no system"):
        GRAPHS.read('slug = "lineage-x"', name="lineage-x")
