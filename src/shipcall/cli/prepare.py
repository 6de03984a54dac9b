"""Preparing in the terminal: the bank of questions, one's own answers, lessons with their labs."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from shipcall.cli.output import print_json, say
from shipcall.cli.practise import JSON, practice
from shipcall.cli.prepare_typed import (
    SHEET,
    guessed,
    number,
    places,
    pointed,
    text_of,
    until,
    written,
)
from shipcall.core.errors import UsageError

View = Mapping[str, Any]


@practice.command()
@JSON
def prepare(as_json: bool) -> None:  # noqa: FBT001
    """Say what there is to prepare with, how far you are, and what waits."""
    from shipcall.app.prepare_shelf import preparing  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    view = preparing(Path.cwd())
    print_json(view) if as_json else screens.tell(screens.shelf_lines(view))


@practice.command()
@click.option("--family", help="Only questions of this family.")
@click.option("--round", "round_", help="Only questions of this kind of round.")
@click.option("--covers", metavar="ID", help="Only questions that serve this wish, such as P12.")
@click.option("--find", metavar="WORDS", help="Only questions with these words.")
@JSON
def bank(
    family: str | None,
    round_: str | None,
    covers: str | None,
    find: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """List the questions that interviews ask, and how often you answered each."""
    from shipcall.app.prepare import bank as listed  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    asked = {"family": family, "round": round_, "covers": covers, "q": find}
    view = listed(_desk(), {name: text for name, text in asked.items() if text})
    print_json(view) if as_json else screens.tell(screens.bank_lines(view))


@practice.command()
@click.argument("name", metavar="ID")
@click.option("--answer", "file", type=SHEET, help="Lock this file (- is stdin).")
@click.option(
    "--met",
    "marks",
    multiple=True,
    metavar="CRITERION=1,3",
    help="Sentences of your answer that meet a criterion; what is left out is not met.",
)
@click.option("--reader", default="self", show_default=True, help="Who reads: you, or a peer.")
@click.option("--grader", is_flag=True, help="Send the answer to the grader that you named.")
@JSON
def question(  # noqa: PLR0913, PLR0917 - one argument per option
    name: str,
    file: Any,
    marks: Sequence[str],
    reader: str,
    grader: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Answer a question, lock it, then hold it against criteria and a strong answer."""
    from shipcall.app import prepare  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    desk = _desk()
    view = prepare.question_view(desk, name)
    asking = not (as_json or marks or file) and not view["locked"]
    if asking:
        screens.tell(screens.question_lines(view))
    text, seconds = _typed(desk, name) if asking else (text_of(file) if file else "", 0.0)
    if file or asking:
        view = prepare.lock_answer(desk, name, text, seconds=seconds)
    if marks:
        view = prepare.read_answer(desk, name, _marks(marks), reader=reader)
    elif asking:
        screens.tell(screens.sentence_lines(view))
        view = prepare.read_answer(desk, name, pointed(view), reader=reader)
    if grader:
        view = _graded(desk, name)
    print_json(view) if as_json else screens.tell(screens.told_lines(view))


def _graded(desk: Any, name: str) -> dict[str, Any]:
    from shipcall.app import prepare_grader  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    provider = prepare_grader.named()
    say(screens.shown(f"Sending the question, its criteria and your answer to {provider.name} …"))
    view = prepare_grader.ask_grader(desk, name, provider)
    if "grader_failed" in view:
        say(screens.shown(f"No reading by the grader: {view['grader_failed']}."))
    return view


@practice.group(invoke_without_command=True)
@JSON
@click.pass_context
def grader(context: click.Context, as_json: bool) -> None:  # noqa: FBT001
    """Show which grader you named, whether it was validated, and what went wrong last."""
    from shipcall.app.prepare_grader import grader_view  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    if context.invoked_subcommand is None:
        view = grader_view(_desk())
        print_json(view) if as_json else screens.tell(screens.grader_lines(view))


