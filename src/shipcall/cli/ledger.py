"""Commands on the ledger."""

from pathlib import Path

import click

from shipcall.cli.output import print_json

PLACE = click.argument("place", type=click.Path(path_type=Path), default=".")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

LEDGER_BROKEN = 4


@click.group()
def ledger() -> None:
    """Show, verify or export the ledger of a workspace."""


@ledger.command()
@PLACE
@click.option("--entry", type=int, help="One entry with its body.")
@click.option("--release", help="Only entries of this release.")
@click.option("--kind", help="Only entries of this kind: sealed, verdict, call …")
@click.option("--page", type=click.IntRange(min=1), help="Counted back from the newest entries.")
@JSON
def show(place: Path, entry: int | None, as_json: bool, **query: str | int | None) -> None:  # noqa: FBT001
    """List what was recorded: seals, looks, verdicts, calls; a hundred entries at a time.

    A verdict stays covered where the contract wants a person's call first.
    """
    from shipcall.app.ledger import entry_view, ledger_view  # noqa: PLC0415

    if entry is not None:
        print_json(entry_view(place, entry))
        return
    view = ledger_view(place, {name: str(one) for name, one in query.items() if one is not None})
    if as_json:
        print_json(view)
        return
    for line in view["entries"]:
        what = "(covered)" if line["covered"] else line["said"]
        click.echo(
            f"{line['index']:>5}  {line['at']}  {line['kind']:<14} {line['subject']:<28} "
            f"{what:<9} {line['hash'][:12]}"
        )
    if view["pages"] > 1:
        click.echo(f"page {view['page']} of {view['pages']}, from the newest: --page N")
    click.echo(f"{view['count']} entries, head {view['head']}")


@ledger.command()
@PLACE
@click.option("--head", help="A head that was printed earlier: then a cut-off end is found too.")
@JSON
def verify(place: Path, head: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Find any edit, deletion, reordering or truncation."""
    from shipcall.app.ledger import verify_ledger  # noqa: PLC0415

    view = verify_ledger(place, head)
    if as_json:
        print_json(view)
    else:
        for problem in view["problems"]:
            click.echo(problem)
        for key in view["keys"]:
            click.echo(f"signed by {key}")
        if not view["head_expected"]:
            click.echo("no --head given: entries cut off the end would not be noticed")
        state = f"{len(view['problems'])} problems" if view["problems"] else "verified"
        click.echo(f"{view['ledger']}: {view['count']} entries, {state}, head {view['head']}")
    return LEDGER_BROKEN if view["problems"] else 0


@ledger.command()
@PLACE
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
def export(place: Path, output: Path) -> None:
    """Write all entries to a file of JSON lines."""
    from shipcall.app.ledger import export_ledger  # noqa: PLC0415

    view = export_ledger(place, output)
    click.echo(f"wrote {view['count']} entries to {view['file']}")


COMMANDS = (ledger,)
