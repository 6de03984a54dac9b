"""Practice at the command line: begin a case, go on with one, and everything about keeping them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json, say, width
from shipcall.core.errors import UsageError

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
EXTRA_TIME = click.option(
    "--extra-time",
    "factor",
    default="1",
    show_default=True,
    envvar="SHIPCALL_EXTRA_TIME",
    metavar="FACTOR",
    help="Factor on the clock, such as 1.5 or 2, or none; kept with the play.",
)


@click.group(invoke_without_command=True)
@click.pass_context
def practice(context: click.Context) -> None:
    """Decide releases whose truth is known, under a clock; alone it begins the first case."""
    if context.invoked_subcommand is None:
        with start.make_context("start", [], parent=context) as alone:
            start.invoke(alone)


@practice.command()
@click.argument("case", required=False)
@click.option(
    "--mode",
    type=click.Choice(["stress", "learn"]),
    default="stress",
    show_default=True,
    help="learn: pause, hints, files at once, no lock by the clock; never rated.",
)
@EXTRA_TIME
@click.option("--seed", type=click.IntRange(min=0), help="The same drawing again; never rated.")
@click.option(
    "--answers",
    "script",
    type=click.Path(path_type=Path),
    help="Play from a JSON file, without questions; never rated.",
)
@JSON
def start(  # noqa: PLR0913, PLR0917 - one argument per option
    case: str | None,
    mode: str,
    factor: str,
    seed: int | None,
    script: Path | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Begin a case by its name or id; without one the mixed queue chooses, and it is rated."""
    from shipcall.app import practise, practise_kept  # noqa: PLC0415
    from shipcall.cli.practise_typed import extra_time  # noqa: PLC0415

    room = _room()
    wish = practise.Wish(
        case=case,
        mode="learn" if mode == "learn" else "stress",
        extra_time=extra_time(factor),
        seed=seed,
        scripted=script is not None,
    )
    if script is not None:
        _show(practise.scripted(room, wish, _script(script)), as_json=as_json)
    elif as_json:
        raise UsageError("--json prints a play from a script. Add --answers FILE.")
    else:
        _say_unfinished(practise_kept.unfinished(room))
        _play(room, practise.start(room, wish))


@practice.command()
@click.option("-n", "count", type=click.IntRange(1, 50), default=5, show_default=True)
@EXTRA_TIME
def spot(count: int, factor: str) -> None:
    """Play short decisions: 90 seconds, panels for free, one call and one claim each."""
    from shipcall.cli.practise_spot import spots  # noqa: PLC0415
    from shipcall.cli.practise_typed import extra_time  # noqa: PLC0415

    spots(_room(), count, extra_time(factor))


@practice.command()
@click.argument("play", required=False)
@JSON
def resume(play: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Go on with a play whose clock has been counting; a revealed one is told again."""
    from shipcall.app import practise, practise_kept  # noqa: PLC0415

    room = _room()
    there = practise_kept.unfinished(room)
    _say_damaged(there)
    if play is None:
        if not there["plays"]:
            raise UsageError("no play is unfinished here. Begin one: shipcall practice")
        play = str(there["plays"][-1]["id"])
    view = practise.resumed(room, play)
    if as_json:
        print_json(view)
    elif view["kind"] == "practice_debrief":
        _show(view, as_json=False)
    else:
        _play(room, view)


@practice.command("list")
@JSON
def list_(as_json: bool) -> None:  # noqa: FBT001
    """List the cases, and say which play is unfinished."""
    from shipcall.app import practise_kept  # noqa: PLC0415
    from shipcall.cli.practise_screen import cases_lines, tell  # noqa: PLC0415

    room = _room()
    view = practise_kept.cases(room)
    if as_json:
        print_json(view)
        return
    tell(cases_lines(view))
    _say_unfinished(practise_kept.unfinished(room))


@practice.command()
@JSON
def me(as_json: bool) -> None:  # noqa: FBT001
    """Tell what your revealed plays say about you, and how little that still is."""
    from shipcall.app import practise_kept  # noqa: PLC0415
    from shipcall.cli.practise_me import tracker_text  # noqa: PLC0415
    from shipcall.cli.practise_screen import shown, tell  # noqa: PLC0415

    view = practise_kept.me(_room())
    _say_damaged(view)
    if as_json:
        print_json(view)
    else:
        tell([tracker_text(shown(view), width=width())])


@practice.command()
@click.argument("file", type=click.Path(path_type=Path))
@JSON
def export(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Write every play and the diary into one JSON file; what is sealed stays sealed."""
    from shipcall.app import practise_kept  # noqa: PLC0415

    view = practise_kept.export(_room(), file)
    _say_damaged(view)
    if as_json:
        print_json(view)
    else:
        count = view["diary"]
        lines = f" and {count} line{'' if count == 1 else 's'} of the diary" if count else ""
        click.echo(f"wrote {_plays(view['plays'])}{lines} to {view['file']}")


@practice.command()
@click.option("--yes", is_flag=True, help="Remove them for good.")
@JSON
def delete(yes: bool, as_json: bool) -> None:  # noqa: FBT001
    """Remove every play of this workspace: journals, contracts, evidence; the diary stays."""
    from shipcall.app import practise_kept  # noqa: PLC0415

    view = practise_kept.delete(_room(), sure=yes)
    if as_json:
        print_json(view)
    else:
        click.echo(f"removed {_plays(view['plays'])}")


def _plays(count: int) -> str:
    return f"{count} play" if count == 1 else f"{count} plays"


def _room() -> Any:
    from shipcall.app.practise_room import open_room  # noqa: PLC0415

    return open_room(Path.cwd())


def _play(room: Any, view: Mapping[str, Any]) -> None:
    from shipcall.cli import practise_screen as screens  # noqa: PLC0415
    from shipcall.cli.practise_loop import Loop  # noqa: PLC0415
    from shipcall.cli.practise_spot import spot as play_spot  # noqa: PLC0415

    loop = Loop(room, view)
    if view["mode"] == "spot":
        play_spot(loop)
        return
    screens.tell([*screens.first_screen(loop.view), ""])
    loop.run()


def _show(told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    from shipcall.cli.practise_loop import show_told  # noqa: PLC0415

    show_told(told)


def _script(file: Path) -> Mapping[str, Any]:
    try:
        script = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise UsageError(f"{file} cannot be read as JSON: {wrong}") from wrong
    if not isinstance(script, dict):
        raise UsageError(f'{file}: expected {{"look": […], "sheet": {{…}}}}, got another form.')
    return script


def _say_unfinished(view: Mapping[str, Any]) -> None:
    _say_damaged(view)
    if view["plays"]:
        last, count = view["plays"][-1], len(view["plays"])
        several = f"{_plays(count)} {'is' if count == 1 else 'are'}"
        say(
            f"{several} unfinished, the last one {last['case']} ({last['phase']}). "
            f"Go on: shipcall practice resume {last['id']}"
        )


def _say_damaged(view: Mapping[str, Any]) -> None:
    for text in view["damaged"]:
        say(f"not read: {text}")


COMMANDS = (practice,)
