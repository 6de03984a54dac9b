"""Commands that look deeper into a recorded verdict: its slices, one check, calibration."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json, say, unicode_stream
from shipcall.cli.release import FILE, JSON

STAGE = click.option("--stage", type=click.Choice(["gate", "shadow", "rollout", "cohort"]),
                     help="Of this stage; else the newest that has it.")  # fmt: skip
PAGE = click.option("--page", type=click.IntRange(1), default=1, show_default=True)


@click.command()
@FILE
@STAGE
@click.option("--column", help='Only slices by this column, or a cross such as "device*tenure".')
@click.option("--answer", type=click.Choice(["pass", "can't tell", "fail", "no data"]))
@click.option("--q", help="Only slices in whose names this occurs.")
@click.option("--sort", type=click.Choice(["closest", "worst", "size", "name"]), default="closest",
              show_default=True, help="What comes first.")  # fmt: skip
@PAGE
@JSON
def slices(file: Path, stage: str | None, page: int, as_json: bool, **asked: str | None) -> None:  # noqa: FBT001
    """List the slices of the newest recorded verdict; no evidence is read."""
    from shipcall.app.recalled import place_of  # noqa: PLC0415
    from shipcall.app.slices import recall_slices, slices_view  # noqa: PLC0415
    from shipcall.report.slices import slice_lines  # noqa: PLC0415

    view = slices_view(recall_slices(*place_of(file), stage), _asked(stage, page, asked))
    _shown(view, file, slice_lines, as_json=as_json)


@click.command()
@FILE
@click.argument("check")
@STAGE
@click.option("--rows", type=click.Choice(["losses", "wins", "ties", "lost", "none"]),
              help="Which rows behind the number are listed.  [default: losses]")  # fmt: skip
@click.option("--unit", help="Only rows in the name of whose unit this occurs.")
@PAGE
@click.option("--sensitivity", is_flag=True,
              help="Also work out what other ways of estimating would have said.")  # fmt: skip
@JSON
def drill(  # noqa: PLR0913, PLR0917 - one argument per option
    file: Path,
    check: str,
    stage: str | None,
    rows: str | None,
    unit: str | None,
    page: int,
    sensitivity: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Tell one estimate whole, down to the rows behind it; nothing is recorded."""
    from shipcall.app.drill import drill_view, recall_check  # noqa: PLC0415
    from shipcall.app.recalled import place_of  # noqa: PLC0415
    from shipcall.report.drill import drill_lines  # noqa: PLC0415

    told = {"rows": rows, "unit": unit, "sensitivity": "1" if sensitivity else None}
    recalled = recall_check(*place_of(file), check, stage)
    view = drill_view(recalled, check, _asked(stage, page, told))
    _shown(view, file, drill_lines, as_json=as_json)


@click.command()
@FILE
@click.option("--slice", "part", metavar="SLICE", help="One slice of the contract: country=NZ.")
@JSON
def calibration(file: Path, part: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Say how often things came true at each stated confidence, for both models."""
    from shipcall.app.calibration import calibration_view  # noqa: PLC0415
    from shipcall.app.recalled import place_of, recall  # noqa: PLC0415
    from shipcall.report.reliability import reliability_lines  # noqa: PLC0415

    view = calibration_view(recall(*place_of(file), "gate"), {"slice": part or ""})
    _shown(view, file, reliability_lines, as_json=as_json)


def _asked(stage: str | None, page: int, told: Mapping[str, str | None]) -> dict[str, str]:
    named = {"stage": stage, "page": str(page), **told}
    return {name: text for name, text in named.items() if text}


def _shown(
    view: Mapping[str, Any],
    file: Path,
    lines: Callable[[Mapping[str, Any]], Iterable[str]],
    *,
    as_json: bool,
) -> None:
    """Print a view for machines or for people; say what to do where it is still covered."""
    from shipcall.report.text import clean_view  # noqa: PLC0415

    if as_json:
        print_json(view)
    elif view["kind"] == "covered":
        say(
            "The contract asks for your call before the verdict is shown.\n"
            f"  shipcall call {file} CALL --probability P --why …"
        )
    else:
        clean = clean_view(view, ascii_only=not unicode_stream())
        click.echo("\n".join(lines(clean)))


COMMANDS = (slices, drill, calibration)
