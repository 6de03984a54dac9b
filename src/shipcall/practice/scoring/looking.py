"""Looking: which panels were opened and in what order, by the information they bring on average.

Information is about the cause, in bits, averaged over what the panels might have shown: what they
happened to show is luck. Harmless extras cost nothing but their minutes.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

from shipcall.practice.ladder import best_panels, bits_of
from shipcall.practice.language import Case
from shipcall.practice.play import Play
from shipcall.practice.redraw import drawn_logs
from shipcall.practice.scoring.score import Looking

DRAWS = 600
"""Redrawn plays over which information is averaged."""
MATERIAL = 0.02
"""Bits below which a panel does not count as missed."""
_ROUNDING = 1e-9
_SEED = 20_260_901
"""Always the same draws: the same order of looking scores the same again."""

Bits = Callable[[tuple[str, ...]], float]


def looking_score(play: Play, opened: Sequence[str]) -> Looking:
    """Score the choice of panels and their order.

    Everybody has the evidence-minutes of the case, so minutes that are left over are lost ones.
    The best order takes the panel with most bits per minute next, as long as it can be paid; it
    is a good order, not proved to be the best of all, and never ranks behind the person's own.

    Args:
        play: The play; only its laws and numbers of rows are used.
        opened: Panels in the order in which they were opened, each once.
    """
    case = play.case
    _, logs = drawn_logs(play, DRAWS, seed=_SEED)
    best = best_panels(play, logs)

    @cache
    def bits(panels: tuple[str, ...]) -> float:
        told = bits_of(play, logs, panels) if panels else 0.0
        return told if told > _ROUNDING else 0.0

    had, most = bits(tuple(opened)), bits(tuple(best))
    horizon = max(case.looking, _minutes(case, opened))
    mine, top = (_area(case, order, horizon, bits) for order in (opened, best))
    return Looking(
        opened=tuple(opened),
        minutes=_minutes(case, opened),
        bits=had,
        best_bits=max(had, most),
        pace=min(mine / top, 1.0) if top > 0 else 0.0,
        best=tuple(best),
        missed=_missed(case, tuple(opened), bits),
    )


def _area(case: Case, order: Sequence[str], horizon: float, bits: Bits) -> float:
    """Area under bits over minutes: a panel tells while it is read, and stays known."""
    known = [bits(tuple(order[:count])) for count in range(len(order) + 1)]
    minutes = [case.panel_of(name).minutes for name in order]
    read = sum(
        spent * (before + after) / 2
        for spent, (before, after) in zip(minutes, pairwise(known), strict=True)
    )
    return read + (horizon - sum(minutes)) * known[-1]


def _missed(case: Case, opened: tuple[str, ...], bits: Bits) -> str | None:
    had = bits(opened)
    gains = {
        panel.name: (bits((*opened, panel.name)) - had, panel.minutes)
        for panel in case.panel
        if panel.name not in opened
    }
    told = {name: gain / minutes for name, (gain, minutes) in gains.items() if gain >= MATERIAL}
    return max(told, key=lambda name: told[name]) if told else None


def _minutes(case: Case, names: Sequence[str]) -> float:
    return sum(case.panel_of(name).minutes for name in names)
