"""Commands that put the judge itself on trial."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import Progress, print_json, render_view, say

PROMISE_REFUTED = 1


@click.group()
def trial() -> None:
    """Measure how often the judge errs where the truth is known."""


@trial.command()
@click.option("--only", default="", metavar="WORD", help="Rows with this in their name.")
@click.option("--runs", type=click.IntRange(min=1), default=10_000, help="Most runs of a row.")
@click.option("--budget", type=float, metavar="MINUTES", help="Begin nothing new after so long.")
@click.option("--processes", type=click.IntRange(min=1), help="How many; one for each core.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the pages.")
@click.option("--resume", is_flag=True, help="Take up what was stopped in the folder of --out.")
@click.option("--beside", type=click.Path(path_type=Path), metavar="CERTIFICATE",
              help="An earlier certificate.json: draw only the rows it lacks.")  # fmt: skip
@click.option("--estimate", is_flag=True, help="Only say what the rows would cost.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def certify(  # noqa: PLR0913, PLR0917 - the options of the command
    only: str,
    runs: int,
    budget: float | None,
    processes: int | None,
    out: Path | None,
    resume: bool,  # noqa: FBT001
    beside: Path | None,
    estimate: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Draw evidence with the truth on the bar and count false SHIPs and false NO SHIPs.

    Writes certificate.md and certificate.json into the folder of --out. Exits with 1 if a promise
    is refuted.
    """
    from shipcall.app.certify import certify_rows, estimate_rows  # noqa: PLC0415

    processes = processes or os.cpu_count() or 1
    if estimate:
        costs = estimate_rows(only, runs=runs, processes=processes, beside=beside)
        _print_costs(costs, as_json=as_json)
        return 0
    view = certify_rows(
        only,
        runs=runs,
        minutes=budget,
        processes=processes,
        out=out,
        resume=resume,
        beside=beside,
        progress=_progress,
    )
    text = view.pop("text")
    if as_json:
        print_json(view)
    else:
        click.echo(text)
    if out is not None:
        say(f"wrote {out / 'certificate.md'} and {out / 'certificate.json'}")
    return PROMISE_REFUTED if view["refuted"] else 0


def _print_costs(view: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    for row in view["rows"]:
        click.echo(f"{row['seconds']:>8.1f} s  {row['row']}")
    click.echo(f"{view['minutes']:>8.1f} minutes in all on {view['processes']} processes")


@trial.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("evidence", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--run", "column", metavar="COLUMN", help="Column that tells the runs apart.")
@click.option("--table", help="Which table of the gate the runs are, where it reads several.")
@click.option("--draws", type=click.IntRange(min=100), default=1_000, show_default=True,
              help="How often the runs are dealt to the items anew.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def aa(  # noqa: PLR0913, PLR0917 - one argument per option
    file: Path,
    evidence: tuple[Path, ...],
    column: str | None,
    table: str | None,
    draws: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Measure how often a contract blocks a model that nobody changed, on your own runs of it.

    EVIDENCE: a file for each of two or more runs of one model, or one table with all of them.
    """
    from shipcall.app.trial import aa_release  # noqa: PLC0415

    view = aa_release(file, evidence, column=column, table=table, draws=draws, progress=_judgements)
    if as_json:
        print_json(view)
        return
    render_view(view)
    say(f"recorded: ledger head {view['ledger']['head']}")


@trial.command()
@click.argument("cases", nargs=-1)
@click.option("--plays", type=click.IntRange(min=50), default=400, show_default=True,
              help="Plays of each case by every player.")  # fmt: skip
@click.option("--judged", type=click.IntRange(min=0), default=0, show_default=True,
              help="Plays of each case that its contract judges, on their files.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the pages.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def ladder(
    cases: tuple[str, ...],
    plays: int,
    judged: int,
    out: Path | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Let fixed players, from a coin to an oracle, play the practice cases.

    Exits with 1 if the cases do not score what they mean to score.
    """
    from shipcall.app.ladder import climb  # noqa: PLC0415
    from shipcall.report.ladder import ladder_page  # noqa: PLC0415

    with Progress() as progress:
        view = climb(cases, plays=plays, judged=judged, out=out, progress=progress)
    if as_json:
        print_json(view)
    else:
        click.echo(ladder_page(view))
    if out is not None:
        say(f"wrote {out / 'ladder.md'} and {out / 'ladder.json'}")
    return PROMISE_REFUTED if view["refuted"] else 0


def _progress(done: int, planned: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {planned:,} blocks", err=True, nl=done == planned)


def _judgements(done: int, planned: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {planned:,} judgements", err=True, nl=done == planned)


COMMANDS = (trial,)
