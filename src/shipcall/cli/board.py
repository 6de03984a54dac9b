"""Commands on all releases of a workspace: what waits, what there is, what was recorded."""

from pathlib import Path
from typing import Any

import click

from shipcall.cli.judging import call_shown, exit_code, print_judged
from shipcall.cli.output import print_json
from shipcall.cli.release import FILE, JSON

PLACE = click.argument("place", type=click.Path(path_type=Path), default=".")


@click.command()
@PLACE
@JSON
def inbox(place: Path, as_json: bool) -> None:  # noqa: FBT001
    """List what waits for a person, the most urgent first."""
    from shipcall.app.board import inbox_view  # noqa: PLC0415

    view = inbox_view(place)
    if as_json:
        print_json(view)
        return
    for one in view["waiting"]:
        said = "covered" if one["covered"] else one["call"] or "-"
        click.echo(f"{said:<10} {one['id']}")
        for item in one["due"]:
            click.echo(f"           {item['text']}")
    if not view["waiting"]:
        click.echo("Nothing waits for you." if view["count"] else "No releases yet.")


@click.command()
@PLACE
@click.option("--stage", help="Only releases whose newest verdict is of this stage.")
@click.option("--call", help="Only releases with this call.")
@click.option("--q", help="Only releases in whose names this occurs.")
@click.option("--id", "one", help="One release, with everything that is on record about it.")
@JSON
def releases(place: Path, one: str | None, as_json: bool, **query: str | None) -> None:  # noqa: FBT001
    """List the releases of a workspace and where each stands."""
    from shipcall.app.board import release_view, releases_view  # noqa: PLC0415

    if one is not None:
        view = release_view(place, one)
    else:
        view = releases_view(place, {name: text for name, text in query.items() if text})
    if as_json:
        print_json(view)
        return
    for line in [view] if one is not None else view["releases"]:
        _print_line(line)
    for event in view.get("history", []):
        click.echo(f"  {event['at']}  {event['kind']:<14} {event['said']}")


def _print_line(line: dict[str, Any]) -> None:
    said = "covered" if line["covered"] else line["call"] or "-"
    stage = line["stage"] or ("sealed" if line["sealed"] else "not sealed")
    click.echo(f"{said:<10} {stage:<10} {line['id']:<32} {line['file'] or ''}")


@click.command()
@FILE
@click.option("--stage", type=click.Choice(["gate", "shadow", "rollout", "cohort"]),
              help="Of this stage; else the newest of all.")  # fmt: skip
@click.option("--slices", type=click.Choice(["worst", "all"]), default="worst", show_default=True)
@click.option("--why", metavar="CHECK", help="Everything about one check.")
@JSON
def show(file: Path, stage: str | None, slices: str, why: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show the newest recorded verdict again; no evidence is read and no look is counted."""
    from shipcall.app.release import recorded  # noqa: PLC0415

    judged = recorded(file, stage)
    print_judged(
        judged,
        "The contract asks for your call before the verdict is shown.\n"
        f"  shipcall call {file} CALL --probability P --why …",
        slices=slices,
        why=why,
        as_json=as_json,
    )
    return exit_code(call_shown(judged), ok=None)


@click.command()
@FILE
@click.argument("block")
@click.argument("word", type=click.Choice(["agree", "refuse"]))
@click.option("--why", required=True, help="The reason, in one line.")
@JSON
def sign(file: Path, block: str, word: str, why: str, as_json: bool) -> None:  # noqa: FBT001
    """Sign the newest verdict for one block of the contract; one refusal blocks."""
    from shipcall.app.signing import sign_release  # noqa: PLC0415

    view = sign_release(file, block, agrees=word == "agree", why=why)
    if as_json:
        print_json(view)
        return
    for one in view["signatures"]:
        click.echo(f"{_word(one):<10} {one['block']}")


def _word(one: dict[str, Any]) -> str:
    return {None: "not yet", True: "agreed", False: "refused"}[one["agreed"]]


COMMANDS = (inbox, releases, show, sign)
