"""Entry point of the program: the command line, and the pages it opens."""

from shipcall.cli.main import run, shipcall
from shipcall.web.command import serve, show

__all__ = ["main", "run", "shipcall"]

shipcall.add_command(serve)


def main() -> None:
    """Run the command line and exit with the code of the call."""
    raise SystemExit(run(show=show))
