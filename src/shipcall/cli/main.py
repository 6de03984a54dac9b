"""The commands and what happens when something goes wrong."""

import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import click

from shipcall import __version__
from shipcall.cli import (
    board,
    drill,
    export,
    ledger,
    online,
    practise_more,
    prepare,
    prepare_forms,
    prepare_frames,
    prepare_plan,
    prepare_simulations,
    release,
    shadow,
    study,
    trial,
    world,
)
from shipcall.core.errors import ShipcallError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="shipcall")
def shipcall() -> None:
    """Make the SHIP / HOLD / NO SHIP / ROLL BACK call on a new version of a model.

    \b
    shipcall demo                        see it on real data
    shipcall new classifier              a contract to fill in
    shipcall check contract.toml         faults and lints, all at once
    shipcall plan contract.toml          can this contract decide?
    shipcall seal contract.toml          before the evidence exists
    shipcall gate contract.toml          the call, with its reasons
    shipcall rollout contract.toml       the call while people are exposed, at any look

    Exit codes: 0 ADVANCE, SHIP, NO OBJECTION or done; 10 HOLD; 20 NO SHIP or ROLL BACK;
    1 our fault; 2 usage or contract; 3 evidence; 4 ledger.
    """  # noqa: D301 - click reads the backspace as "leave these lines alone"


for command in (
    *release.COMMANDS,
    *shadow.COMMANDS,
    *online.COMMANDS,
    *board.COMMANDS,
    *drill.COMMANDS,
    *export.COMMANDS,
    *ledger.COMMANDS,
    *practise_more.COMMANDS,
    *prepare.COMMANDS,
    *prepare_forms.COMMANDS,
    *prepare_frames.COMMANDS,
    *prepare_simulations.COMMANDS,
    *prepare_plan.COMMANDS,
    *study.COMMANDS,
    *trial.COMMANDS,
    *world.COMMANDS,
):
    shipcall.add_command(command)


def run(arguments: list[str] | None = None, *, show: Callable[[Path], None] | None = None) -> int:
    """Run one command and give its exit code.

    Args:
        arguments: None takes those of the process.
        show: Shows a workspace as pages; None: this program came without them.
    """
    try:
        code = shipcall.main(args=arguments, prog_name="shipcall", standalone_mode=False, obj=show)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except ShipcallError as wrong:
        click.echo(str(wrong), err=True)
        return wrong.exit_code
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001 - the one place where anything may arrive
        click.echo(f"shipcall failed; this is our fault. Details: {_keep_traceback()}", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _keep_traceback() -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="shipcall-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"shipcall {__version__}, Python {sys.version}\n{traceback.format_exc()}")
    return Path(file.name)
