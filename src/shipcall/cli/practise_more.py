"""More practice in the terminal: one's own past releases, model cards, lineage graphs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json, say
from shipcall.cli.practise import JSON, practice

View = Mapping[str, Any]


@practice.command()
@click.argument("release", required=False)
@click.option("--call", "action", help="Your call, for replaying without questions.")
@click.option(
    "--probability", type=click.FloatRange(0, 1), help="Chance that it kept its promises."
)
@click.option("--why", help="Your reason, in one line.")
@JSON
def replay(
    release: str | None,
    action: str | None,
    probability: float | None,
    why: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Call one of your own past releases again, before you see what was called then."""
    from shipcall.app.replay import replay_begun, replay_told, replays  # noqa: PLC0415

    place = Path.cwd()
    if release is None:
        _print_replays(replays(place), as_json=as_json)
        return
    shown = replay_begun(place, release)
    if not as_json:
        _print_evidence(shown)
    action = action or click.prompt("your call", type=click.Choice(shown["calls"]))
    if probability is None:
        asked = "chance that it keeps every promise (0 to 1)"
        probability = click.prompt(asked, type=click.FloatRange(0, 1))
    why = why or click.prompt("why, in one line")
    told = replay_told(place, release, str(action), probability=float(probability or 0), why=why)
    if as_json:
        print_json(told)
    else:
        _print_told(told)


def _print_replays(view: View, *, as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    for one in view["replays"]:
        click.echo(f"{one['stage']:<8} {one['as_of']}  {one['id']}")
    if not view["replays"]:
        say("No verdict of this workspace can be replayed yet.")


def _print_evidence(shown: View) -> None:
    release = shown["release"]
    click.echo(f"{release['candidate']} against {release['baseline']}, {shown['stage']}, as of "
               f"{shown['as_of']}\n")  # fmt: skip
    for row in shown["rows"]:
        if row["no_data"]:
            found = "no data: " + row["no_data"]
        else:
            found = f"{_number(row['value'])} [{_number(row['low'])}, {_number(row['high'])}]"
        click.echo(f"  {row['check']:<36} {row['promised']:<28} {found}")
    click.echo("")


def _number(value: float | None) -> str:
    return "open" if value is None else f"{value:.4g}"


def _print_told(told: View) -> None:
    verdict, after = told["verdict"], told["came_of_it"]
    click.echo(f"\nThe contract said {verdict['call']}: {verdict['rule']['sentence']}")
    for call in told["calls_then"]:
        click.echo(f"{call['by']} said {call['action']} ({call['probability']:g}): {call['why']}")
    if after is None:
        click.echo("The ledger does not say yet what came of it.")
    else:
        click.echo(f"What came of it: {after['call']}, {after['at']}")
    if told["brier"] is not None:
        click.echo(f"Your probability was off by a square of {told['brier']:.3f}; 0 is best.")
    click.echo(told["note"])


@practice.command()
@click.argument("name", required=False)
@click.option("--seed", type=click.IntRange(min=0), help="The same drawing again.")
@click.option("--answer", metavar="LINES", help="Your answer, for practising without questions.")
@click.option("--list", "listing", is_flag=True, help="Only say which exercises there are.")
@JSON
def exercise(
    name: str | None,
    seed: int | None,
    answer: str | None,
    listing: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Annotate a model card, or repair a lineage graph; what is wrong is known."""
    from shipcall.app.exercises import begun, exercises, told  # noqa: PLC0415

    if listing:
        view = exercises()
        print_json(view) if as_json else click.echo("\n".join([*view["cards"], *view["graphs"]]))
        return
    shown = begun(name, seed)
    if answer is None:
        _print_exercise(shown)
        answer = _lines(shown["kind"])
    result = told(shown["slug"], shown["seed"], answer)
    if as_json:
        print_json(result)
    else:
        _print_result(result)


def _print_exercise(shown: View) -> None:
    click.echo(f"{shown['title']}   ({shown['minutes']:g} minutes)\n\n{shown['story']}\n")
    if shown["kind"] == "card":
        for line in shown["lines"]:
            click.echo(f"{line['number']:>3}  {line['under']}: {line['text']}")
        click.echo("\nFlaws, and what each costs unseen:")
        for kind in shown["kinds"]:
            click.echo(f"  {kind['name']:<22} {kind['costs']:>4g}  {kind['title']}")
        return
    for rule in shown["rules"]:
        click.echo(f"  {rule}")
    if shown["symptom"]:
        click.echo(f"\n{shown['symptom']}")
    click.echo("\n" + "\n".join(shown["edges"]))


def _lines(kind: str) -> str:
    asked = "line number and flaw, such as `4 leak`" if kind == "card" else "every edge, `a -> b`"
    say(f"\nYour answer: {asked}; an empty line ends it.")
    typed = []
    while line := click.prompt("", default="", show_default=False, prompt_suffix="> "):
        typed.append(line)
    return "\n".join(typed)


def _print_result(result: View) -> None:
    score = result["score"]
    click.echo(f"\nLost {score['lost']:g} of {score['at_stake']:g} points.")
    if result["kind"] == "card_told":
        for line in result["lines"]:
            click.echo(f"{line['number']:>3}  {line['flaw'] or 'sound':<22} {line['why']}")
        return
    click.echo(result["fault"] or "")
    for name, edges in (("missing", score["missing"]), ("too many", score["extra"])):
        for edge in edges:
            click.echo(f"  {name}: {edge}")


COMMANDS = (practice,)
