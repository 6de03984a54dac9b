"""Queue and ladder: players in order, gamers behind, and how many cases tell."""

import numpy as np
import pytest

from practice.tiny import tiny_play
from shipcall.app.ladder import refuted
from shipcall.practice.queue import GAMES, Table, cases_to_tell, gaming_calls, table_of


def test_cases_to_tell_by_hand() -> None:
    """z(.9) = 1.281552; gap 0.2, variances 0.04 + 0.04: 0.08 * 1.642374 / 0.04 = 3.28, so 4."""
    better = np.array([0.0, 0.4]) * np.sqrt(0.5)
    worse = better + 0.2
    assert better.var(ddof=1) == pytest.approx(0.04)
    assert cases_to_tell(better, worse) == 4


def test_a_player_who_is_not_better_can_never_be_told_so() -> None:
    same = np.array([0.1, 0.2, 0.3])
    assert cases_to_tell(same, same) == float("inf")


def test_every_case_counts_alike_in_the_queue() -> None:
    table = Table(cases=["A", "A", "A", "B"], losses={"who": np.array([0.0, 0.0, 0.0, 1.0])})
    assert table.mean("who") == 0.5


def test_the_same_plays_give_the_same_table() -> None:
    one, other = (table_of([tiny_play()], 40, seed=3) for _ in range(2))
    assert one.losses.keys() == other.losses.keys() >= set(GAMES)
    for who, lost in one.losses.items():
        assert np.array_equal(lost, other.losses[who])
        assert ((lost >= 0) & (lost <= 1)).all()


def test_gamers_look_at_nothing() -> None:
    calls = [gaming_calls(tiny_play(seed)) for seed in (1, 2, 3)]
    assert calls[0] == calls[1] == calls[2]


def _case(**changes: object) -> dict[str, object]:
    rungs = [
        {"who": who, "loss": loss, "error": 0.01, "in_trap": 0.5, "in_twin": 0.1}
        for who, loss in (
            ("oracle", 0.0),
            ("checklist", 0.1),
            ("gate at p < .05", 0.2),
            ("weak answer", 0.3),
            ("coin", 0.4),
        )
    ]
    return {"id": "C99", "rungs": rungs, "ranks_p": 0.4, "auc": 0.9} | changes


def _form(*cases: dict[str, object], queue: float = 0.5) -> dict[str, object]:
    players = dict.fromkeys(GAMES, queue) | {"checklist": 0.1}
    return {"cases": list(cases), "queue": players}


def test_a_sound_ladder_is_not_refuted() -> None:
    assert refuted(_form(_case(), _case())) == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (_form(_case(ranks_p=1e-5)), "C99: the oracle is not calibrated (p = 1e-05)"),
        (_form(_case(auc=0.99)), "C99: trap and twin are told apart with AUC 0.990"),
        (_form(_case(auc=0.7)), "C99: trap and twin are told apart with AUC 0.700"),
        (_form(_case(), _case(), queue=0.05), "always hold beats the checklist in the mixed queue"),
    ],
)
def test_each_thing_that_does_not_hold_is_named(form: dict[str, object], said: str) -> None:
    assert said in refuted(form)


def test_players_out_of_order_and_a_trap_that_catches_nobody_are_named() -> None:
    case = _case()
    rungs = case["rungs"]
    assert isinstance(rungs, list)
    rungs[1]["loss"] = 0.35
    rungs[3]["in_trap"] = 0.05
    said = refuted(_form(case))
    assert "C99: checklist loses more than gate at p < .05" in said
    assert "C99: the weak answer does not fall into the trap" in said
