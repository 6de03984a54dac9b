"""Stored: evidence at an address, and why it is refused."""

from pathlib import Path
from typing import Any

import pytest

from data.tables import ITEM, RIGHT, graded
from shipcall.core import EvidenceError, Fault
from shipcall.data.evidence import Evidence
from shipcall.data.sources import Source

ROWS = graded((1, 1), (0, 1), (1, 0), (0, 1), (None, 1), country=lambda _, i: "NZ" if i else "BR")


def opened(address: str, root: Path, **source: Any) -> Evidence:
    return Evidence(
        {"scores": Source(format="scores", path=address, **source)},
        root=root,
        unit=ITEM,
        metrics={"right": RIGHT},
    )


def refusal(address: str, root: Path) -> Fault:
    with pytest.raises(EvidenceError) as raised:
        opened(address, root).facts("scores")
    (fault,) = raised.value.faults
    return fault
