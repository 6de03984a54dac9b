"""Items that two models were put to: the counts, their law, and the rows of the file."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from practice.tiny import tiny_play
from shipcall.practice.laws import Tallies
from shipcall.practice.panels.paired import Paired
from shipcall.practice.play import Play

GIVEN: dict[str, Any] = {
    "metric": "right",
    "items": 400,
    "base": 0.6,
    "apart": 0.2,
    "of": {"harm": -0.02},
    "slice": {"wish": "first"},
}


def asked(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.capitalize(),
        "minutes": 3,
        "asks": "Who is right?",
        "kind": "paired",
        "given": GIVEN | changes,
    }


def played(seed: int, *, truth: int = 0, **changes: Any) -> Play:
    others = [
        panel.model_dump(mode="json") for panel in tiny_play().case.panel if panel.name != "effect"
    ]
    panels = [*others, asked("effect", **changes), asked("again", slice={"wish": "second"})]
    return tiny_play(seed, truth=truth, panel=panels, weak=[], gate=[], checklist=[])


def test_chances_are_those_of_the_formula() -> None:
    """Harm 2: change -0.04; won (0.2 - 0.04) / 2 = 0.08, lost 0.12, both 0.6 - 0.12 = 0.48."""
    stack = played(1).stacks["effect"]
    assert isinstance(stack, Tallies)
    assert stack.chances[0, 0] == pytest.approx([0.48, 0.12, 0.08, 0.32])
    assert stack.chances[1, 0] == pytest.approx([0.51, 0.09, 0.11, 0.29])


def test_the_change_is_seen_as_often_to_one_side_as_its_law_says() -> None:
    """4,000 drawings: mean -0.04, variance (0.2 - 0.04^2) / 400 = 0.000496."""
    stack = played(1).stacks["effect"]
    drawn = stack.draw(0, 4_000, np.random.default_rng(5))
    change = (drawn[:, 2] - drawn[:, 1]) / 400
    assert change.mean() == pytest.approx(-0.04, abs=4 * (0.000496 / 4_000) ** 0.5)
    assert change.var() == pytest.approx(0.000496, rel=0.1)


def test_the_row_shows_what_was_counted() -> None:
    play = played(3)
    _, lost, won, _ = play.seen["effect"]
    (row,) = play.shown("effect").rows
    assert (row["won"], row["lost"], row["items"]) == (won, lost, 400)
    assert row["change"] == pytest.approx((won - lost) / 400)
    assert row["low"] < row["change"] < row["high"]


def test_the_file_holds_the_items_of_every_panel_one_by_one() -> None:
    play = played(4)
    panels = [(play.case.panel_of(name), play.seen[name]) for name in ("effect", "again")]
    (columns,) = Paired().files(panels, play.setting).values()
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    assert len({(row["arm"], row["item"]) for row in rows}) == len(rows) == 2 * 2 * 400
    for name, wish in (("effect", "first"), ("again", "second")):
        pairs: dict[str, dict[str, float]] = {}
        for row in rows:
            if row["wish"] == wish:
                pairs.setdefault(str(row["item"]), {})[str(row["arm"])] = float(row["value"])
        tally = Counter((pair["baseline"], pair["candidate"]) for pair in pairs.values())
        cells = [tally[1.0, 1.0], tally[1.0, 0.0], tally[0.0, 1.0], tally[0.0, 0.0]]
        assert cells == play.seen[name].tolist()


def test_the_order_of_the_items_tells_nothing() -> None:
    """Items both got right are not all among the first ones."""
    play = played(4)
    panel = play.case.panel_of("effect")
    (columns,) = Paired().files([(panel, play.seen["effect"])], play.setting).values()
    value = np.asarray(columns["value"]).reshape(-1, 2)
    first, last = value[:200].sum(axis=1) == 2, value[200:].sum(axis=1) == 2
    assert abs(first.mean() - last.mean()) < 0.2


def test_a_change_larger_than_what_the_models_differ_on_is_refused() -> None:
    with pytest.raises(ValueError, match="Let the models differ on more items"):
        played(1, apart=0.03)
