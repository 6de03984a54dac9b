"""Lineage: which table, job and screen reads which; a graph to be drawn or repaired as text.

A template says what the system should be, edge by edge. A drawing takes some of its optional
parts and, where the graph is to be repaired, one error: edges that are there and must not be, or
edges that are missing. An answer is a list of lines "a -> b": b reads what a wrote.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from shipcall.core import UsageError
from shipcall.practice.exercise import Exercises
from shipcall.practice.language import Name, Section

Task = Literal["draw", "repair"]
Positive = Annotated[float, Field(gt=0)]


class Edge(NamedTuple):
    """One node reads another."""

    source: str
    target: str

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.source} -> {self.target}"


class Node(Section):
    """A source, job, table, model or screen."""

    name: Name
    title: str
    part: str = ""
    """Optional part it belongs to; empty: always there."""


class Reads(Section):
    """One edge, with the sentence from which it can be known."""

    edge: str
    says: str


class Fault(Section):
    """One way in which the graph is wrong."""

    name: Name
    title: str
    """Told afterwards."""
    symptom: str
    """What somebody noticed."""
    adds: tuple[str, ...] = ()
    """Edges that are there and must not be."""
    removes: tuple[str, ...] = ()
    """Edges that should be there and are not."""

    @model_validator(mode="after")
    def _moves_something(self) -> "Fault":
        if not (self.adds or self.removes):
            raise ValueError(f"the fault {self.name!r} adds no edge and removes none")
        return self


class GraphTemplate(Section):
    """What all drawings of one system share."""

    slug: Annotated[str, Field(pattern=r"^lineage-[a-z0-9-]+$")]
    title: str
    story: str
    minutes: Positive
    parts: Annotated[int, Field(ge=0)] = 0
    """How many optional parts a drawing has."""
    missing_edge: Positive
    """Points that an edge costs that is left out."""
    extra_edge: Positive
    """Points that an edge costs that is not there."""
    rules: list[str]
    """What must hold in this system."""
    node: Annotated[list[Node], Field(min_length=3)]
    reads: Annotated[list[Reads], Field(min_length=2)]
    fault: Annotated[list[Fault], Field(min_length=1)]

    @model_validator(mode="after")
    def _edges_are_known(self) -> "GraphTemplate":
        names = [node.name for node in self.node]
        right = [edge_of(one.edge, names) for one in self.reads]
        if cycle_of(right):
            raise ValueError(f"the right graph runs in a circle: {', '.join(cycle_of(right))}")
        for fault in self.fault:
            added = {edge_of(one, names) for one in fault.adds}
            removed = {edge_of(one, names) for one in fault.removes}
            if added & set(right) or not removed <= set(right):
                raise ValueError(f"{fault.name!r} adds what is right, or removes what is not there")
        return self

    @model_validator(mode="after")
    def _parts_are_there(self) -> "GraphTemplate":
        optional = {node.part for node in self.node if node.part}
        if len(optional) < self.parts:
            raise ValueError(f"{self.parts} optional parts are asked for of {len(optional)}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """One drawing of a system."""

    template: GraphTemplate
    seed: int
    task: Task
    nodes: tuple[Node, ...]
    right: frozenset[Edge]
    """How it should be."""
    shown: frozenset[Edge]
    """How it is (repair); the same as `right` where it is to be drawn."""
    says: tuple[str, ...]
    """Sentences, in an order that tells nothing."""
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphScore:
    """A drawn or repaired graph held against the right one."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    hidden: Mapping[str, tuple[str, ...]]
    """Node -> what depends on it downstream, and does not in the answer."""
    invented: Mapping[str, tuple[str, ...]]
    """Node -> what does not depend on it, and does in the answer."""
    agreement: float
    """Pairs (node, what depends on it) that both graphs have, over those that either has."""
    circle: tuple[str, ...]
    """Nodes of a circle in the answer: nothing is computed from itself."""
    lost: float
    """Points."""
    at_stake: float
    """Points that an empty sheet loses; where the graph is repaired, one that is handed back."""
    repaired: bool | None
    """All edges of the fault are put right; None: there was none."""


GRAPHS = Exercises(word="system", prefix="lineage-", shape=GraphTemplate)


def draw_graph(template: GraphTemplate, seed: int, *, task: Task = "repair") -> Graph:
    """Draw the optional parts, and a fault where there is something to repair.

    Args:
        template: From `GRAPHS`.
        seed: Where chance comes from; the same seed gives the same drawing.
        task: "draw": edges from sentences; "repair": the graph as it is, with one fault.
    """
    rng = np.random.default_rng([seed, *template.slug.encode()])
    optional = sorted({node.part for node in template.node if node.part})
    taken = {"", *rng.permutation(optional)[: template.parts].tolist()}
    nodes = tuple(node for node in template.node if node.part in taken)
    names = {node.name for node in nodes}
    every = [node.name for node in template.node]
    known = [(edge_of(one.edge, every), one.says) for one in template.reads]
    kept = [(edge, says) for edge, says in known if set(edge) <= names]
    right = frozenset(edge for edge, _ in kept)
    fault = _fault(template, names, rng) if task == "repair" else None
    added = {edge_of(one, names) for one in fault.adds} if fault else set[Edge]()
    removed = {edge_of(one, names) for one in fault.removes} if fault else set[Edge]()
    order = rng.permutation(len(kept))
    return Graph(
        template=template,
        seed=seed,
        task=task,
        nodes=nodes,
        right=right,
        shown=(right | added) - removed,
        says=tuple(kept[int(place)][1] for place in order),
        fault=fault,
    )


