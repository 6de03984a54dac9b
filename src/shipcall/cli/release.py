"""Commands of door 1: a release and its contract."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shipcall.cli.judging import judged_command, judging_options
from shipcall.cli.output import Progress, print_json, render_view, say

FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.command()
@click.argument("kind", type=click.Choice(["classifier", "ranker", "llm", "regressor"]))
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--from", "source", type=click.Path(path_type=Path), help="A table of evidence.")
def new(kind: str, folder: Path, source: Path | None) -> None:
    """Write a contract from a template; --from proposes a column mapping for your table."""
    from shipcall.app.new import new_contract  # noqa: PLC0415

    view = new_contract(kind, folder, source)
    click.echo(f"wrote {view['file']}")
    for line in view["mapping"]:
        click.echo(line)
    click.echo("Next: fill it in. Columns are looked at when you seal and judge, not before.")
    click.echo(f"      shipcall check {view['file']}")


@click.command()
@FILE
@JSON
def check(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Read a contract: every fault at once, then what a strong reviewer would ask."""
    from shipcall.app.release import check_release  # noqa: PLC0415

    view = check_release(file)
    if as_json:
        print_json(view)
        return
    for lint in view["lints"]:
        click.echo(_lint_text(view["file"], lint))
    count = len(view["lints"])
    click.echo(
        f"{view['file']}: no faults, {count or 'no'} lint{'s' * (count != 1)}. "
        f"contract {view['contract'][:12]}"
    )


def _lint_text(file: str, lint: dict[str, Any]) -> str:
    place = f"{file}:{lint['line']}" if lint["line"] else file
    return f"{place}: {lint['code']} {lint['title']}\n  why: {lint['why']}\n  fix: {lint['fix']}\n"


