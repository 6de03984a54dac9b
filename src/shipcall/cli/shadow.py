"""Command of shadow mode: the verdict, and the pairs that a person reads before it."""

from pathlib import Path
from typing import Any

import click

from shipcall.cli.judging import judged_command, judging_options
from shipcall.cli.review import read_pairs


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--review", is_flag=True, help="Read the promised sample of pairs, blind.")
@judging_options
def shadow(file: Path, *, review: bool, **options: Any) -> int:
    """Hold live answers that nobody was shown against the sealed contract and make the call."""
    if review:
        return read_pairs(file, as_json=options["as_json"])
    return judged_command(file, "shadow", **options)


COMMANDS = (shadow,)
