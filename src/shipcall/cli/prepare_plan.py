"""The plan in the terminal: begin, diagnostic, today, the days until then, where one stands."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json
from shipcall.cli.practise import JSON, practice
from shipcall.core.errors import UsageError

AS_OF = click.option("--as-of", "as_of", metavar="DAY", help="As it is on this day; else today.")


@practice.command("begin")
@click.option("--company", required=True, help="Whose interview it is.")
@click.option(
    "--interview", required=True, metavar="DAY", help="2026-12-22, or days from today: 30d."
)
@click.option("--hours", type=float, default=6.0, show_default=True, help="Hours a week.")
@click.option(
    "--loop", "loops", multiple=True, metavar="ID", help="Rounds, by id or file; else as claimed."
)
@click.option(
    "--zone", default="", metavar="ZONE", help="Where its days begin: Asia/Tokyo; else here."
)
@AS_OF
@JSON
def begin_(  # noqa: PLR0913, PLR0917 - one argument per option
    company: str,
    interview: str,
    hours: float,
    loops: Sequence[str],
    zone: str,
    as_of: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Say which company and which day you prepare for; everything else follows from it."""
    from shipcall.app.prepare_plan import begin_plan  # noqa: PLC0415
    from shipcall.cli import prepare_plan_screen as screens  # noqa: PLC0415

    on = _day(as_of)
    view = begin_plan(Path.cwd(), company, interview, hours=hours, loops=loops, zone=zone, today=on)
    print_json(view) if as_json else screens.tell(screens.begun_lines(view))


@practice.command()
@click.option("--call", "option", metavar="NAME", help="Your call on the spot decision.")
@click.option("--chance", metavar="PERCENT", help="How likely its statement, or the claim, is.")
@click.option("--grade", metavar="GRADE", help="How you recalled: again, hard, good or easy.")
@click.option("--weak", type=click.IntRange(1, 2), help="Which of the two answers is weak.")
@click.option("--again", is_flag=True, help="Draw a new one.")
@click.option("--seed", type=click.IntRange(min=0), help="The same drawing again.")
@JSON
def diagnostic(  # noqa: PLR0913, PLR0917 - one argument per option
    option: str | None,
    chance: str | None,
    grade: str | None,
    weak: int | None,
    again: bool,  # noqa: FBT001
    seed: int | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Find out where you begin, in about five minutes; it goes on where it stopped."""
    from shipcall.app import prepare_diagnostic as told  # noqa: PLC0415
    from shipcall.cli import prepare_diagnostic_asking as asking  # noqa: PLC0415
    from shipcall.cli import prepare_plan_screen as screens  # noqa: PLC0415

    place = Path.cwd()
    view: Mapping[str, Any] = told.diagnostic_view(place)
    asked = seed is not None or not as_json
    if again or (view["phase"] == "ready" and asked):
        view = told.begin_diagnostic(place, seed=seed)
    given = asking.given(place, option=option, chance=chance, grade=grade, weak=weak)
    if given is None and not as_json:
        view = asking.gone_through(place, view)
    view = given or view
    print_json(view) if as_json else screens.tell(screens.diagnostic_lines(view))


@practice.command("today")
@click.option("--tick", "task", metavar="TASK", help="A task that you did on paper.")
@AS_OF
@JSON
def today_(task: str | None, as_of: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Show today's work, and what of it is done."""
    from shipcall.app import prepare_plan as told  # noqa: PLC0415
    from shipcall.cli import prepare_plan_screen as screens  # noqa: PLC0415

    place, on = Path.cwd(), _day(as_of)
    view = told.tick(place, task, on) if task else told.today_view(place, on)
    print_json(view) if as_json else screens.tell(screens.today_lines(view))


@practice.command("plan")
@click.option(
    "--export",
    "export",
    nargs=2,
    metavar="KIND FILE",
    help="Write it: ics, markdown, or anki for the cards.",
)
@AS_OF
@JSON
def plan_(export: tuple[str, str] | None, as_of: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Show the days until the interview, worked out anew from what you did."""
    from shipcall.app import prepare_plan as told  # noqa: PLC0415
    from shipcall.cli import prepare_plan_screen as screens  # noqa: PLC0415

    place, on = Path.cwd(), _day(as_of)
    if export:
        view = told.export_plan(place, export[0], Path(export[1]), on)
        print_json(view) if as_json else click.echo(f"wrote {view['file']}")
        return
    view = told.plan_view(place, on)
    print_json(view) if as_json else screens.tell(screens.plan_lines(view))


@practice.command("tracker")
@AS_OF
@JSON
def tracker_(as_of: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Show by skill, case and round what was done and what it showed; no number over all."""
    from shipcall.app.prepare_tracker import tracker_view  # noqa: PLC0415
    from shipcall.cli import prepare_plan_screen as screens  # noqa: PLC0415

    view = tracker_view(Path.cwd(), _day(as_of))
    print_json(view) if as_json else screens.tell(screens.tracker_lines(view))


@practice.command("interviews")
@click.option("--add", "adding", is_flag=True, help="Write one down.")
@click.option("--company", default="", help="Whose interview it was.")
@click.option("--on", "on", metavar="DAY", help="When; today if left out.")
@click.option("--round", "round_", default="", help="Which round, as they called it.")
@click.option("--asked", default="", help="What was asked.")
@click.option("--said", default="", help="What you said.")
@click.option("--change", default="", help="What you would say now.")
@click.option("--ended", default="", help="How it ended, when you know.")
@click.option("--of", "number", type=click.IntRange(min=1), help="Which one ended so.")
@JSON
def interviews_(  # noqa: PLR0913, PLR0917 - one argument per option
    adding: bool,  # noqa: FBT001
    company: str,
    on: str | None,
    round_: str,
    asked: str,
    said: str,
    change: str,
    ended: str,
    number: int | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Keep a log of real interviews, for yourself; nothing is concluded from it."""
    from shipcall.app import prepare_tracker as told  # noqa: PLC0415
    from shipcall.cli import prepare_plan_screen as screens  # noqa: PLC0415

    place = Path.cwd()
    if number is not None:
        view = told.interview_ended(place, number, ended)
    elif adding:
        view = told.interview_written(
            place,
            on=_day(on),
            company=company,
            round_=round_,
            asked=asked,
            said=said,
            change=change,
            ended=ended,
        )
    elif any((company, asked, said, change, ended)):
        raise UsageError("to write one down add --add; to say how one ended, --of NUMBER --ended.")
    else:
        view = told.interviews_view(place)
    print_json(view) if as_json else screens.tell(screens.interviews_lines(view))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day. Write it as 2026-11-22.") from None


COMMANDS: tuple[Any, ...] = (practice,)
