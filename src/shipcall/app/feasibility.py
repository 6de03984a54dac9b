"""Feasibility: a contract that can hardly decide is not sealed without a reason."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app.forecast import (
    SITUATIONS,
    Assumptions,
    asked_of,
    deciding_view,
    known_levels,
)
from shipcall.contract.contract import Contract
from shipcall.core import UsageError, plain
from shipcall.release.foresight.nuisance import COUNTED, Nuisance
from shipcall.release.foresight.outlook import Deciding, deciding_chance

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
        What the sealed entry records: the chance with its interval, or why it is not known; what
        was taken; the reason.

    Raises:
        UsageError: If the whole interval of the chance lies below LEAST and no reason is given,
            or if the reason is empty.
    """
    if even_so is not None and not even_so.strip():
        raise UsageError('--even-so needs a reason: --even-so "…"')
    asked = asked_of(contract, known_levels(file, contract), assumptions, root=file.parent)
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
    return {**form, "taken": assumptions.plain, "even_so": even_so}


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


def feasibility_sentence(form: Mapping[str, Any] | None) -> str:
    """One sentence for every later verdict; empty where nothing was worked out at sealing."""
    if form is None:
        return ""
    reason = f' It was sealed even so: "{form["even_so"]}"' if form["even_so"] else ""
    if form["decides"] is None:
        return f"When it was sealed, the chance that it decides was not known.{reason}"
    decides = form["decides"]
    harmed = f" ({decides['check']})" if decides["check"] else ""
    return (
        f"When it was sealed, the chance of any call but HOLD was {decides['value']:.0%} at best: "
        f"{SITUATIONS[decides['situation']]}{harmed}.{reason}"
    )


def decides_text(form: Mapping[str, Any] | None) -> str:
    """The chance of ever deciding in a few words, for the line that a seal prints."""
    if form is None or form["decides"] is None:
        return f"chance not known: {form['unknown']}" if form else "chance not known"
    decides = form["decides"]
    halved = ", with half the assumed spread" if decides["halved"] else ""
    even_so = "; sealed even so" if form["even_so"] else ""
    return f"in {decides['value']:.0%} of releases at best{halved}{even_so}"
