"""Commands while people are exposed: the rollout and the people after it."""

from pathlib import Path
from typing import Any

import click

from shipcall.cli.judging import exit_code, judged_command, judging_options
from shipcall.cli.output import print_line, say
from shipcall.cli.release import FILE
from shipcall.core import UsageError


@click.command()
@FILE
@click.option(
    "--watch", is_flag=True, help="Judge again whenever evidence grows or an hour closes."
)
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    help="With --watch: how often the files are looked at.",
)
@judging_options
def rollout(file: Path, watch: bool, every: float, **options: Any) -> int:  # noqa: FBT001
    """Hold exposures and outcomes so far against the contract: go on, hold or roll back.

    Look as often as you like: the intervals hold at all looks at once.
    """  # fmt: skip
    if not watch:
        return judged_command(file, "rollout", **options)
    _refuse_beside_watch(options)
    return _watch(file, every, **options)


def _refuse_beside_watch(options: dict[str, Any]) -> None:
    if options["as_of"] is not None:
        raise UsageError(
            "--watch follows the clock and --as-of stands still. Leave one of them out."
        )
    if options["why"] is not None:
        raise UsageError(
            "--watch prints one line for each look; --why tells everything about one check. "
            "Leave one of them out."
        )


def _watch(
    file: Path, every: float, *, unblind: bool, ok: str | None, as_json: bool, **_: Any
) -> int:
    from shipcall.app.watch import Seen, watch_rollout  # noqa: PLC0415

    def tell(seen: Seen) -> None:
        print_line(seen.form) if as_json else click.echo(seen.text)

    try:
        last = watch_rollout(file, every=every, unblind=unblind, tell=tell, warn=say)
    except KeyboardInterrupt:
        say(f"Stopped watching. Go on with: shipcall rollout {file} --watch")
        return 0
    return exit_code(last.call, ok=ok)


@click.command()
@FILE
@judging_options
def cohort(file: Path, **options: Any) -> int:
    """Ask whether people come back: retention, fatigue and habits, by arm and cohort."""
    return judged_command(file, "cohort", **options)


COMMANDS = (rollout, cohort)
