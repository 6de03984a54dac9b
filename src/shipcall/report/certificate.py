"""Certificate: the measured error rates as a page, from the plain form of the certificate."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

Plain = Mapping[str, Any]

_EVENTS = {
    "ship": "false SHIP",
    "block": "false NO SHIP",
    "split_ship": "false SHIP",
    "split_block": "false NO SHIP",
    "missed": "outside the 95 % interval",
    "harm": "false ROLL BACK",
    "foretold": "outside the 80 % interval",
}


FEWEST_RUNS = 300
"""Fewer runs of a row say nothing about a rate near 0.05."""


def certificate_page(form: Plain) -> str:
    """Write the whole page: introduction, what came of it, and the tables.

    Args:
        form: The plain form of a certificate.
    """
    introduction = files(__package__).joinpath("certificate.md").read_text(encoding="utf-8")
    return "\n".join([introduction, "## What came of it\n", certificate_tables(form)])


def certificate_tables(form: Plain) -> str:
    """Write what came of it and the tables, in Markdown.

    Args:
        form: The plain form of a certificate.
    """
    inside = [row for row in form["rows"] if not row["outside"]]
    outside = [row for row in form["rows"] if row["outside"]]
    parts = [_summary(form, inside)]
    for group, rows in _by_group(inside).items():
        table = _ramps if "harm_at_bar" in rows[0]["rates"] else _table
        parts += [f"## {group}\n", table(rows)]
    if outside:
        parts += ["## Outside the declared classes\n", _table(outside, why=True)]
    return "\n".join(parts)


def _summary(form: Plain, inside: Sequence[Plain]) -> str:
    refuted = form["refuted"]
    rows = len(form["rows"])
    lines = [
        (
            f"* Promises: {form['promises']:,}, in {len(inside):,} rows inside the declared "
            f"classes. Refuted: {len(refuted):,} rows."
        ),
        *(f"  * refuted: {name}" for name in refuted),
    ]
    ships = [(row["rates"]["ship"]["rate"], row) for row in inside if "ship" in row["rates"]]
    if ships:
        rate, row = max(ships, key=lambda one: one[0])
        lines.append(
            f"* Greatest rate of false SHIP at 0.05: {_number(rate)} "
            f"({row['population']}; {row['judged']})."
        )
    few = [row for row in form["rows"] if row["runs"] < FEWEST_RUNS]
    if few:
        lines.append(
            f"* **{len(few):,} of {rows:,} rows were drawn fewer than {FEWEST_RUNS} times.** They "
            "show the form of this page: so few runs cannot tell a kept promise from a broken one."
        )
    if form["rows_planned"] > rows:
        missing = form["rows_planned"] - rows
        lines.append(f"* Not reached in the time given: {missing:,} rows.")
    lines.append(
        f"* shipcall {form['version']}, code {form['code']}, seed {form['seed']}, "
        f"Python {form['python']}, NumPy {form['numpy']}, SciPy {form['scipy']}."
    )
    if form.get("codes"):
        told = ", ".join(
            f"{count:,} rows with code {code}" for code, count in form["codes"].items()
        )
        lines.append(f"* Drawn at several times: {told}. All their promises were judged together.")
    return "\n".join(lines) + "\n"


def _by_group(rows: Iterable[Plain]) -> dict[str, list[Plain]]:
    groups: dict[str, list[Plain]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    return groups


def _table(rows: Sequence[Plain], *, why: bool = False) -> str:
    events = [event for event in _EVENTS if any(event in row["rates"] for row in rows)]
    estimated = any(row["bias"] is not None for row in rows)
    head = ["population", "judged", *(["outside because", "came to"] if why else []), "runs"]
    head += [_heading(event, rows) for event in events]
    head += [*(["bias", "width"] if estimated else []), "power", "no data"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [row["population"], row["judged"]]
        cells += [row["outside"], row["standing"]] if why else []
        cells.append(f"{row['runs']:,}")
        cells += [_rate(row["rates"].get(event)) for event in events]
        cells += [_bias(row), _measure(row["median_width"])] if estimated else []
        cells += [_power(row), _share(row["rates"]["absent"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_RAMP_EVENTS = {
    "harm": "false ROLL BACK without an effect",
    "harm_at_bar": "false ROLL BACK on the bar",
    "ship": "false SHIP",
    "missed": "some look outside its 95 % interval",
}


def _ramps(rows: Sequence[Plain]) -> str:
    """Ramps have columns of their own: what was found, when, and what pooling would have said."""
    head = ["ramp", "judged", "runs", *(f"{text}, at most 0.05" for text in _RAMP_EVENTS.values())]
    head += ["harm found", "median day", "pooled analysis alarms on the bar", "no data"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        rates = row["rates"]
        cells = [row["population"], row["judged"], f"{row['runs']:,}"]
        cells += [_rate(rates[event]) for event in _RAMP_EVENTS]
        cells += [_found(row), str(row["median_day"] or "-")]
        cells += [_number(rates["pooled"]["rate"]), _share(rates["absent"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _found(row: Plain) -> str:
    """Share of harms that some look found; in bold where nine of ten were promised in vain."""
    unfound = row["rates"]["unfound"]
    low, high = 1.0 - unfound["high"], 1.0 - unfound["low"]
    text = f"{_number(1.0 - unfound['rate'])} ({_number(low)} to {_number(high)})"
    text += f" at {_digits(row['power_at'])}"
    if unfound["promise"] is None:
        return f"{text}, not promised"
    return f"**{text} refuted**" if unfound["refuted"] else text


def _heading(event: str, rows: Sequence[Plain]) -> str:
    promise = next(row["rates"][event]["promise"] for row in rows if event in row["rates"])
    return f"{_EVENTS[event]}, at most {promise:g}"


def _rate(rate: Plain | None) -> str:
    if rate is None:
        return "-"
    text = f"{_number(rate['rate'])} ({_number(rate['low'])} to {_number(rate['high'])})"
    return f"**{text} refuted**" if rate["refuted"] else text


def _number(share: float) -> str:
    return f"{share:.4f}"


def _bias(row: Plain) -> str:
    if row["bias"] is None or row["bias_error"] is None:
        return "-"
    return f"{_digits(row['bias'])} ± {_digits(row['bias_error'])}"


def _measure(value: float | None) -> str:
    return "-" if value is None else _digits(value)


def _digits(value: float) -> str:
    """Three significant digits; what is no more than rounding is zero."""
    return "0" if abs(value) < 1e-9 else f"{value:.3g}"


def _power(row: Plain) -> str:
    shown = row["rates"]["shown"]
    if row["power_at"] is None:
        return _number(shown["rate"]) if shown["events"] else "-"
    return f"{_number(shown['rate'])} at {_digits(row['power_at'])}"


def _share(rate: Plain) -> str:
    return "0" if not rate["events"] else _number(rate["rate"])
