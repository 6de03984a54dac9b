"""Sealed text: what was said of a contract's chances at its seal, in words for later screens.

Apart from `feasibility`, because whoever repeats the words draws nothing.
"""

from collections.abc import Mapping
from typing import Any

SITUATIONS = {
    "no_change": "nothing changed",
    "gain": "the gain that is hoped for",
    "harm": "the gain, and harm in one guardrail",
    "harm_in_slice": "the gain, and harm in one protected slice",
}
"""What each situation is called on a screen."""


def harms_of(form: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The harms of a rollout for which a chance was worked out; none without [rollout]."""
    return list(form["harms"]) if form else []


def feasibility_sentence(form: Mapping[str, Any] | None) -> str:
    """Sentences for every later verdict; empty where nothing was worked out at sealing."""
    if form is None:
        return ""
    reason = f' It was sealed even so: "{form["even_so"]}"' if form["even_so"] else ""
    rollout = _rollout_sentence(form.get("rollout"))
    if form["decides"] is None:
        said = "When it was sealed, the chance that it decides was not known."
        return f"{said}{rollout}{reason}"
    decides = form["decides"]
    harmed = f" ({decides['check']})" if decides["check"] else ""
    return (
        f"When it was sealed, the chance of any call but HOLD was {decides['value']:.0%} at best: "
        f"{SITUATIONS[decides['situation']]}{harmed}.{rollout}{reason}"
    )


def _rollout_sentence(form: Mapping[str, Any] | None) -> str:
    if form is None:
        return ""
    harms = harms_of(form)
    if not harms:
        return " Whether the rollout would find its harms was not assessed."
    worst = harms[0]
    return (
        f" The rollout would find a harm of {form['detect_at']:g} margins in {worst['check']} "
        f"within {form['days']} days in {worst['found']['value']:.0%} of releases."
    )


def decides_text(form: Mapping[str, Any] | None) -> str:
    """The chance of ever deciding in a few words, for the line that a seal prints."""
    if form is None or form["decides"] is None:
        return f"chance not known: {form['unknown']}" if form else "chance not known"
    decides = form["decides"]
    halved = ", with half the assumed spread" if decides["halved"] else ""
    even_so = "; sealed even so" if form["even_so"] else ""
    return f"in {decides['value']:.0%} of releases at best{halved}{even_so}"


def rollout_text(form: Mapping[str, Any] | None) -> str:
    """What the rollout would find, for the line that a seal prints; empty without [rollout]."""
    rollout = form.get("rollout") if form else None
    if rollout is None:
        return ""
    if rollout["unknown"]:
        return f"not assessed: {rollout['unknown']}"
    return "finds " + ", ".join(
        f"{one['check']} in {one['found']['value']:.0%}" for one in rollout["harms"]
    )
