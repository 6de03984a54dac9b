"""Feasibility: a contract that can hardly decide is not sealed without a reason."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app.assumptions import Assumptions
from shipcall.app.forecast import asked_of, deciding_view, known_levels
from shipcall.app.ramping import asking, rollout_feasibility
from shipcall.app.sealed_text import harms_of
from shipcall.contract.contract import Contract
from shipcall.core import UsageError, plain
from shipcall.release.foresight.nuisance import COUNTED, Nuisance
from shipcall.release.foresight.outlook import Deciding, deciding_chance
from shipcall.release.foresight.ramp_outlook import WANTED

View = dict[str, Any]

LEAST = 0.2
"""Least chance of a call other than HOLD; below it a seal needs a reason."""


def feasibility_of(
    file: Path, contract: Contract, assumptions: Assumptions, *, even_so: str | None
) -> View:
    """Say before sealing how likely it is that the contract will decide anything.

    Args:
        file: The contract file.
        contract: The same, parsed.
        assumptions: What the person who seals knows or takes.
        even_so: Why it is sealed although it can hardly decide.

    Returns:
        What the sealed entry records: the chance with its interval, or why it is not known; the
        same of every harm of the rollout; what was taken; the reason.

    Raises:
        UsageError: If no reason is given, and the whole interval of the chance lies below LEAST or
            that of finding some harm of the rollout below WANTED; or if the reason is empty.
    """
    if even_so is not None and not even_so.strip():
        raise UsageError('--even-so needs a reason: --even-so "…"')
    sizes = known_levels(file, contract)
    asked = asked_of(contract, sizes, assumptions, root=file.parent)
    ramp = asking(contract, sizes, assumptions, root=file.parent)
    unknown = asked.unknown or _unpromised(asked.question.nuisance)
    form: View = {"unknown": unknown, "decides": None, "bottleneck": None, "unmet": None}
    if not unknown:
        found = deciding_chance(asked.question, least=LEAST)
        if found.chance.high < LEAST and even_so is None:
            raise UsageError(_refusal(file, found))
        form |= {
            "decides": deciding_view(found),
            "bottleneck": found.bottleneck,
            "unmet": plain(found.unmet),
        }
    found_there = rollout_feasibility(ramp)
    if even_so is None and (refusal := rollout_refusal(file, found_there)):
        raise UsageError(refusal)
    taken = {"taken": assumptions.plain, "even_so": even_so}
    return {**form, "rollout": found_there, **taken}


def _unpromised(nuisance: Nuisance) -> str:
    """Rows that happen to be there are no promise, and nobody is refused for them."""
    for name, table in sorted(nuisance.tables.items()):
        if table.units is not None and table.units.source == COUNTED:
            return f"no units were promised of {name}: say expect = {{ units = … }} beside its path"
    return ""


def _refusal(file: Path, found: Deciding) -> str:
    doubt = ", even if the two models differed half as much as assumed" if found.halved else ""
    held = ""
    if found.bottleneck:
        held = (
            f" With the hoped gain, {found.bottleneck} would still be unmet in "
            f"{found.unmet:.0%} of releases."
        )
    return (
        f"{file} can hardly decide: the chance of any call but HOLD is {found.chance.value:.0%} "
        f"(at most {found.chance.high:.0%}){doubt}; at least {LEAST:.0%} is expected.{held} "
        f"`shipcall plan {file}` says what helps most: more units, wider margins, fewer looks. "
        "State a gain or a spread that you can defend with --gain, --discordance or --pilot; or "
        'seal it as it is with --even-so "reason".'
    )


def rollout_refusal(file: Path, form: Mapping[str, Any] | None) -> str:
    """Why a rollout is not sealed without a reason; empty where it may be.

    Args:
        file: The contract file.
        form: From `rollout_feasibility`.
    """
    blind = [one for one in harms_of(form) if one["found"]["high"] < WANTED]
    if form is None or not blind:
        return ""
    named = "; ".join(f"{one['check']} {one['found']['value']:.0%}" for one in blind)
    doubt = ", even with half or twice of what is assumed" if form["varied"] else ""
    return (
        f"{file} would hardly find its harms: chance to find a harm of {form['detect_at']:g} "
        f"margins within {form['days']} days{doubt}: {named}; at least {WANTED:.0%} is expected. "
        f"`shipcall plan {file}` says what helps most: more units a day, longer shares, wider "
        "margins. Bring what you know with --pilot or --units-per-day; or seal it as it is with "
        '--even-so "reason".'
    )
