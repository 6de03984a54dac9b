"""Review in the terminal: two answers side by side, one key each, nobody says whose they are."""

import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json, say, width

View = Mapping[str, Any]

KEYS = {
    "1": "left",
    "2": "right",
    "=": "same",
    "u": "unsafe_left",
    "i": "unsafe_right",
    "s": "skipped",
}
BACK, QUIT = "b", "q"
HELP = (
    "1 left is better   2 right is better   = same   u left is unsafe   i right is unsafe   "
    "s skip   b back   q quit"
)


def read_pairs(file: Path, *, as_json: bool) -> int:
    """Show pairs until the sample is read, the person quits or the input ends.

    Args:
        file: The contract file.
        as_json: Print how far it is as JSON at the end, and the pairs to stderr.

    Returns:
        Exit code: 0 where the review is recorded, that of HOLD while pairs are left.
    """
    from shipcall.app.review import review_release  # noqa: PLC0415

    review = review_release(file)
    if not review.over:
        review.begin()
        say(HELP)
        _converse(review)
    told = review.finish()
    if as_json:
        print_json(told)
    else:
        click.echo(_summary(told, file))
    return 0 if told["recorded"] else 10


def _converse(review: Any) -> None:
    from shipcall.release.review import Answer  # noqa: PLC0415

    keys = _keys()
    while (pair := review.next()) is not None:
        _show(pair)
        key = next((key for key in keys if _means(key)), QUIT)
        if key == QUIT:
            return
        if key == BACK:
            if not review.back():
                say("this is the first pair")
        else:
            review.answer(pair["request"], Answer(KEYS[key]))


def _means(key: str) -> bool:
    """Tell a key from a slip of the finger, which is answered with the keys there are."""
    if key in (*KEYS, BACK, QUIT):
        return True
    say(HELP)
    return False


def _keys() -> Iterator[str]:
    """Give one key after the other at a terminal, the first letter of each line elsewhere."""
    if sys.stdin.isatty():
        while True:
            yield click.getchar().lower()
    for line in iter(sys.stdin.readline, ""):
        yield line.strip()[:1].lower()


def _show(pair: View) -> None:
    from shipcall.report.text import clean  # noqa: PLC0415

    say(f"\npair {pair['number']:,} of {pair['of']:,}   {clean(pair['request'])}")
    for name, value in pair["about"].items():
        say(_wrapped(f"{clean(name)}: {clean(value)}"))
    for side in ("left", "right"):
        say(f"  {side.upper()}")
        for name, value in pair[side].items():
            say(_wrapped(f"{name}: {clean(value)}", "    "))


def _wrapped(text: str, indent: str = "  ") -> str:
    return textwrap.fill(text, width(), initial_indent=indent, subsequent_indent=indent)


def _summary(told: View, file: Path) -> str:
    done = f"{told['read']:,} of {told['of']:,} pairs read"
    if told["recorded"]:
        return f"{done}, and recorded: ledger head {told['ledger']['head']}"
    return f"{done}. They are kept; go on with `shipcall shadow {file} --review`."
