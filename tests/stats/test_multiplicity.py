"""Multiplicity: decisions agree with their levels, order is idle, nonsense is refused."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from shipcall.stats.multiplicity import (
    Decision,
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
)

Procedure = Callable[[Sequence[float], float], list[Decision]]
PROCEDURES: list[Procedure] = [bonferroni, holm, benjamini_hochberg, benjamini_yekutieli]
P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.floats(0, 0.02)), min_size=1, max_size=12)


@pytest.mark.parametrize("procedure", PROCEDURES)
@given(p=P_VALUES)
def test_a_p_value_is_rejected_exactly_if_it_is_within_its_level(
    procedure: Procedure, p: list[float]
) -> None:
    for value, decision in zip(p, procedure(p, 0.05), strict=True):
        assert decision.rejected == (value <= decision.level)
        assert 0 < decision.level <= 0.05


@pytest.mark.parametrize("procedure", PROCEDURES)
@given(p=P_VALUES)
def test_order_changes_no_decision(procedure: Procedure, p: list[float]) -> None:
    forward = [decision.rejected for decision in procedure(p, 0.05)]
    backward = [decision.rejected for decision in procedure(p[::-1], 0.05)]
    assert forward == backward[::-1]


@given(p=P_VALUES)
def test_holm_rejects_whatever_bonferroni_rejects(p: list[float]) -> None:
    pairs = zip(bonferroni(p, 0.05), holm(p, 0.05), strict=True)
    assert all(step.rejected for one, step in pairs if one.rejected)


@given(p=P_VALUES)
def test_an_absent_check_never_helps_another(p: list[float]) -> None:
    with_absent = [decision.rejected for decision in holm([*p, 1.0], 0.05)][:-1]
    alone = [decision.rejected for decision in holm(p, 0.05)]
    assert all(b for a, b in zip(with_absent, alone, strict=True) if a)


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_no_hypotheses_give_no_decisions(procedure: Procedure) -> None:
    assert procedure([], 0.05) == []


@pytest.mark.parametrize("procedure", PROCEDURES)
@pytest.mark.parametrize("p", [-0.01, 1.01, float("nan")])
def test_a_p_value_that_is_none_is_refused(procedure: Procedure, p: float) -> None:
    with pytest.raises(ValueError, match="p-value"):
        procedure([0.5, p], 0.05)


@pytest.mark.parametrize("procedure", PROCEDURES)
@pytest.mark.parametrize("level", [0.0, 1.0, float("nan")])
def test_a_level_that_is_none_is_refused(procedure: Procedure, level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        procedure([0.5], level)


def test_holm_keeps_the_familywise_error_under_dependence() -> None:
    """Twenty true hypotheses with correlation 0.5; 4,000 draws at 5 %, + 3 standard errors."""
    rng = np.random.default_rng(9)
    z = np.sqrt(0.5) * (rng.normal(size=(4_000, 1)) + rng.normal(size=(4_000, 20)))
    p = ndtr(-z)
    errors = np.mean([any(d.rejected for d in holm(row.tolist(), 0.05)) for row in p])
    assert errors <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4_000)
    assert errors > 0.01
