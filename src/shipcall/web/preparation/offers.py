"""Offers: the worksheet for the talk about pay, with what a field lacks beside that field.

Fields and the TOML that the command reads are two ways to write one sheet. A field has the path
that lints and faults name: `known.1.low`. Shares are typed in percent, as people say them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app import prepare_offers as told
from shipcall.core import UsageError
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, number, turn
from shipcall.web.preparation.frames import toml_of

Form = Mapping[str, str]
Fields = dict[str, str]
"""Path -> what stands in its field."""
HERE = "/prepare/negotiation"
LISTS = ("known", "offer")
SPARE = {"known": 2, "offer": 1}
"""Empty rows after those that are filled."""
LINES = {"non_cash", "questions"}
WORDS = {"currency", "walk_away_why", "what", "source", "as_of", "name"}
PERCENT = {"discount", "bonus", "bonus_paid", "spread", "worthless", "vesting"}
WHOLE = {"sign_on_back_months", "cliff_months"}
MOST_ROWS = 40
_ROW = re.compile(r"(known|offer)\.([1-9][0-9]{0,3})\.([a-z_.]+)")
_typed: dict[Path, tuple[Fields, list[View]]] = {}
"""Fields as they were last typed, with what is wrong in them, until they are kept."""


def offers_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice negotiation --json` gives."""
    del asked
    return told.offers_view(desk_of(root))


def offers_page(root: Path, asked: Asked) -> View:
    """Show the newest worksheet with its sums, and its fields to change it."""
    view = offers_twin(root, asked)
    kept = (fields_of(view["sheet"]) if view["kind"] == "offers" else {}, list[View]())
    fields, faults = _typed.get(root, kept)
    rows = {name: _rows(fields, name) + SPARE[name] for name in LISTS}
    text = view.get("text") or told.offers_form()["template"]
    return {
        **lined(view),
        "fields": {path: {"text": says} for path, says in fields.items()},
        "rows": rows,
        "faults": faults,
        "beside": _beside(faults, [] if root in _typed else view.get("lints", [])),
        "sheet_text": {"text": text},
    }


def _beside(faults: list[View], lints: list[View]) -> dict[str, list[View]]:
    """Path -> what is said beside it."""
    found: dict[str, list[View]] = {}
    for kind, says, those in (("fault", "says", faults), ("lint", "why", lints)):
        for one in those:
            found.setdefault(one["path"], []).append({"kind": kind, "says": one[says]})
    return found


def fields_of(sheet: Mapping[str, Any], path: str = "") -> Fields:
    """Write a worksheet into its fields; what was left out stays empty."""
    found: Fields = {}
    for name, value in sheet.items():
        here = f"{path}{name}"
        if isinstance(value, Mapping):
            found |= fields_of(value, f"{here}.")
        elif name in LISTS:
            for place, one in enumerate(value, 1):
                found |= fields_of(one, f"{here}.{place}.")
        elif says := _shown(name, value):
            found[here] = says
    return found


def _shown(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if name in LINES:
        return "\n".join(value)
    if isinstance(value, list):
        return " ".join(f"{100 * one:.12g}" for one in value)
    if value is True:
        return "1"
    if isinstance(value, str):
        return value
    return f"{100 * value if name in PERCENT else value:.12g}"


def _rows(fields: Fields, name: str) -> int:
    return max(
        (int(m[2]) for path in fields if (m := _ROW.fullmatch(path)) and m[1] == name), default=0
    )


def typed_in(form: Form) -> Fields:
    """Take the fields that something was typed into; empty rows close up, so paths stay true."""
    fields, rows = Fields(), dict[tuple[str, int], Fields]()
    for path, text in form.items():
        said = text.replace("\r\n", "\n").strip()
        if not said or path == "token":
            continue
        if row := _ROW.fullmatch(path):
            rows.setdefault((row[1], int(row[2])), {})[row[3]] = said
        else:
            fields[path] = said
    if len(rows) > MOST_ROWS:
        raise UsageError(f"at most {MOST_ROWS} rows fit; got {len(rows)}. Keep the others apart.")
    counts = dict.fromkeys(LISTS, 0)
    for name, place in sorted(rows):
        counts[name] += 1
        fields |= {
            f"{name}.{counts[name]}.{path}": said for path, said in rows[name, place].items()
        }
    return fields


def sheet_of(fields: Fields) -> tuple[dict[str, Any], list[View]]:
    """Read a worksheet from its fields, with the fields that are no numbers."""
    sheet: dict[str, Any] = {name: [{} for _ in range(_rows(fields, name))] for name in LISTS}
    faults: list[View] = []
    for path, text in fields.items():
        *parts, name = path.split(".")
        place: Any = sheet
        for part in parts:
            place = place[int(part) - 1] if part.isdecimal() else place.setdefault(part, {})
        try:
            place[name] = _read(name, text)
        except UsageError as wrong:
            faults.append({"path": path, "says": str(wrong)})
    return sheet, faults


def _read(name: str, text: str) -> Any:
    if name in LINES:
        return [line.strip() for line in text.split("\n") if line.strip()]
    if name in WORDS:
        return text
    if name == "options":
        return True
    if name == "vesting":
        return [_share(one) for one in text.replace(",", " ").split()]
    if name in PERCENT:
        return _share(text)
    found = number(text, what=name.replace("_", " "))
    return int(found) if name in WHOLE and found.is_integer() else found


def _share(text: str) -> float:
    return round(number(text, what="percent") / 100, 12)


def written(sheet: Mapping[str, Any]) -> str:
    """Write a worksheet as the TOML that the command reads."""
    lines = [toml_of({name: value for name, value in sheet.items() if name not in LISTS})]
    for name in LISTS:
        for one in sheet[name]:
            flat = {key: value for key, value in one.items() if key != "equity"}
            lines.append(f"\n[[{name}]]\n{toml_of(flat)}")
            if "equity" in one:
                lines.append(f"\n[{name}.equity]\n{toml_of(one['equity'])}")
    return "".join(lines)


def checked(root: Path, asked: Asked, form: Form) -> str:
    """Check, add up and keep a worksheet; one that does not fit stays in its fields."""
    del asked
    fields = typed_in(form)
    sheet, faults = sheet_of(fields)
    faults = faults or told.offers_faults(sheet)
    if not faults:
        try:
            return _kept(root, written(sheet))
        except UsageError as wrong:
            faults = [{"path": "", "says": str(wrong)}]
    _typed[root] = fields, faults
    return f"{HERE}#sheet"


def taken_over(root: Path, asked: Asked, form: Form) -> str:
    """Take a worksheet in TOML over into the fields, and keep it."""
    del asked
    return _kept(root, form["sheet"].replace("\r\n", "\n"))


def _kept(root: Path, text: str) -> str:
    with turn():
        told.offers_added(desk_of(root), text)
    _typed.pop(root, None)
    return f"{HERE}#sums"


def _file(root: Path, asked: Asked) -> str:
    view = offers_twin(root, asked)
    return str(view.get("text") or view["template"])


PAGES: tuple[Page, ...] = (
    Page(
        path=HERE,
        title="An offer",
        template="prepare_negotiation.html.j2",
        view=offers_page,
        twin=offers_twin,
        files={".toml": _file},
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path=f"{HERE}/check", act=checked),
    Action(path=f"{HERE}/import", act=taken_over, fields=("sheet",)),
)
