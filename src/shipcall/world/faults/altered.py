"""Altered: a world as the faults of its own parameters leave it."""

from collections.abc import Callable, Mapping

from shipcall.world.truth import Fault, Items, World

Change = Callable[[World, Fault], World]


def altered(world: World) -> World:
    """Work the faults of parameters into the parameters; those of streams and files remain.

    Every table is drawn from, and every truth stated of, the altered world. A fault that is
    worked in no longer stands in the list of faults.
    """
    left = []
    for fault in world.fault:
        if fault.kind in CHANGES:
            world = CHANGES[fault.kind](world, fault)
        else:
            left.append(fault)
    return world.model_copy(update={"fault": left})


def _leaked(world: World, fault: Fault) -> World:
    items = world.items or Items()
    return _with(world, leaked=min(1.0, items.leaked + 0.36 * fault.severity * fault.share))


def _few_clusters(world: World, fault: Fault) -> World:
    items = world.items or Items()
    most = min(items.count, round(20 - 15 * fault.severity))
    clusters = max(n for n in range(1, most + 1) if items.count % n == 0)
    return _with(world, cluster=items.count // clusters)


def _with(world: World, **parameters: float) -> World:
    items = (world.items or Items()).model_copy(update=parameters)
    return world.model_copy(update={"items": items})


CHANGES: Mapping[str, Change] = {"contamination": _leaked, "few_clusters": _few_clusters}
"""Kind of fault -> the world with it."""
