"""Terminal comparison: two files side by side, without a contract: numbers, no bar and no call."""

from collections.abc import Mapping
from typing import Any

from shipcall.report.screen import Screen, finding_table
from shipcall.report.text import shorten
from shipcall.report.words import View, counted, significant, whole

_EXAMPLES = 10


def draw(view: View, screen: Screen) -> list[str]:
    """Write a comparison as lines; it says first and last that it decides nothing."""
    lines = [*screen.head(f"{view['new']} against {view['old']}"), ""]
    lines += finding_table(view["metrics"], screen, heading="metric", together=True)
    lines += [*screen.legend(), *absent_lines(view, screen)]
    lines += _flips(view.get("flips"), screen)
    lines += [line for fact in repeats_of(view) for line in screen.wrap(fact)]
    lines += screen.bullets(view["notes"])
    return [*lines, screen.rule(), *screen.wrap(VERDICT)]


VERDICT = (
    "Exploratory: no contract was written before these numbers existed, so nothing can pass or "
    "fail and there is no call. The intervals are not corrected for how many are shown. "
    "To decide: shipcall new KIND"
)
"""What a comparison says of itself."""


def absent_lines(view: View, screen: Screen) -> list[str]:
    """Say why a metric has no number."""
    lines: list[str] = []
    for row in view["metrics"]:
        absent = row.get("absent")
        if absent:
            where = f"{row['metric']} on {row['slice']}"
            said = f"{where}: {absent['sentence']} {absent['detail']} {absent['next_step']}"
            lines += screen.wrap(said)
    return lines


def _flips(flips: View | None, screen: Screen) -> list[str]:
    if not flips:
        return []
    gained, lost = flips["gained"], flips["lost"]
    said = f"{counted(gained, 'unit')} better and {whole(lost)} worse in the new file"
    lines = ["", *screen.head(said)]
    examples = flips["examples"]
    for example in examples[:_EXAMPLES]:
        told = [(name, example.get(name)) for name in ("baseline", "candidate", "label")]
        facts = ", ".join(f"{name} {value}" for name, value in told if value is not None)
        lines += screen.wrap(f"{shorten(str(example['unit']), 40)}: {facts}", indent=2)
    left = len(examples) - _EXAMPLES
    return [*lines, *([f"  {whole(left)} more examples"] if left > 0 else [])]


def repeats_of(view: View) -> list[str]:
    """The facts on repeated runs, one sentence each."""
    repeats: Mapping[str, Any] = view.get("repeats") or {}
    return [f"repeats, {name.replace('_', ' ')}: {_fact(fact)}" for name, fact in repeats.items()]


def _fact(fact: Any) -> str:
    if isinstance(fact, bool) or not isinstance(fact, int | float):
        return "not known" if fact is None else str(fact)
    return significant(fact)
