"""Bots: fixed players on every case, from a coin to the oracle. They are the ladder."""

from collections.abc import Sequence

import numpy as np

from shipcall.practice.belief import believed
from shipcall.practice.language import Case, Rule
from shipcall.practice.panels import Reading
from shipcall.practice.play import Play, rng_of
from shipcall.practice.points import worths

BOTS = ("oracle", "work verdict", "checklist", "gate at p < .05", "weak answer", "coin")
"""From the best to the worst. The work verdict is that of the contract of the case, on its files;
it is there only where somebody has judged them."""


def follow(rules: Sequence[Rule], play: Play) -> str:
    """Take the option of the first rule that holds.

    Raises:
        ValueError: If none does, or a rule reads what its panel does not show.
    """
    for rule in rules:
        if rule.panel is None or _holds(rule, _reading(play, rule)):
            return rule.option
    raise ValueError(f"{play.case.id}: no rule holds; the last one has to hold always")


def _reading(play: Play, rule: Rule) -> Reading:
    shown = {reading.name: reading for reading in play.shown(str(rule.panel)).readings}
    if rule.reading not in shown:
        raise ValueError(
            f"{play.case.id}: panel {rule.panel!r} has no reading {rule.reading!r}; it has: "
            f"{', '.join(sorted(shown))}"
        )
    return shown[rule.reading]


def _holds(rule: Rule, reading: Reading) -> bool:
    return {
        "above": reading.value > rule.bar,
        "below": reading.value < rule.bar,
        "surely_above": reading.low > rule.bar,
        "surely_below": reading.high < rule.bar,
        "not_surely_above": reading.low <= rule.bar,
    }[rule.lies or "above"]


def oracle(play: Play) -> str:
    """Take what is worth most to somebody who reads every panel rightly."""
    return best_option(play, [panel.name for panel in play.case.panel])


def best_option(play: Play, opened: Sequence[str]) -> str:
    """Take what is worth most given some panels."""
    expected = worths(play.case, play.points) @ believed(play, opened)
    return play.case.option[int(np.argmax(expected))].name


def calls_of_bots(play: Play, verdict: str | None = None) -> dict[str, str]:
    """Say what each of BOTS does.

    Args:
        play: The play.
        verdict: Option that the contract's verdict stands for, where it was judged.
    """
    case = play.case
    coin = rng_of(play.seed, "coin").integers(len(case.option))
    said = {
        "oracle": oracle(play),
        "work verdict": verdict,
        "checklist": follow(case.checklist, play),
        "gate at p < .05": follow(case.gate, play),
        "weak answer": follow(case.weak, play),
        "coin": case.option[int(coin)].name,
    }
    return {who: option for who, option in said.items() if option is not None}


def option_for(case: Case, call: str) -> str | None:
    """Translate the call of a contract into an option of the case; None: it has none."""
    return {action.value: name for action, name in case.verdict.items()}.get(call)
