"""Shown: numbers beside the findings, written the way findings are."""

from shipcall.report.cohort import absent
from shipcall.report.words import View, interval_text, measure, value_text


def unit_of(view: View, metric: str) -> str:
    """Unit of a metric, from the findings of a verdict about it; empty where there is none.

    Args:
        view: A verdict.
        metric: Name of the metric in the contract.
    """
    units = (finding["unit"] for finding in view["findings"] if finding["metric"] == metric)
    return next((str(unit) for unit in units), "")


def read_together(view: View) -> View:
    """Gather what the gate says of slices together: `slices`, with their units, and `discovered`.

    Args:
        view: A verdict; of another stage, or without slices, there is nothing.

    Returns:
        `slices`, one for each column or cross, and `discovered`, None where nothing was searched.
    """
    shown = view.get("exhibits") or {}
    cuts = shown.get("slices") if view["stage"] == "gate" else None
    found = shown.get("discovered") if cuts else None
    return {
        "slices": [{**cut, "unit": unit_of(view, cut["metric"])} for cut in cuts or ()],
        "discovered": found,
    }


def told_as(shown: View, unit: str, estimand: str) -> View:
    """Give an exhibit the shape of a finding, so that it is written like one."""
    return {"estimate": None if absent(shown) else shown, "unit": unit, "estimand": estimand}


def signed(shown: View, unit: str, estimand: str) -> str:
    """Write a change with its interval: "\u22128.2 pp [\u221211.9, \u22124.6]"."""
    told = told_as(shown, unit, estimand)
    return f"{value_text(told)} {interval_text(told)}"


def size_text(shown: View, unit: str, estimand: str) -> str:
    """Write a size, which has no sign: "2.9 pp (0 to 6.4)"."""
    own = "difference" if unit == "share" and estimand != "relative" else estimand
    how = measure(told_as(shown, unit, own))._replace(signed=False)
    return f"{how.write(shown['value'])} ({how.bare(shown['low'])} to {how.bare(shown['high'])})"
