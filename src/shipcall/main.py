"""Entry point of the program."""

from shipcall.cli.main import run


def main() -> None:
    """Run the command line and exit with the code of the call."""
    raise SystemExit(run())
