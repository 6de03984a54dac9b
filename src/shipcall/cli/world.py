"""Commands on simulated worlds."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from shipcall.cli.output import print_json

_PATIENCE = 1.0
"""Seconds after which people want to know how far it is."""


@click.group()
def world() -> None:
    """Draw evidence of which the truth is known."""


@world.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def draw(file: Path, to: Path, as_json: bool) -> None:  # noqa: FBT001
    """Write the evidence files of a world, and what is true of them into truth.json."""
    from shipcall.app.world import draw_world  # noqa: PLC0415

    view = draw_world(file, to, progress=_progress())
    if as_json:
        print_json(view)
        return
    for table, rows in view["rows"].items():
        click.echo(f"{rows:>12,} rows of {table}")
    click.echo(f"wrote {len(view['files'])} files to {view['folder']}; the truth is in truth.json")


def _progress() -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None
    began = time.monotonic()

    def progress(done: int, planned: int) -> None:
        if time.monotonic() - began > _PATIENCE:
            bar = "#" * (30 * done // planned)
            click.echo(f"\r[{bar:<30}] {done:,} of {planned:,}", err=True, nl=done == planned)

    return progress


COMMANDS = (world,)
