"""Simulations and the worksheet for an offer in the terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json
from shipcall.cli.practise import JSON, practice
from shipcall.cli.prepare_typed import SHEET, text_of
from shipcall.core.errors import UsageError


@practice.command()
@click.argument("name", required=False)
@click.option("--seed", type=click.IntRange(min=0), help="The same drawing again.")
@click.option("--untimed", is_flag=True, help="Without a clock; the answer is marked so.")
@click.option("--answer", "file", type=SHEET, metavar="FILE", help="Your answer (- is stdin).")
@click.option("--last", is_flag=True, help="Show the newest answer again.")
@click.option("--met", "marks", multiple=True, metavar="CRITERION=1,3", help="For sales: read it.")
@click.option("--reader", default="self", show_default=True, help="Who reads: you, or a peer.")
@JSON
def simulation(  # noqa: PLR0913, PLR0917 - one argument per option
    name: str | None,
    seed: int | None,
    untimed: bool,  # noqa: FBT001
    file: Any,
    last: bool,  # noqa: FBT001
    marks: Sequence[str],
    reader: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Go through part of a working day: a morning, a post-mortem, a minute with sales."""
    from shipcall.app import prepare_simulations as told  # noqa: PLC0415
    from shipcall.cli import prepare_simulations_screen as screens  # noqa: PLC0415

    if name is None:
        view = told.simulations()
    elif file is not None or marks or last:
        given = None if file is None else told.Given(text_of(file), seed)
        view = _answered(name, given, _marks(marks), reader)
    else:
        view = told.simulation_begun(_desk(), name, seed, timed=not untimed)
    print_json(view) if as_json else screens.tell(screens.lines(view))


def _answered(name: str, given: Any, marks: dict[str, list[int]], reader: str) -> Any:
    """Score an answer if one is given, put down a reading if one is given, show the newest."""
    from shipcall.app import prepare_simulations as told  # noqa: PLC0415

    if given is not None:
        told.simulation_told(_desk(), name, given)
    if marks:
        return told.simulation_read(_desk(), name, marks, reader=reader)
    return told.simulation_view(_desk(), name)


@practice.command()
@click.argument("file", type=SHEET, required=False)
@click.option("--form", "empty", is_flag=True, help="Print an empty worksheet.")
@JSON
def negotiation(file: Any, empty: bool, as_json: bool) -> None:  # noqa: FBT001
    """Prepare the talk about pay: check a worksheet and add up what is offered."""
    from shipcall.app import prepare_offers as told  # noqa: PLC0415
    from shipcall.cli import prepare_simulations_screen as screens  # noqa: PLC0415

    if empty:
        view = told.offers_form()
    else:
        view = (
            told.offers_view(_desk()) if file is None else told.offers_added(_desk(), text_of(file))
        )
    print_json(view) if as_json else screens.tell(screens.lines(view))


@practice.command()
@click.argument("plays", metavar="[PLAY]...", nargs=-1)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--answer", "answers", multiple=True, metavar="ID", help="A question you answered.")
@click.option("--story", "stories", multiple=True, metavar="NAME", help="A story of yours.")
@click.option("--form", "forms", multiple=True, metavar="NAME", help="A form you answered.")
@click.option("--simulation", "simulations", multiple=True, metavar="NAME", help="One you did.")
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A contract you wrote.",
)
@JSON
def portfolio(file: Path, as_json: bool, **chosen: tuple[Any, ...]) -> None:  # noqa: FBT001
    """Write what you choose to show, such as revealed plays and read answers, into one FILE."""
    from shipcall.app import prepare_portfolio as told  # noqa: PLC0415
    from shipcall.app.practise_room import open_room  # noqa: PLC0415

    view = told.write_portfolio(open_room(Path.cwd()), _desk(), told.Chosen(**chosen), file)
    print_json(view) if as_json else click.echo(f"wrote {view['file']}")


def _desk() -> Any:
    from shipcall.app.prepare import desk_at  # noqa: PLC0415

    return desk_at(Path.cwd())


def _marks(marks: Sequence[str]) -> dict[str, list[int]]:
    parts = [mark.partition("=") for mark in marks]
    return {name.strip(): _places(places) for name, _, places in parts}


def _places(text: str) -> list[int]:
    places = text.replace(",", " ").split()
    if not all(one.isdecimal() for one in places):
        raise UsageError(f"{text!r}: give the numbers of sentences, such as 1,3, or nothing.")
    return [int(one) for one in places]


COMMANDS = (practice,)