@grader.command("validate")
@click.argument("file", type=click.Path(path_type=Path))
@JSON
def validate_(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Hold the grader against answers in FILE that two people have read."""
    from shipcall.app import prepare_grader  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    provider = prepare_grader.named()
    say(screens.shown(f"Sending the answers of {file} to {provider.name} …"))
    view = prepare_grader.validate_grader(_desk(), file, provider, say)
    print_json(view) if as_json else screens.tell(screens.validation_lines(view))


@practice.command()
@click.argument("name", required=False)
@click.option("--guess", "guesses", multiple=True, metavar="NUMBER=VALUE", help="What you expect.")
@click.option("--set", "turned", multiple=True, metavar="KNOB=VALUE", help="Turn a knob.")
@click.option("--seed", type=click.IntRange(min=0), help="Another drawing of the lab.")
@JSON
def lesson(
    name: str | None,
    guesses: Sequence[str],
    turned: Sequence[str],
    seed: int | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Read a lesson whose numbers its lab computes; guess first. Without a name: list them."""
    from shipcall.app import prepare  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    desk = _desk()
    if name is None:
        every = prepare.lessons_view(desk)
        print_json(every) if as_json else screens.tell(screens.lessons_lines(every))
        return
    begun = prepare.lesson_begun(name)
    expected, knobs = _numbers(guesses), _numbers(turned)
    if not (as_json or guesses or turned):
        screens.tell(screens.begun_lines(begun))
        expected = guessed(begun)
    view = prepare.lesson_told(desk, name, guesses=expected, turned=knobs, seed=seed)
    print_json(view) if as_json else screens.tell(screens.lesson_lines(view))


@practice.command()
@click.option("--interview", type=click.DateTime(["%Y-%m-%d"]), help="The day to be ready on.")
@click.option("--card", "name", metavar="ID", help="A card you recalled, with --grade.")
@click.option("--grade", metavar="GRADE", help="How it went: again, hard, good or easy.")
@JSON
def cards(interview: Any, name: str | None, grade: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Recall the concepts of the lessons you have read, when they are due; ten a day at most."""
    from shipcall.app import prepare_cards  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    desk = _desk()
    if (name is None) != (grade is None):
        raise UsageError("--card and --grade go together: --card non-inferiority --grade good")
    if name is not None and grade is not None:
        told = prepare_cards.recalled(desk, name, grade)
        print_json(told) if as_json else screens.tell(screens.sides_lines(told))
        return
    view = prepare_cards.cards_view(desk, interview=interview.date() if interview else None)
    print_json(view) if as_json else screens.tell(screens.cards_lines(view))
    for one in () if as_json else view["due"]:
        screens.tell(screens.front_lines(one))
        click.prompt("say it, then press enter", default="", show_default=False)
        screens.tell(screens.sides_lines(prepare_cards.card_view(one["id"])))
        until("again, hard, good or easy", partial(prepare_cards.recalled, desk, one["id"]))


@practice.command()
@click.argument("name", metavar="ID", required=False)
@click.option("--seed", type=click.IntRange(min=0), help="The same questions again.")
@click.option("--show", is_flag=True, help="Only show the rounds.")
@click.option("--now", is_flag=True, help="Where the newest rehearsal stands.")
@JSON
def loop(name: str | None, seed: int | None, show: bool, now: bool, as_json: bool) -> None:  # noqa: FBT001
    """Rehearse the rounds of an interview, as an article claims them; without ID: list them."""
    from shipcall.app import prepare_loops  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    if now:
        view = prepare_loops.rehearsal_view(_desk())
    elif name is None:
        view = prepare_loops.loops_view()
    elif show:
        view = prepare_loops.loop_view(name)
    else:
        view = prepare_loops.loop_begun(_desk(), name, seed=seed)
    print_json(view) if as_json else screens.tell(screens.LOOPS[view["kind"]](view))


def _desk() -> Any:
    from shipcall.app.prepare import desk_at  # noqa: PLC0415

    return desk_at(Path.cwd())


def _typed(desk: Any, name: str) -> tuple[str, float]:
    """What a person types now, after what was kept; left in the middle, all of it stays."""
    from shipcall.app.prepare_drafts import draft_of, keep_draft  # noqa: PLC0415
    from shipcall.cli import prepare_screen as screens  # noqa: PLC0415

    try:
        return written(draft_of(desk, name), lambda text: keep_draft(desk, name, text))
    except click.Abort:
        again = f"Go on: shipcall practice question {name}"
        screens.tell(["", f"Kept as far as you wrote. {again}" if draft_of(desk, name) else again])
        raise


def _marks(marks: Sequence[str]) -> dict[str, list[int]]:
    parts = [mark.partition("=") for mark in marks]
    return {name.strip(): places(told) for name, _, told in parts}


def _numbers(told: Sequence[str]) -> dict[str, float]:
    parts = [one.partition("=") for one in told]
    return {name.strip(): number(value) for name, _, value in parts}


COMMANDS = (practice,)
