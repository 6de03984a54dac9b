"""Seal: what is fixed when a contract is sealed, and how the sealed form is named."""

from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.contract.contract import Contract
from shipcall.core import Slice, digest


def contract_digest(contract: Contract) -> str:
    """SHA-256 of what was written: the name of this contract in every verdict.

    Comments, order and white space do not count. Defaults are left out, so that a later version
    with more keys reads the same contract.
    """
    return digest(contract.model_dump(mode="json", exclude_unset=True))


def levels_form(levels: Mapping[Slice, int]) -> list[dict[str, Any]]:
    """Plain form of the enumerated slices and their units, in order."""
    return [{"slice": dict(part.pairs), "units": units} for part, units in sorted(levels.items())]


def levels_from(form: Sequence[Mapping[str, Any]]) -> dict[Slice, int]:
    """Read the plain form back."""
    return {Slice.of(dict(entry["slice"])): int(entry["units"]) for entry in form}
