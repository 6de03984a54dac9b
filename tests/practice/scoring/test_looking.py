"""Looking: bits and pace by hand, where one panel tells everything and the others nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.tiny import PANELS, tiny, tiny_play
from shipcall.practice.scoring.looking import looking_score

ENTROPY = 1.485475
"""Of chances .3, .5, .2, in bits: .521090 + .5 + .464386."""


def panels_that_tell(told: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Panels of the tiny case whose lines depend on nothing, but for those that are given."""
    panels = [panel.model_dump() for panel in tiny().panel]
    for panel in panels:
        for line in panel["given"].get("line", []):
            line.update({"of": {"1": 1.0}, "by_cause": {}} | told.get(panel["name"], {}))
    return panels


TELLS = {"effect": {"of": {"harm": 1.0}, "error": 1e-3}}
TELLING = tiny_play(panel=panels_that_tell(TELLS))
"""The effect (3 minutes) tells everything, and no other panel anything."""


def test_a_panel_that_tells_everything_is_worth_the_entropy() -> None:
    found = looking_score(TELLING, ["effect"])
    assert found.bits == pytest.approx(ENTROPY, abs=1e-6)
    assert found.best_bits == pytest.approx(ENTROPY, abs=1e-6)
    assert (found.minutes, found.best, found.pace, found.missed) == (3.0, ("effect",), 1.0, None)


def test_extras_cost_only_their_minutes() -> None:
    """Seven minutes: read for three and known for four, 5.5 H; after a minute of notes 4.5 H."""
    after, before = (
        looking_score(TELLING, order) for order in (["effect", "notes"], ["notes", "effect"])
    )
    assert after.pace == pytest.approx(1.0)
    assert before.pace == pytest.approx(4.5 / 5.5)
    assert after.bits == before.bits


def test_who_opens_nothing_knows_nothing_and_is_told_what_was_missed() -> None:
    found = looking_score(TELLING, [])
    assert (found.bits, found.pace, found.minutes) == (0.0, 0.0, 0.0)
    assert found.best_bits == pytest.approx(ENTROPY, abs=1e-6)
    assert found.missed == "effect"


def test_where_nothing_can_be_learnt_nobody_looked_well() -> None:
    found = looking_score(tiny_play(panel=panels_that_tell({})), ["effect"])
    assert (found.bits, found.best_bits, found.pace, found.missed) == (0.0, 0.0, 0.0, None)


def test_a_panel_held_by_another_adds_nothing() -> None:
    panels = [panel.model_dump() for panel in tiny().panel]
    panels[0]["holds"] = ["flags"]
    play = tiny_play(panel=panels)
    both, one = looking_score(play, ["tickets", "flags"]), looking_score(play, ["tickets"])
    assert both.bits == one.bits
    assert one.missed != "flags"


PLAY = tiny_play()


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(PANELS), count=st.integers(0, 3))
def test_pace_and_bits_stay_within_what_can_be_had(order: list[str], count: int) -> None:
    found = looking_score(PLAY, order[:count])
    assert 0 <= found.pace <= 1
    assert 0 <= found.bits <= found.best_bits <= ENTROPY


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(PANELS), count=st.integers(0, 3))
def test_the_order_changes_the_pace_and_never_the_bits(order: list[str], count: int) -> None:
    one, other = (looking_score(PLAY, some) for some in (order[:count], order[:count][::-1]))
    assert one.bits == pytest.approx(other.bits, abs=1e-9)
    assert one.missed == other.missed
