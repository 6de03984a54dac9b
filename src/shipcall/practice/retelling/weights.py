"""Weights: how strongly each panel spoke for the trap or for its twin, opened or not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from shipcall.core import plain
from shipcall.practice.belief import believed, log_likelihoods
from shipcall.practice.language import PRIORS
from shipcall.practice.laws import Floats
from shipcall.practice.panels import PANELS, Shown
from shipcall.practice.play import Play, rng_of
from shipcall.practice.points import prior
from shipcall.practice.retelling.part import Part, part, percent
from shipcall.practice.scoring.score import Score
from shipcall.practice.timeline import Account

SILENT, CLEAR = 0.15, np.log2(10.0)
"""Bits below which a panel says nothing, and from which it speaks clearly."""
_MOST = 20.0
"""Bits beyond which a ratio is not spelled out: a million to one."""


def weights(play: Play, logs: Mapping[str, Floats]) -> dict[str, float]:
    """Weigh what each panel shows: bits for the trap and against the twin.

    The logarithm to base 2 of the likelihood ratio of what is seen, with the points of each side
    weighed by the published chances. Bits of two panels add up only if each side has one point.

    Args:
        play: The play.
        logs: What `belief.log_likelihoods` gave.

    Returns:
        Panel -> bits; above 0 it speaks for the trap.

    References:
        Good (1950), Probability and the Weighing of Evidence, for the logarithm of the ratio as
        weight of evidence.
    """
    chances = np.log(prior(play.points, PRIORS[0]))
    roles = np.array([point.state.role for point in play.points])

    def side(role: str, seen: Floats) -> float:
        here = roles == role
        whole = special.logsumexp(chances[here] + seen[here])
        return float(whole - special.logsumexp(chances[here]))

    return {
        name: (side("trap", seen) - side("twin", seen)) / np.log(2) for name, seen in logs.items()
    }


def evidence_part(play: Play, account: Account, score: Score) -> Part:
    """Tell the worth of every panel, and how the belief of a sound reader moved as you looked."""
    logs = log_likelihoods(play)
    bits, opened, looking = weights(play, logs), account.opened, score.looking
    titles = {panel.name: panel.title for panel in play.case.panel}
    rows = [
        {
            "panel": panel.name,
            "title": panel.title,
            "minutes": panel.minutes,
            "opened": opened.index(panel.name) + 1 if panel.name in opened else None,
            "told_by": _told_by(play, panel.name, opened),
            "bits": bits[panel.name],
            "ratio": ratio_text(bits[panel.name]),
            "text": weight_text(bits[panel.name]),
            "missed": panel.name == looking.missed,
        }
        for panel in play.case.panel
    ]
    best = ", ".join(titles[name] for name in looking.best)
    missed = titles.get(looking.missed or "", "")
    return part(
        "evidence",
        "What each panel was worth",
        [
            f"Your panels bring {looking.bits:.2f} bits about the cause on average.",
            f"The best for the minutes of the case bring {looking.best_bits:.2f}.",
            f"A good order is: {best}." if best else "",
            f"Not opened, and the one that tells most per minute: {missed}." if missed else "",
        ],
        rows=rows,
        path=_path(play, opened, logs),
        bits=looking.bits,
        best_bits=looking.best_bits,
        pace=looking.pace,
        best_order=list(looking.best),
        missed=looking.missed,
    )


def _told_by(play: Play, name: str, opened: Sequence[str]) -> str | None:
    """Name an opened panel that tells everything this one does."""
    found = [panel.name for panel in play.case.panel if name in panel.holds]
    return next((one for one in found if one in opened), None)


def _path(play: Play, opened: Sequence[str], logs: Mapping[str, Floats]) -> list[Part]:
    """Chance of each role before looking and after every panel, for who reads them rightly."""
    roles = [point.state.role for point in play.points]
    steps: list[Part] = []
    for count in range(len(opened) + 1):
        belief = believed(play, opened[:count], logs=logs)
        mass = dict.fromkeys(("trap", "twin", "other"), 0.0)
        for role, chance in zip(roles, belief, strict=True):
            mass[role] += float(chance)
        steps.append({"after": opened[count - 1] if count else None} | mass)
    return steps


def weight_text(bits: float) -> str:
    """Say in words how strongly a panel speaks, and for which side.

    Examples:
        >>> weight_text(0.1), weight_text(2.0), weight_text(-5.0)
        ('says nothing', 'hints at the trap', 'speaks clearly for the twin')
    """
    if abs(bits) < SILENT:
        return "says nothing"
    side = "trap" if bits > 0 else "twin"
    return f"speaks clearly for the {side}" if abs(bits) >= CLEAR else f"hints at the {side}"


def ratio_text(bits: float) -> str:
    """Say a likelihood ratio trap to twin, the larger side first written as a number.

    Examples:
        >>> ratio_text(3.0), ratio_text(-1.0), ratio_text(0.0)
        ('8 : 1', '1 : 2', '1 : 1')
    """
    large = f"{2 ** min(abs(bits), _MOST):.2g}" if abs(bits) < 3 else _whole(abs(bits))
    return f"{large} : 1" if bits >= 0 else f"1 : {large}"


def _whole(bits: float) -> str:
    return f"{2**bits:,.0f}" if bits < _MOST else "over a million"


def trap_part(play: Play, account: Account) -> Part:
    """Say what was so and name the trap, with its twin beside it at the panel that tells them."""
    case, truth = play.case, play.truth
    spec = case.panel_of(case.debrief.distinguishes)
    bits = weights(play, log_likelihoods(play))[spec.name]
    opened = spec.name in account.opened
    did = "opened" if opened else "did not open"
    chance = prior(play.points, PRIORS[0])[[p.state is truth.state for p in play.points]].sum()
    return part(
        "trap",
        "What was so, and what it looks like",
        [
            truth.state.title,
            f"States like this come about in {percent(float(chance))} of such cases.",
            f"“{spec.title}” tells the two apart, and you {did} it.",
            f"Here it stood at {ratio_text(bits)} (trap to twin): it {weight_text(bits)}.",
        ],
        state=truth.state.name,
        role=truth.state.role,
        cause=truth.state.cause,
        cause_title={one.name: one.title for one in case.cause}[truth.state.cause],
        values=[
            {"name": one.name, "title": one.title, "value": truth.values[one.name]}
            for one in case.parameter
        ],
        trap=case.debrief.trap,
        twin=case.debrief.twin,
        panel=spec.name,
        panel_title=spec.title,
        opened=opened,
        bits=bits,
        sides=[_side(play, role) for role in ("trap", "twin")],
    )


def _side(play: Play, role: str) -> Part:
    """Show the distinguishing panel as it is where the trap (or twin) is so.

    What is not so is drawn once from its law, at its commonest point: one example of many.
    """
    spec = play.case.panel_of(play.case.debrief.distinguishes)
    so = play.truth.state.role == role
    chances = prior(play.points, PRIORS[0])
    roles = np.array([point.state.role for point in play.points])
    place = play.setting.truth if so else int(np.argmax(np.where(roles == role, chances, -1.0)))
    seen = play.seen[spec.name]
    if not so:
        seen = play.stacks[spec.name].draw(place, 1, rng_of(play.seed, "beside", role))[0]
    shown = PANELS[spec.kind].shown(spec, seen, replace(play.setting, truth=place))
    return {"role": role, "so": so, "title": play.points[place].state.title} | _told(shown)


def _told(shown: Shown) -> dict[str, Any]:
    return {
        "rows": plain(list(shown.rows)),
        "readings": plain(list(shown.readings)),
        "text": list(shown.text),
    }
