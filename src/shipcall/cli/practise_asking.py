"""Asking: one part of the sheet at a time, in one line or step by step.

Each function yields what was said, piece by piece, so that every piece is kept before the next
question is asked.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shipcall.cli import practise_screen as screens
from shipcall.cli.practise_screen import tell
from shipcall.cli.practise_typed import number, share, shares
from shipcall.core import UsageError
from shipcall.report.practice.beside import bin_titles

View = Mapping[str, Any]
Ask = Callable[[str], str]
Asking = Callable[[Ask, View, View, str], Iterator[Any]]


def said_of(view: View, part: str) -> list[str]:
    """What was kept of a part, for the person to read."""
    kept = next(one for one in view["parts"] if one["part"] == part)
    if part == "call":
        chosen = next((one for one in view["options"] if one["chosen"]), None)
        return [f"call: {chosen['name']}, {chosen['title']}"] if chosen else ["no call yet"]
    lines = screens.part_lines(kept)
    if part == "why" and kept["said"]:
        words = len(kept["said"].split())
        return [*lines, f"{words} words" + (": 120 are read" if words > 120 else "")]
    return lines or ["nothing said yet"]


def _call(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del part
    if not rest:
        tell(screens.option_lines(view))
    if said := rest or ask("your call, number or name: "):
        yield said


def _shares(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del view
    if rest:
        yield shares(rest.split(), [one["name"] for one in part["asked"]])
        return
    alone = part["part"] == "causes"
    if alone:
        tell(["One of them is so. Give each its share in percent; Enter leaves one out."])
    said: dict[str, float] = {}
    for n, one in enumerate(part["asked"], 1):
        left = 1 - sum(said.values()) if alone else 1.0
        more = f" ({left:.0%} left)" if said and alone else ""
        typed = _tried(ask, f"{n}  {one['title']}{more}: ", most=left)
        if typed is not None:
            said[one["name"]] = typed
            yield dict(said)


def _tried(ask: Ask, prompt: str, *, most: float) -> float | None:
    """Ask for one share until it is one that fits, or is left out."""
    while text := ask(prompt):
        try:
            typed = share(text)
        except UsageError as wrong:
            tell([str(wrong)])
            continue
        if typed <= most + 1e-9:
            return typed
        tell([f"{typed:.0%} is more than the {most:.0%} that are left."])
    return None


def _forecast(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del view
    names = bin_titles(part["asked"])
    if not rest:
        tell(screens.flowing(part["asked"]["text"]))
        tell([f"  {n}  {name}" for n, name in enumerate(names, 1)])
    if said := rest or ask(f"how likely is each, in percent ({len(names)} numbers): "):
        yield list(shares(said.split(), names).values())


def _trigger(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del view
    told = part["asked"]
    if not rest:
        tell(screens.flowing(told["text"]))
        tell([f"  {n}  {one['name']}  {one['title']}" for n, one in enumerate(told["scopes"], 1)])
        tell([f"  It fires where the mean over some days is above a bar, in {told['unit']}."])
    said = rest or ask("where, bar and days (1 0.5 3): ")
    if not said:
        return
    words = said.split()
    if len(words) != 3:
        raise UsageError("a trigger is three words: where, bar and days, such as 1 0.5 3.")
    yield {"scope": words[0], "bar": number(words[1]), "window_days": number(words[2])}


def _size(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del view
    if not rest:
        tell(screens.flowing(part["asked"]["text"]))
    if said := rest or ask("how many: "):
        yield number(said.replace(",", "").replace("_", ""))


def _why(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del view
    if not rest:
        tell(screens.flowing(part["asked"]["text"]))
    if said := rest or ask("in one line: "):
        yield said


def _estimate(ask: Ask, view: View, part: View, rest: str) -> Iterator[Any]:
    del view, part
    if not rest:
        tell(["How much does your call lose against the best one? A good call loses under 3 %."])
    said = rest or ask("percent of the stake that it stays below, and how sure you are (3 80): ")
    if not said:
        return
    words = said.split()
    if len(words) != 2:
        raise UsageError("an estimate is two numbers, in percent, such as 3 80.")
    yield {"loss_below": share(words[0]), "probability": share(words[1])}


ASKING: Mapping[str, Asking] = {
    "call": _call,
    "causes": _shares,
    "claims": _shares,
    "forecast": _forecast,
    "trigger": _trigger,
    "size": _size,
    "why": _why,
    "estimate": _estimate,
}
"""Part -> how it is asked."""
