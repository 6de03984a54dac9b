"""Commands that hand out what is on record: reports, and the history of a contract."""

from pathlib import Path

import click

from shipcall.cli.output import print_json, say
from shipcall.cli.release import FILE, JSON

KINDS = ("html", "markdown", "release", "aspredicted")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@FILE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; default stdout.")
@JSON
def export(kind: str, file: Path, output: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Write a report: one file, nothing loaded from elsewhere.

    \b
    html, markdown  the newest recorded verdict
    release         every stage of the release, as one HTML page
    aspredicted     the contract as eight questions that fit one page, to be signed
    """  # noqa: D301 - click reads the backspace as "leave these lines alone"
    from shipcall.app.export import export_text, export_view  # noqa: PLC0415

    if as_json and output is not None:
        raise click.UsageError("--json prints to stdout; leave out -o, or --json.")
    if as_json:
        print_json(export_view(kind, file))
        return
    text = export_text(kind, file, output)
    if output is None:
        click.echo(text, nl=False)
    else:
        say(f"wrote {output}")


@click.command()
@FILE
@JSON
def amendments(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Show every change of a sealed contract, and what the file says otherwise since."""
    from shipcall.app.amendments import amendments_view  # noqa: PLC0415
    from shipcall.report.amendments import amendment_lines  # noqa: PLC0415

    view = amendments_view(file)
    if as_json:
        print_json(view)
        return
    for line in amendment_lines(view):
        click.echo(line)


COMMANDS = (export, amendments)
