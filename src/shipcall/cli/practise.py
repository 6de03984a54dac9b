"""Practice in the terminal: a case, panels with prices, a call, and then the truth."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from shipcall.cli.output import print_json, width

View = Mapping[str, Any]

WIDEST = 60
"""Longer cells are cut."""


@click.command()
@click.argument("case", required=False)
@click.option("--look", "looks", multiple=True, metavar="PANEL", help="Look at a panel first.")
@click.option("--call", "action", help="Your call, for playing without questions.")
@click.option("--probability", type=click.FloatRange(0, 1), help="Chance that every promise holds.")
@click.option("--why", help="Your reason, in one line.")
@click.option("--json", "as_json", is_flag=True, help="Print the debrief as JSON.")
def practice(  # noqa: PLR0913, PLR0917 - one argument per option
    case: str | None,
    looks: tuple[str, ...],
    action: str | None,
    probability: float | None,
    why: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Make a release decision on invented evidence: call first, then see the verdict."""
    from shipcall.app.practise import start  # noqa: PLC0415

    with start(case) as game:
        if not as_json:
            _show_brief(game.brief)
        for name in looks:
            shown = game.look(name)
            if not as_json:
                _show_panel(shown, game.minutes_left)
        game.call(*_asked_call(game, action, probability, why))
        told = game.debrief()
    if as_json:
        print_json(told)
    else:
        _show_debrief(told)


def _asked_call(
    game: Any, action: str | None, probability: float | None, why: str | None
) -> tuple[str, float, str]:
    """Ask for what was not given: panels until there is a call, then chance and reason."""
    while action is None:
        said = click.prompt("panel, or your call", prompt_suffix=" > ").strip()
        if said.upper().replace("_", " ") in game.brief["values"]:
            action = said
        else:
            _look(game, said)
    if probability is None:
        asked = "chance that it keeps every promise (0 to 1)"
        probability = click.prompt(asked, type=click.FloatRange(0, 1))
    return action, probability, why or click.prompt("why, in one line")


def _look(game: Any, name: str) -> None:
    from shipcall.core.errors import UsageError  # noqa: PLC0415

    try:
        _show_panel(game.look(name), game.minutes_left)
    except UsageError as wrong:
        click.echo(str(wrong))


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, width(), initial_indent=indent, subsequent_indent=indent)


def _show_brief(told: View) -> None:
    click.echo(f"{told['title']}   ({told['minutes']:g} minutes; this is an invented release)\n")
    for text in told["brief"].values():
        click.echo(_wrapped(text) + "\n")
    click.echo("What each call is worth, in points:")
    for action, worth in told["values"].items():
        parts = ", ".join(f"{value:+g} if {state}" for state, value in worth.items())
        click.echo(f"  {action:<8} {parts}")
    click.echo("\nPanels you can ask for:")
    for one in told["panels"]:
        click.echo(f"  {one['name']:<9} {one['minutes']:g} min  {one['asks']}")
    click.echo("")


def _show_panel(shown: View, left: float) -> None:
    click.echo(f"\n{shown['title']}   (time left: {left:g} minutes)")
    for line in shown.get("text", ()):
        click.echo(_wrapped(line, "  "))
    rows = shown.get("rows", ())
    if rows:
        click.echo(_table(rows))
    click.echo("")


def _table(rows: Sequence[View]) -> str:
    """Align rows; what is the same in all of them is said once, above."""
    names = [n for n in rows[0] if n != "title" and any(row[n] not in (None, "") for row in rows)]
    same = [n for n in names if len(rows) > 1 and len({_cell(row[n]) for row in rows}) == 1]
    names = [name for name in names if name not in same]
    cells = [[_cell(row[name]) for name in names] for row in rows]
    sizes = [max(len(name), *(len(c[i]) for c in cells)) for i, name in enumerate(names)]
    lines = [
        "  ".join(text.ljust(size) for text, size in zip(line, sizes, strict=True)).rstrip()
        for line in (names, *cells)
    ]
    said = "; ".join(f"{name}: {_cell(rows[0][name])}" for name in same)
    return "\n".join("  " + line for line in ([f"all rows: {said}", *lines] if said else lines))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:+.3f}" if value < 0 else f"{value:.3f}"
    text = "" if value is None else str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _show_debrief(told: View) -> None:
    score, verdict, truth, carry = (told[n] for n in ("score", "verdict", "truth", "carry"))
    decision = score["decision"]
    click.echo(f"\nThe contract's verdict on the same files: {verdict['call']}")
    click.echo(f"  {verdict['rule']['sentence']} Failed: {', '.join(verdict['failed']) or 'none'}")
    state = "broken" if truth["broken"] else "sound"
    click.echo(f"\nThe truth: {state}, {truth['slice']}")
    click.echo(
        f"  true difference there {truth['true_difference_there']:+.3f}, elsewhere "
        f"{truth['true_difference_elsewhere']:+.3f}; seen there "
        f"{truth['difference_seen_there']:+.3f}"
        f" on {truth['units_there']} units"
    )
    click.echo(_wrapped(truth["cause"], "  "))
    click.echo(f"\nYour call: {told['you']['action']}, p = {told['you']['probability']:g}")
    click.echo(
        f"  chance of a broken group given all panels: {decision['chance_of_broken']:.3f}; best "
        f"call {decision['best']}; yours loses {decision['loss']:.1f} points in expectation"
    )
    looked = score["as_looked"]
    click.echo(
        f"  given only what you looked at: {looked['chance_of_broken']:.3f}; best call "
        f"{looked['best']}; yours loses {looked['loss']:.1f}"
    )
    click.echo(
        f"  Brier {score['brier']:.3f} (a careful reader of this evidence: "
        f"{score['careful_reader_brier']:.3f})"
    )
    for one in score["ladder"]:
        click.echo(f"    {one['who']:<40} {one['call']:<8} loses {one['loss']:.1f}")
    click.echo(_wrapped(score["note"], "  "))
    click.echo("\nThe rule to carry:")
    click.echo(_wrapped(carry["rule"], "  "))
    click.echo(_wrapped(carry["next_step"], "  "))
    click.echo("\nThe harmless look-alike:")
    click.echo(_wrapped(carry["harmless_look_alike"], "  "))
    click.echo("\nThe clause that finds it:\n" + textwrap.indent(carry["clause"], "  "))


COMMANDS = (practice,)
