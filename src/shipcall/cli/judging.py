"""Judging: what every command does that makes a verdict of one stage, and its options."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipcall.cli.output import EXIT_CODES, print_json, render_view, say

if TYPE_CHECKING:
    from shipcall.app.release import Judged


def judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that makes a verdict."""
    options = (
        click.option("--as-of", help="Time of the verdict, such as 2026-11-20T13:31:04Z."),
        click.option("--slices", type=click.Choice(["worst", "all"]), default="worst",
                     show_default=True),
        click.option("--why", metavar="CHECK", help="Everything about one check."),
        click.option("--unblind", is_flag=True,
                     help="Show the verdict before a person has called."),
        click.option("--ok", type=click.Choice(["hold"]), help="Exit 0 on HOLD as well."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def judged_command(  # noqa: PLR0913 - one argument per option
    file: Path,
    stage: str,
    *,
    as_of: str | None,
    slices: str,
    why: str | None,
    unblind: bool,
    ok: str | None,
    as_json: bool,
) -> int:
    """Judge a stage, record and print the verdict.

    Args:
        file: The contract file.
        stage: A stage of STAGES.
        as_of: Time of the verdict; None takes the clock.
        slices: `worst` or `all`.
        why: A check to tell everything about.
        unblind: Show the verdict although the contract wants a person's call first.
        ok: `hold`: HOLD is no failure.
        as_json: Print the facts and their envelope for machines.

    Returns:
        The exit code of the call; that of HOLD while the verdict is covered.
    """
    from shipcall.app.release import judge_release  # noqa: PLC0415

    judged = judge_release(file, stage, at=as_of, unblind=unblind, why=why)
    print_judged(
        judged,
        "The contract asks for your call before the verdict is shown (blind = true).\n"
        f"  shipcall call {file} CALL --probability P --why …\n"
        "Then run this again, or use --unblind; the ledger records which. Until then: HOLD.",
        slices=slices,
        why=why,
        as_json=as_json,
    )
    return exit_code(call_shown(judged), ok=ok)


def print_judged(
    judged: "Judged", covered: str, *, slices: str, why: str | None, as_json: bool
) -> None:
    """Print a verdict, or that it is covered until a person has called.

    Args:
        judged: The verdict.
        covered: What a person is told who has to call first.
        slices: `worst` or `all`.
        why: A check to tell everything about.
        as_json: Print the facts and their envelope for machines.
    """
    if as_json:
        print_json(judged.json)
    elif judged.shown:
        render_view(judged.view, slices=slices, why=why)
    else:
        say(covered)
        render_view({**judged.view, "kind": "covered"}, slices=slices, why=why)


def call_shown(judged: "Judged") -> str:
    """Say which call anybody may see: HOLD while the verdict is covered."""
    return str(judged.facts["call"]) if judged.shown else "HOLD"


def exit_code(call: str, *, ok: str | None) -> int:
    """Give the exit code of a call.

    Args:
        call: ADVANCE, SHIP, HOLD, …
        ok: `hold`: HOLD is no failure.
    """
    return 0 if ok == "hold" and call == "HOLD" else EXIT_CODES[call]
