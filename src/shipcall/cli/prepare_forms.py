"""Forms in the terminal: shown with an answer to fill in, then scored from a file."""

from pathlib import Path

import click

from shipcall.cli.output import Progress, print_json
from shipcall.cli.practise import JSON, practice


@practice.command()
@click.argument("name", required=False)
@click.option(
    "--answer",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your answer, in a file.",
)
@click.option("--seed", type=click.IntRange(min=0), help="The same drawing again.")
@JSON
def form(name: str | None, file: Path | None, seed: int | None, as_json: bool) -> None:  # noqa: FBT001
    """Answer in a fixed form that is scored without an opinion. Without a name: list the forms."""
    from shipcall.app import prepare_forms as told  # noqa: PLC0415
    from shipcall.app.prepare import desk_at  # noqa: PLC0415
    from shipcall.cli import prepare_forms_screen as screens  # noqa: PLC0415

    if name is None:
        view = told.forms()
    elif file is None:
        view = told.form_shown(name, seed)
    else:
        with Progress() as progress:
            view = told.form_told(desk_at(Path.cwd()), name, file, seed, progress=progress)
    print_json(view) if as_json else screens.tell(screens.lines(view))


COMMANDS = (practice,)
