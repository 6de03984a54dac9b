"""Offers: a worksheet for the talk about pay, checked, added up, and kept in the diary."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from shipcall.app.prepare import Desk
from shipcall.core import plain
from shipcall.preparation.diary import instant
from shipcall.preparation.forms.sheet import faults, read_sheet
from shipcall.preparation.offer import (
    DRAWS,
    RULES,
    SEED,
    TEMPLATE,
    Worksheet,
    add_up,
    sheet_lints,
)

View = dict[str, Any]
NEGOTIATED = "negotiated"
"""What the diary says of a worksheet."""
LAWS = (
    "Equity: with its stated chance it comes to nothing; otherwise its value moves by lognormal "
    "steps with the stated spread and no growth; refreshers keep their stated value. Ranges hold "
    "nine of ten draws. Taxes are left out."
)
NOTE = "Nothing here says what a company pays, or what it would pay you."


def offers_form() -> View:
    """Show an empty worksheet."""
    return {"kind": "offers_form", "template": TEMPLATE, "laws": LAWS, "note": NOTE}


def offers_added(desk: Desk, text: str) -> View:
    """Check and add up a worksheet, and keep it.

    Args:
        desk: Of the person.
        text: The worksheet as TOML.

    Raises:
        UsageError: If it does not fit the form.
    """
    sheet = _read(text)
    told = _told(sheet, text)
    desk.write().add(NEGOTIATED, "worksheet", {"text": text})
    return told


def offers_faults(told: Mapping[str, Any]) -> list[View]:
    """Say where a worksheet does not fit its form, by `path`, and what `says` it of each place.

    Args:
        told: The worksheet, as it would stand in TOML.
    """
    return [plain(one) for one in faults(told, Worksheet)]


def offers_view(desk: Desk) -> View:
    """Show the newest worksheet with its sums; the empty one if there is none."""
    diary = desk.diary
    kept = list(diary.of(NEGOTIATED)) if diary else []
    if not kept:
        return offers_form()
    text = str(kept[-1].held["text"])
    return {**_told(_read(text), text), "at": instant(kept[-1].wall)}


def _read(text: str) -> Worksheet:
    return read_sheet(
        text, Worksheet, name="negotiation", shows="shipcall practice negotiation --form"
    )


def _told(sheet: Worksheet, text: str) -> View:
    sums = [add_up(sheet, one, np.random.default_rng(SEED)) for one in sheet.offer]
    return {
        "kind": "offers",
        "text": text,
        "sheet": plain(sheet.model_dump()),
        "lints": [{**plain(one), "why": RULES[one.rule]} for one in sheet_lints(sheet)],
        "offers": [plain(one) for one in sums],
        "draws": DRAWS,
        "laws": LAWS,
        "note": NOTE,
    }