def _fault(template: GraphTemplate, names: Collection[str], rng: np.random.Generator) -> Fault:
    """Draw one of the faults whose nodes are all there."""
    able = [
        fault
        for fault in template.fault
        if all(set(_ends(one)) <= set(names) for one in (*fault.adds, *fault.removes))
    ]
    if not able:
        raise UsageError(f"{template.slug}: no fault fits the parts that were drawn.")
    return able[int(rng.integers(len(able)))]


def view_graph(graph: Graph) -> dict[str, Any]:
    """Give what a person sees before answering; edges as they are only where they are repaired."""
    template, repair = graph.template, graph.fault is not None
    return {
        "slug": template.slug,
        "title": template.title,
        "story": template.story,
        "minutes": template.minutes,
        "task": graph.task,
        "missing_edge": template.missing_edge,
        "extra_edge": template.extra_edge,
        "rules": list(template.rules),
        "nodes": [{"name": node.name, "title": node.title} for node in graph.nodes],
        "says": [] if repair else list(graph.says),
        "symptom": graph.fault.symptom if graph.fault else "",
        "edges": sorted(str(edge) for edge in graph.shown) if repair else [],
    }


def reveal_graph(graph: Graph) -> dict[str, Any]:
    """Give what is told afterwards: the right edges, and the fault with all that it reaches."""
    reached = sorted(
        {
            name
            for edge in graph.right ^ graph.shown
            for name in (edge.target, *downstream(graph.right | graph.shown).get(edge.target, ()))
        }
    )
    return {
        "fault": graph.fault.title if graph.fault else None,
        "edges": sorted(str(edge) for edge in graph.right),
        "reached": reached,
    }


def read_edges(graph: Graph, text: str) -> list[Edge]:
    """Read edges as they are typed, "a -> b" on every line; empty lines are left out.

    Raises:
        UsageError: If a line has another form, or names a node that is not there.
    """
    names = [node.name for node in graph.nodes]
    return [edge_of(line, names) for line in text.splitlines() if line.strip()]


def edge_of(line: str, names: Collection[str]) -> Edge:
    """Read one edge.

    Raises:
        UsageError: If it is no "a -> b" between two different known nodes.
    """
    ends = _ends(line)
    if len(ends) != len(Edge._fields) or ends[0] == ends[1]:
        raise UsageError(f"{line.strip()!r} is no edge. Write two different nodes: a -> b.")
    for name in ends:
        if name not in names:
            near = difflib.get_close_matches(name, list(names), n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names)}."
            raise UsageError(f"{line.strip()!r} names {name!r}, which is no node. {hint}")
    return Edge(*ends)


def _ends(line: str) -> list[str]:
    return [end.strip() for end in line.split("->")]


def downstream(edges: Iterable[Edge]) -> dict[str, frozenset[str]]:
    """Say what depends on each node, over any number of steps; nodes nobody reads are left out."""
    readers: dict[str, set[str]] = {}
    for source, target in edges:
        readers.setdefault(source, set()).add(target)
    found = {}
    for start, first in readers.items():
        reached, waiting = set[str](), list(first)
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting += readers.get(node, ())
        found[start] = frozenset(reached)
    return found


def cycle_of(edges: Iterable[Edge]) -> tuple[str, ...]:
    """Name the nodes that depend on themselves, sorted; () where nothing runs in a circle."""
    return tuple(sorted(node for node, reached in downstream(edges).items() if node in reached))


def score_graph(graph: Graph, edges: Collection[Edge]) -> GraphScore:
    """Hold the edges of an answer against the right ones; the same edge twice counts once.

    Args:
        graph: The drawing.
        edges: All edges of the answer, those that were right before among them.
    """
    said = frozenset(edges)
    missing, extra = graph.right - said, said - graph.right
    right, own = _pairs(graph.right), _pairs(said)
    broken = graph.right ^ graph.shown
    return GraphScore(
        missing=tuple(sorted(str(edge) for edge in missing)),
        extra=tuple(sorted(str(edge) for edge in extra)),
        hidden=_by_node(right - own),
        invented=_by_node(own - right),
        agreement=len(right & own) / len(right | own),
        circle=cycle_of(said),
        lost=_cost(graph.template, len(missing), len(extra)),
        at_stake=_stake(graph),
        repaired=None if graph.fault is None else not (broken & (missing | extra)),
    )


def _by_node(pairs: Iterable[Edge]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node, one in sorted(pairs):
        found[node] = (*found.get(node, ()), one)
    return found


def _pairs(edges: Iterable[Edge]) -> set[Edge]:
    return {Edge(node, one) for node, reached in downstream(edges).items() for one in reached}


def _stake(graph: Graph) -> float:
    handed = graph.shown if graph.fault else frozenset[Edge]()
    return _cost(graph.template, len(graph.right - handed), len(handed - graph.right))


def _cost(template: GraphTemplate, missing: int, extra: int) -> float:
    return template.missing_edge * missing + template.extra_edge * extra
