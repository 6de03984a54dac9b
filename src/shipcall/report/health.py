"""Health: can what a rollout counts be trusted: who is exposed, how they were split, what is lost.

Every answer is that of checks the contract promised; the worst of a group stands for it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from shipcall.report.course import hours_between
from shipcall.report.words import (
    ANSWERS,
    Mark,
    View,
    counted,
    mark_of,
    share_text,
    significant,
    whole,
)

_WORST = ("BREACH", "ABSENT", "OPEN", "CLEAR")


class Vital(NamedTuple):
    """One line of a rollout's health."""

    title: str
    mark: Mark | None
    """None: a fact that no check judges."""
    said: str
    more: str


def health(view: View) -> list[Vital]:
    """Sum up the sanity checks of a rollout, and how old its newest rows are.

    Args:
        view: A verdict with `rollout`.
    """
    steps = view["rollout"]["steps"]
    groups = {name: _members(view, metrics) for name, metrics in _GROUPS.items()}
    said = {
        "Exposures": _exposed(groups["Exposures"]),
        "Split": _split(steps),
        "One arm each": _shares_of(groups["One arm each"], "changed arms"),
        "Outcomes": _shares_of(groups["Outcomes"], "lost"),
    }
    vitals = [
        Vital(name, mark_of(_worst(found)), said[name], _wrong(found))
        for name, found in groups.items()
        if found
    ]
    return [*vitals, *_freshness(view)]


_GROUPS = {
    "Exposures": ("found", "shares", "bucketing", "contract", "misplaced", "errored"),
    "Split": ("ratio",),
    "One arm each": ("crossed", "moved"),
    "Outcomes": ("lost", "uneven_loss", "duplicates", "out_of_range"),
}


def _members(view: View, metrics: Sequence[str]) -> list[View]:
    return [
        finding
        for finding in view["findings"]
        if finding["role"] == "sanity" and finding["metric"].partition(".")[0] in metrics
    ]


def _worst(findings: Sequence[View]) -> View:
    return min(findings, key=lambda finding: _WORST.index(finding["standing"]))


def _wrong(findings: Sequence[View]) -> str:
    """What the worst finding says of itself; empty where all pass."""
    worst = _worst(findings)
    if worst["standing"] == "CLEAR":
        return ""
    absent = worst.get("absent")
    told = worst.get("note") or (absent["detail"] or absent["sentence"] if absent else "")
    name = worst.get("metric_title") or worst["metric"]
    return f"{name}: {told or ANSWERS[worst['standing']].word}"


def _exposed(findings: Sequence[View]) -> str:
    """Units, each once: one that met several shares stands in each of them."""
    found = [f["estimate"] for f in findings if f["metric"] == "found" and f.get("estimate")]
    return counted(int(found[0]["value"]), "unit") if found else "not known"


def _split(steps: Sequence[View]) -> str:
    if not steps:
        return "nobody yet"
    now = steps[-1]
    total, due = now["baseline"] + now["candidate"], share_text(now["share"])
    return f"{whole(now['candidate'])} of {whole(total)}, due {due}"


def _shares_of(findings: Sequence[View], verb: str) -> str:
    """The largest share among the findings of a group."""
    shares = [f for f in findings if f["unit"] == "share" and f.get("estimate")]
    if not shares:
        return "not known"
    most = max(finding["estimate"]["value"] for finding in shares)
    return f"{significant(100 * most, 2)} % {verb}" if most else f"none {verb}"


def _freshness(view: View) -> list[Vital]:
    steps = view["rollout"]["steps"]
    if not steps:
        return []
    exposed = hours_between(max(step["last"] for step in steps), view["as_of"])
    looks = [look["at"] for every in view["rollout"]["sequences"].values() for look in every]
    seen = f"newest look {_age(hours_between(max(looks), view['as_of']))}" if looks else ""
    return [Vital("Freshness", None, f"newest exposure {_age(exposed)}", seen or "no look yet")]


def _age(hours: float) -> str:
    """How long before the verdict something was."""
    if hours < 1 / 30:
        return "at the verdict"
    if hours < 1:
        return f"{hours * 60:.0f} min before"
    return f"{hours:.1f} h before" if hours < 48 else f"{hours / 24:.1f} days before"
