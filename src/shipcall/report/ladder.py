"""Ladder: the page that says whether practice scores what it means to score."""

from collections.abc import Iterator, Mapping
from typing import Any

View = Mapping[str, Any]
ORDER = ("oracle", "work verdict", "checklist", "gate at p < .05", "weak answer", "coin")


def ladder_page(form: View) -> str:
    """Write the page as Markdown.

    Args:
        form: What `app.ladder.climb` made.
    """
    return "\n".join(_lines(form)) + "\n"


def _lines(form: View) -> Iterator[str]:
    yield "# The ladder: does practice score what it means to score?\n"
    yield (
        f"Fixed players play every case {form['plays']:,} times; seed {form['seed']}.\n"
        "The number is the mean share of the stake that is lost against the best call on all the "
        "evidence: 0 is best.\nBehind it stands its standard error.\n"
    )
    if form["judged"]:
        yield (
            f"The work verdict is that of the contract of the case, on the files of "
            f"{form['judged']} plays.\n"
        )
    else:
        yield "What the contracts of the cases say was not counted: `--judged` asks for it.\n"
    known = [
        who for who in ORDER if any(who == r["who"] for c in form["cases"] for r in c["rungs"])
    ]
    yield "| case | " + " | ".join(known) + " |"
    yield "|---|" + "---:|" * len(known)
    for case in form["cases"]:
        rungs = {rung["who"]: rung for rung in case["rungs"]}
        cells = [
            f"{rungs[who]['loss']:.3f} ± {rungs[who]['error']:.3f}" if who in rungs else "none"
            for who in known
        ]
        yield f"| {case['id']} {case['slug']} | " + " | ".join(cells) + " |"
    yield ""
    yield from _twins(form)
    yield from _queue(form)
    yield from _needed(form)
    yield from _refuted(form)


def _twins(form: View) -> Iterator[str]:
    yield "## Trap and twin\n"
    yield (
        "AUC: how often somebody who reads everything rightly believes more in the trap where it "
        "is so than where its twin is.\nRank p: would ranks of the truth in the posterior be as "
        "uneven under a calibrated oracle?\nRight: how often its likeliest cause is so, with all "
        "panels and with the best ones for the minutes.\n"
    )
    yield "| case | weak answer in trap | in twin | AUC | rank p | right, all | right, in minutes |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for case in form["cases"]:
        weak = next(rung for rung in case["rungs"] if rung["who"] == "weak answer")
        yield (
            f"| {case['id']} | {weak['in_trap']:.3f} | {weak['in_twin']:.3f} | {case['auc']:.3f} | "
            f"{case['ranks_p']:.3f} | {case['right_all']:.2f} | {case['right_in_minutes']:.2f} |"
        )
    yield ""


def _queue(form: View) -> Iterator[str]:
    yield "## The mixed queue\n"
    yield "All cases equally often.\nWho looks at nothing must not win.\n"
    yield "| player | mean loss |"
    yield "|---|---:|"
    for who, loss in sorted(form["queue"].items(), key=lambda pair: pair[1]):
        yield f"| {who} | {loss:.3f} |"
    yield ""


def _needed(form: View) -> Iterator[str]:
    yield "## How many cases tell whom from whom\n"
    yield (
        "Different cases for each of the two, until the better one has the lower mean loss with a "
        "chance of nine in ten.\n"
    )
    yield "| better | worse | cases |"
    yield "|---|---|---:|"
    for line in form["needed"]:
        told = "never" if line["cases"] == float("inf") else f"{line['cases']:.0f}"
        yield f"| {line['better']} | {line['worse']} | {told} |"
    yield ""


def _refuted(form: View) -> Iterator[str]:
    yield "## What does not hold\n"
    if not form["refuted"]:
        yield "Nothing: players stand in order, oracles are calibrated, twins fair, gamers lose."
    for sentence in form["refuted"]:
        yield f"- {sentence}"