def assumptions(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is taken before any evidence: the fields of `Assumptions`."""
    options = (
        click.option("--pilot", "pilots", multiple=True, metavar="FORMAT=PATH",
                     help="Earlier evidence, for its spread only; such as scores=last/*.parquet."),
        click.option("--gain", "gains", multiple=True, metavar="METRIC=VALUE",
                     help="The gain that is hoped for, such as 0.03 or 3pp; positive is better."),
        click.option("--discordance", type=float,
                     help="Share of rows on which the two models differ.  [default: 0.2]"),
        click.option("--units-per-day", type=float,
                     help="New units that come in a day: says how many days, and what a rollout "
                     "can find."),
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command


EVEN_SO = click.option("--even-so", metavar="REASON",
                       help="Why it is sealed although it can hardly decide.")  # fmt: skip


@click.command()
@FILE
@assumptions
@click.option("--svg", type=click.Path(path_type=Path),
              help="Also write the picture: chance of each call against sample size.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path), help="Also write the plan as a page.")
@JSON
def plan(file: Path, svg: Path | None, html: Path | None, as_json: bool, **taken: Any) -> None:  # noqa: FBT001
    """Say before any data how often each call would come, and what each check can see."""
    from shipcall.app.assumptions import Assumptions  # noqa: PLC0415
    from shipcall.app.planning import plan_release, write_plan  # noqa: PLC0415

    with Progress() as progress:
        view = plan_release(file, Assumptions(**taken), progress=progress)
    for path in write_plan(view, svg=svg, html=html):
        say(f"wrote {path}")
    if as_json:
        print_json(view)
    else:
        render_view(view, slices="worst")


@click.command()
@FILE
@assumptions
@EVEN_SO
@JSON
def seal(file: Path, even_so: str | None, as_json: bool, **taken: Any) -> None:  # noqa: FBT001
    """Seal a contract into the ledger, before the evidence exists."""
    from shipcall.app.assumptions import Assumptions  # noqa: PLC0415
    from shipcall.app.release import seal_release  # noqa: PLC0415

    _print_sealed(seal_release(file, Assumptions(**taken), even_so=even_so), as_json=as_json)


@click.command()
@FILE
@click.option("--why", required=True, help="The reason, in one line; it is shown in every verdict.")
@assumptions
@EVEN_SO
@JSON
def amend(file: Path, why: str, even_so: str | None, as_json: bool, **taken: Any) -> None:  # noqa: FBT001
    """Change a sealed contract in the open; loosening is named as loosening."""
    from shipcall.app.assumptions import Assumptions  # noqa: PLC0415
    from shipcall.app.release import amend_release  # noqa: PLC0415

    _print_sealed(amend_release(file, why, Assumptions(**taken), even_so=even_so), as_json=as_json)


def _print_sealed(view: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    for change in view["changes"]:
        click.echo(f"  {change['sentence']}")
    if view["after_evidence"]:
        click.echo("  Evidence had been seen before; every verdict will say so.")
    slices = view["slices"]
    click.echo(f"{view['kind']} {view['release']['id']} at {view['at']}")
    click.echo(f"  contract {view['contract']}")
    seen = "no rows yet; they are read at the first look" if slices is None else f"{slices} levels"
    click.echo(f"  slices   {seen}")
    click.echo(f"  decides  {view['decides']}")
    if view["rollout"]:
        click.echo(f"  rollout  {view['rollout']}")
    click.echo(f"  lints    {len(view['lints'])}, recorded with the seal")
    click.echo(f"  ledger   entry {view['ledger']['entries'] - 1}, head {view['ledger']['head']}")


@click.command()
@FILE
@judging_options
def gate(file: Path, **options: Any) -> int:
    """Hold the offline evidence against the sealed contract and make the call."""
    return judged_command(file, "gate", **options)


@click.command()
@FILE
@click.argument("action", metavar="CALL")
@click.option("--probability", type=click.FloatRange(0, 1), required=True,
              help="Chance, in your view, that the release keeps its promises.")  # fmt: skip
@click.option("--why", required=True, help="Your reason, in one line.")
@JSON
def call(file: Path, action: str, probability: float, why: str, as_json: bool) -> None:  # noqa: FBT001
    """Record your own call (SHIP, HOLD, "NO SHIP", …), with a probability and a reason."""
    from shipcall.app.release import call_release  # noqa: PLC0415

    view = call_release(file, action, probability=probability, why=why)
    if as_json:
        print_json(view)
        return
    click.echo(f"recorded: {view['by']} calls {view['action']} (p = {view['probability']:g})")
    click.echo(f"  the verdict on this evidence: {view['verdict_call']}")
    if view["override"]:
        click.echo("  Yours differs; it stands beside the verdict, with your reason.")
    click.echo(f"  ledger head {view['ledger']['head']}")


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new_", metavar="NEW", type=click.Path(path_type=Path))
@click.option("--item", help="Column that names the item.")
@click.option("--value", help="Column with the grade.")
@click.option("--by", multiple=True, help="Column to slice by; may be given several times.")
@JSON
def diff(  # noqa: PLR0913, PLR0917 - one argument per option
    old: Path,
    new_: Path,
    item: str | None,
    value: str | None,
    by: tuple[str, ...],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Compare two result files, paired by item. Exploratory: nothing was promised."""
    from shipcall.app.compare import compare  # noqa: PLC0415

    view = compare(old, new_, item=item, value=value, by=by)
    if as_json:
        print_json(view)
    else:
        render_view(view, slices="worst")


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), default="shipcall-demo",
              show_default=True, help="Where the demo workspace is made.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Do not open its pages.")
@click.pass_obj
def demo(show: Callable[[Path], None] | None, folder: Path, no_browser: bool) -> None:  # noqa: FBT001
    """Make a workspace with three releases, judge them, and show them as pages."""
    from shipcall.app.demo import demo as make  # noqa: PLC0415
    from shipcall.report.revealed import revealed_lines  # noqa: PLC0415

    made = make(folder)
    for release in made["releases"][1:]:
        click.echo(f"{release['call']:<9} {release['id']}\n          {release['sentence']}")
    click.echo("")
    render_view(made["releases"][0]["view"])
    click.echo("")
    for release in made["releases"]:
        if release["world"]:
            click.echo("\n".join(revealed_lines(release["id"], release["world"], release["truth"])))
    click.echo("")
    for release in made["releases"]:
        click.echo(f"report: {release['report']}")
    click.echo(f"Look around: cd {folder} && shipcall gate {made['releases'][0]['contract']}")
    if not no_browser and sys.stdout.isatty() and show is not None:
        show(folder)
    else:
        click.echo(f"In the browser: shipcall serve {folder}")


COMMANDS = (new, check, plan, seal, amend, gate, call, diff, demo)
