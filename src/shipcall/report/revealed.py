"""Revealed: the truth of an invented release beside what its evidence let anyone see."""

from collections.abc import Sequence

from shipcall.report.text import pad
from shipcall.report.words import View, id_of, interval_text, measure


def revealed_lines(release: str, world: str, lines: Sequence[View]) -> list[str]:
    """Write one line for each finding whose truth is known.

    Args:
        release: Id of the release.
        world: File of the world it was drawn from.
        lines: Findings with `truth` and `held`.
    """
    held = sum(line["held"] for line in lines)
    cells = [
        (id_of(line), measure(line).write(line["truth"]), interval_text(line), line["held"])
        for line in lines
    ]
    widths = [max((len(cell[i]) for cell in cells), default=0) for i in (0, 1)]
    return [
        f"{release} is invented: {world} says what is so, and the evidence was drawn from it.",
        f"{held} of {len(lines)} intervals hold the truth.",
        *(
            f"  {pad(name, widths[0])}  truth {pad(so, widths[1], right=True)}"
            f"  {'in' if inside else 'NOT in'} {seen}"
            for name, so, seen, inside in cells
        ),
    ]
