"""Words and numbers for people: answers, calls, digits that follow the width of the interval."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

from shipcall.report.text import MINUS

View = Mapping[str, Any]
"""The plain dictionary of a verdict, a comparison or a plan; or one finding of it."""

_FINEST = 7
_GREATEST = 1e15
"""Numbers from here on are written with a power of ten: nobody reads three hundred digits."""
_SAME_BAR = 1e-3
"""Relative error up to which a bar may be rounded in print."""
_SIGNED = ("difference", "relative")


class Mark(NamedTuple):
    """A word with the shape, the letter and the colour that accompany it."""

    word: str
    shape: str
    letter: str
    """Stands for the shape where the stream knows only ASCII."""
    tone: str
    """Name of the colour: pass, open, fail or none."""

    def text(self, *, unicode: bool = True) -> str:
        """Shape and word."""
        return f"{self.shape if unicode else self.letter} {self.word}"


ANSWERS = {
    "CLEAR": Mark("pass", "\u25cf", "P", "pass"),
    "OPEN": Mark("can't tell", "\u25c6", "?", "open"),
    "BREACH": Mark("fail", "\u25a0", "F", "fail"),
    "ABSENT": Mark("no data", "\u25cb", "N", "none"),
}
CALLS = {
    "ADVANCE": Mark("ADVANCE", "\u25cf", "A", "pass"),
    "SHIP": Mark("SHIP", "\u25cf", "S", "pass"),
    "NO OBJECTION": Mark("NO OBJECTION", "\u25cf", "O", "pass"),
    "HOLD": Mark("HOLD", "\u25c6", "H", "open"),
    "NO SHIP": Mark("NO SHIP", "\u25a0", "N", "fail"),
    "ROLL BACK": Mark("ROLL BACK", "\u25a0", "R", "fail"),
}
ROLES = {
    "goal": "goal: the gain that has to be shown",
    "guardrail": "guardrail: what must not be lost",
    "sanity": "sanity: can the evidence be trusted at all",
    "watch": "watch: reported, never moves the call",
}
NEEDS = {"shown": "must be shown", "not_refuted": "must not be refuted"}
ESTIMANDS = {
    "difference": "difference",
    "relative": "relative difference",
    "candidate": "candidate's value",
    "baseline": "baseline's value",
    "count": "count",
}


EXPLORATORY = Mark("exploratory", "\u25c7", "E", "mute")
"""Stands where nothing was promised, so that nothing can pass or fail."""


def mark_of(finding: View) -> Mark:
    """The answer of a finding; a row of a comparison has none, unless its number is absent."""
    if "standing" in finding:
        return ANSWERS[finding["standing"]]
    return ANSWERS["ABSENT"] if finding.get("estimate") is None else EXPLORATORY


def id_of(finding: View) -> str:
    """The id of a check; a row of a comparison is named by metric and slice."""
    where = finding.get("slice") or "all"
    own = finding["metric"] if where == "all" else f"{finding['metric']} {where}"
    return str(finding.get("id") or own)


def name_of(finding: View, *, metric: bool = False) -> str:
    """What a line of a table is called: the slice where there is one, the check elsewhere.

    Args:
        finding: A finding, or a row of a comparison.
        metric: Name the metric as well, because the lines beside it are about others.
    """
    if finding.get("role") not in ("guardrail", "watch") or not finding.get("slice_pairs"):
        return id_of(finding)
    return f"{finding['slice']} {finding['metric']}" if metric else str(finding["slice"])


def several_metrics(findings: Iterable[View]) -> bool:
    """Are the findings about more than one metric, so that a slice alone is no name?"""
    return len({finding["metric"] for finding in findings}) > 1


class Measure(NamedTuple):
    """How the numbers of one finding are written: scale, unit, sign and decimals."""

    factor: float
    suffix: str
    signed: bool
    decimals: int

    def write(self, number: float) -> str:
        """Write a number with its unit: "+1.25 pp"."""
        return self.bare(number) + self.suffix

    def bare(self, number: float) -> str:
        """Write a number without its unit."""
        return write(number * self.factor, decimals=self.decimals, signed=self.signed)

    @property
    def unit(self) -> str:
        """The unit alone, empty for a number without one."""
        return self.suffix.strip()


def write(number: float, *, decimals: int, signed: bool = False) -> str:
    """Write a number with thousands separators and a true minus sign; zero has no sign.

    Examples:
        >>> write(48210.0, decimals=0), write(0.00621, decimals=4, signed=True)
        ('48,210', '+0.0062')
    """
    rounded = round(number, decimals) + 0.0
    size = abs(rounded)
    beyond = decimals > _FINEST or size >= _GREATEST
    text = f"{size:.3g}" if beyond else f"{size:,.{decimals}f}"
    if rounded < 0:
        return MINUS + text
    return "+" + text if signed and rounded > 0 else text


def whole(number: float) -> str:
    """Write a count with thousands separators."""
    return write(number, decimals=0)


def significant(number: float, digits: int = 3) -> str:
    """Write a number that has no interval with so many significant digits."""
    if number == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(number))))
    text = write(number, decimals=decimals)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def measure(finding: View) -> Measure:
    """Say how the numbers of a finding are written.

    Decimals show two significant digits of the standard error that the interval implies, and
    more only where fewer would print an end of the interval as equal to a bound that it is not.
    Shares are shown as percent, their differences as percentage points.
    """
    estimand = finding.get("estimand") or "difference"
    factor, suffix = _scale(finding.get("unit") or "", estimand)
    bounds = [bound * factor for bound in bounds_of(finding)]
    numbers = [number * factor for number in _numbers(finding.get("estimate"))]
    decimals = _decimals(finding.get("estimate"), bounds, factor)
    return Measure(factor, suffix, estimand in _SIGNED, _telling(decimals, numbers, bounds))


def arms_measure(finding: View) -> Measure:
    """Say how the values of the two models are written, beside their difference."""
    factor, suffix = _scale(finding.get("unit") or "", "candidate")
    own = measure(finding)
    if finding.get("estimand") != "relative":
        return Measure(factor, suffix, False, own.decimals)
    arms = finding.get("arms") or {}
    size = max((abs(value) * factor for value in arms.values()), default=0.0)
    return Measure(factor, suffix, False, _decimals_of(size / 100))


def _scale(unit: str, estimand: str) -> tuple[float, str]:
    if estimand == "relative":
        return 100.0, " %"
    if unit == "share":
        return 100.0, " pp" if estimand == "difference" else " %"
    return 1.0, f" {unit}" if unit else ""


def bounds_of(finding: View) -> list[float]:
    """Finite bounds of the bar of a finding; none where nothing was promised."""
    bar = finding.get("bar") or {}
    return [bar[end] for end in ("low", "high") if bar.get(end) is not None]


def _numbers(estimate: View | None) -> list[float]:
    if estimate is None:
        return []
    return [estimate[k] for k in ("value", "low", "high") if estimate.get(k) is not None]


def _decimals(estimate: View | None, bounds: list[float], factor: float) -> int:
    if estimate is not None and not estimate.get("census"):
        return _decimals_of(standard_error(estimate) * factor)
    known = [abs(number) for number in bounds]
    if estimate is not None:
        known.append(abs(estimate["value"]) * factor)
    if all(number == int(number) for number in known):
        return 0
    return _decimals_of(max(known) / 10)


def _decimals_of(error: float) -> int:
    return min(max(0, 1 - math.floor(math.log10(error))), 12) if error > 0 else 0


def _telling(decimals: int, numbers: list[float], bounds: list[float]) -> int:
    pairs = [(n, b) for n in numbers for b in bounds if not math.isclose(n, b, rel_tol=1e-9)]
    for more in range(4):
        if all(round(n, decimals + more) != round(b, decimals + more) for n, b in pairs):
            return decimals + more
    return decimals + 4


def standard_error(estimate: View) -> float:
    """Standard error that an interval implies, from its finite ends and their error levels.

    Only for writing and sorting: an interval need not be a normal one. Without a finite end it
    is a hundredth of the value, so that three digits are written.
    """
    value: float = estimate["value"]
    tails = estimate.get("tails") or (0.025, 0.025)
    ends = ((estimate.get("low"), tails[0]), (estimate.get("high"), tails[1]))
    spans = [(abs(value - float(end)), _quantile(tail)) for end, tail in ends if end is not None]
    if sum(span for span, _ in spans) == 0:
        return abs(value) / 100
    return sum(span for span, _ in spans) / sum(z for _, z in spans)


def _quantile(tail: float) -> float:
    return max(NormalDist().inv_cdf(1 - tail), 0.1) if 0 < tail < 1 else 2.0


def value_text(finding: View) -> str:
    """Point estimate with its unit; a dash where there is none."""
    estimate = finding.get("estimate")
    return "\u2013" if estimate is None else measure(finding).write(estimate["value"])


def interval_text(finding: View) -> str:
    """The interval in words that also fit where one end is unbounded."""
    estimate = finding.get("estimate")
    if estimate is None:
        return "\u2013"
    if estimate.get("census"):
        return "counted"
    how = measure(finding)
    low, high = estimate.get("low"), estimate.get("high")
    if low is None and high is None:
        return "no bound"
    if low is None:
        return f"up to {how.bare(high)}"
    if high is None:
        return f"from {how.bare(low)} up"
    return f"[{how.bare(low)}, {how.bare(high)}]"


def bar_words(finding: View) -> str:
    """Where the estimand has to lie, as numbers: "at least -0.0100"."""
    bar = finding.get("bar") or {}
    low, high = bar.get("low"), bar.get("high")
    how = _as_promised(measure(finding), bounds_of(finding))
    if low is not None and low == high:
        return f"exactly {how.write(low)}"
    if low is not None and high is not None:
        return f"between {how.bare(low)} and {how.write(high)}"
    if low is not None:
        return f"at least {how.write(low)}"
    return f"at most {how.write(high)}" if high is not None else "no bar"


def _as_promised(how: Measure, bounds: Sequence[float]) -> Measure:
    """Write a bar as it was promised, however coarsely what was measured is written."""
    scaled = [bound * how.factor for bound in bounds]
    exact = (
        decimals
        for decimals in range(how.decimals, _FINEST)
        if all(math.isclose(round(b, decimals), b, rel_tol=_SAME_BAR) for b in scaled)
    )
    return how._replace(decimals=next(exact, how.decimals))


def units_text(finding: View) -> str:
    """Independent units behind a number; "41 of 400" where there were too few."""
    estimate, absent = finding.get("estimate"), finding.get("absent")
    if estimate is not None:
        return "counted" if estimate.get("census") else whole(estimate["n"])
    found = (absent or {}).get("n") or 0
    needed = finding.get("min_units") or 0
    return f"{whole(found)} of {whole(needed)}" if found < needed else whole(found)


def level_text(level: float) -> str:
    """A coverage in percent, with as many digits as its error deserves: 95 %, 99.83 %."""
    error = 100.0 * (1 - level)
    if error <= 0:
        return "100 %"
    text = f"{100.0 - error:.{_decimals_of(error)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def share_text(share: float) -> str:
    """A share that was chosen, not measured, in percent: "10 %"."""
    return f"{100 * share:.6g} %"


def look_text(look: View) -> str:
    """Which look it was, of how many: "2 of 3"; where any number holds, it says so."""
    promised = look["promised"]
    return f"{look['number']} of {promised}" if promised else f"{look['number']}, any number holds"


def call_text(view: View, *, unicode: bool = True) -> str:
    """The call with its shape, and with the share it goes to: "● ADVANCE to 10 %"."""
    toward = view.get("toward") or ""
    return f"{CALLS[view['call']].text(unicode=unicode)} {toward}".rstrip()


def odds(chance: float) -> str:
    """A small chance as odds: "1 in 20"; a large one in percent."""
    if chance <= 0:
        return "never"
    return f"1 in {whole(1 / chance)}" if chance <= 0.2 else f"{100 * chance:.0f} %"


_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|\+00:00)$")


def moment(stamp: str | None) -> str:
    """A time stamp as people read it; what is not one stays as it is."""
    seen = _MOMENT.match(stamp or "")
    return f"{seen[1]} {seen[2]} UTC" if seen else (stamp or "no time given")


def short_hash(digest: str | None) -> str:
    """First twelve digits of a digest."""
    return (digest or "unknown")[:12]


def counted(number: int, noun: str) -> str:
    """A count with its noun in the right number: "1 row", "2 rows", "3 entries", "4 plays"."""
    drops = noun.endswith("y") and noun[-2:-1] not in "aeiou"
    many = noun.removesuffix("y") + "ies" if drops else noun + "s"
    return f"{whole(number)} {noun if number == 1 else many}"


def finding_sentence(finding: View) -> str:
    """One sentence that says what a picture of the finding says."""
    name = _subject(finding)
    answer = ANSWERS[finding["standing"]].word if "standing" in finding else ""
    estimate = finding.get("estimate")
    if estimate is None:
        absent = finding.get("absent") or {}
        parts = [absent.get("sentence", ""), absent.get("detail", "")]
        return f"{name}: no data. " + " ".join(part for part in parts if part)
    said = f"{name}: {value_text(finding)}"
    if not estimate.get("census"):
        kind = ESTIMANDS[finding.get("estimand") or "difference"]
        level = level_text(estimate["level"])
        interval = interval_text(finding)
        said = f"{name}: {kind} {value_text(finding)}, {level} interval {interval}"
    return f"{said}; needed {bar_words(finding)}: {answer}." if answer else said + "."


def _subject(finding: View) -> str:
    name: str = finding.get("metric_title") or finding["metric"]
    where = finding.get("slice") or "all"
    return name if where == "all" else f"{name}, {where}"


def consulted(look: View) -> str:
    """Say how often the eval set was judged on, by any release; silent where none is declared."""
    times = look.get("eval_set_consulted")
    return "" if times is None else f"eval set consulted {counted(times, 'time')}"
