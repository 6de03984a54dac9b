"""Command: `shipcall serve`, and what the demo does to show its pages."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
                default=".")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option("--port", type=click.IntRange(1, 65535), default=7788, show_default=True)
@click.option("--access-token", metavar="TOKEN",
              help="What every visitor needs; required beyond this machine.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Do not open the first page.")
def serve(
    folder: Path,
    host: str,
    port: int,
    access_token: str | None,
    no_browser: bool,  # noqa: FBT001
) -> None:
    """Show the releases of a workspace as pages, on this machine only unless told otherwise."""
    show(folder, host=host, port=port, access=access_token, browse=not no_browser)


def show(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 7788,
    access: str | None = None,
    browse: bool = True,
) -> None:
    """Serve a workspace until somebody stops it."""
    from shipcall.web.server import Place, serve  # noqa: PLC0415 - only who serves needs it

    place = Place(root=folder, host=host, port=port, access=access)
    serve(place, browse=browse, said=lambda text: click.echo(text, err=True))
