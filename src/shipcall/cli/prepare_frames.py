"""Frameworks, rubrics, words and stories in the terminal."""

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
@click.option("--check", "file", type=SHEET, metavar="FILE", help="A template that you filled.")
@JSON
def frameworks(name: str | None, file: Any, as_json: bool) -> None:  # noqa: FBT001
    """Show a framework with its template, or flag where a filled one shows misuse."""
    from shipcall.app import prepare_frames as told  # noqa: PLC0415
    from shipcall.cli import prepare_frames_screen as screens  # noqa: PLC0415

    if file is not None:
        view = told.framework_checked(text_of(file), name)
    else:
        view = told.frameworks_view() if name is None else told.framework_view(name)
    print_json(view) if as_json else screens.tell(screens.lines(view))


@practice.command()
@click.argument("name", required=False)
@click.option("--answer", metavar="ID", help="A question that you answered, or a digest.")
@click.option("--level", help="poor, mixed, good or excellent; or 1 to 4.")
@click.option("--because", default="", metavar="1,3", help="Sentences that it rests on.")
@click.option("--reader", default="self", show_default=True, help="Who reads: you, or a peer.")
@JSON
def rubrics(  # noqa: PLR0913, PLR0917 - one argument per option
    name: str | None,
    answer: str | None,
    level: str | None,
    because: str,
    reader: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show the four anchors of a rubric, or put down the level you read in an answer."""
    from shipcall.app import prepare_frames as told  # noqa: PLC0415
    from shipcall.cli import prepare_frames_screen as screens  # noqa: PLC0415

    if (answer is None) != (level is None) or (answer is not None and name is None):
        raise UsageError("a level needs all three: rubrics NAME --answer ID --level good")
    if name is None:
        view = told.rubrics_view()
    elif answer is not None and level is not None:
        said = told.Found(level, _places(because), reader)
        view = told.rubric_rated(_desk(), name, answer, said)
    else:
        view = told.rubric_view(_desk(), name)
    print_json(view) if as_json else screens.tell(screens.lines(view))


@practice.command()
@click.argument("name", metavar="WORD", required=False)
@click.option("--find", default="", metavar="TEXT", help="Only words that speak of this.")
@click.option("--keep", is_flag=True, help="Make it a card, asked again when it is due.")
@JSON
def words(name: str | None, find: str, keep: bool, as_json: bool) -> None:  # noqa: FBT001
    """Say what we mean by the words of these interviews; keep those you want to recall."""
    from shipcall.app import prepare_frames as told  # noqa: PLC0415
    from shipcall.cli import prepare_frames_screen as screens  # noqa: PLC0415

    if name is None and keep:
        raise UsageError("--keep needs a word: shipcall practice words edge-drift --keep")
    if name is None:
        view = told.words_view(_desk(), {"q": find})
    else:
        view = told.word_kept(_desk(), name) if keep else told.word_view(_desk(), name)
    print_json(view) if as_json else screens.tell(screens.lines(view))


@practice.group()
def stories() -> None:
    """Keep stories of your own, in a frame, with how often you told each."""


@stories.command("template")
@click.argument("name")
@JSON
def template_(name: str, as_json: bool) -> None:  # noqa: FBT001
    """Print an empty frame for a story of this NAME."""
    from shipcall.app.prepare_stories import story_form  # noqa: PLC0415

    view = story_form(name)
    print_json(view) if as_json else click.echo(view["template"], nl=False)


@stories.command("add")
@click.argument("file", type=SHEET)
@JSON
def add_(file: Any, as_json: bool) -> None:  # noqa: FBT001
    """Put down the story in FILE (- is stdin); the same name takes the earlier one's place."""
    from shipcall.app.prepare_stories import story_added  # noqa: PLC0415

    _print(story_added(_desk(), text_of(file)), as_json=as_json)


@stories.command("list")
@JSON
def list_(as_json: bool) -> None:  # noqa: FBT001
    """List your stories, and how often each was told."""
    from shipcall.app.prepare_stories import stories_view  # noqa: PLC0415

    _print(stories_view(_desk()), as_json=as_json)


@stories.command("show")
@click.argument("name")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write it to this file.")
@JSON
def show_(name: str, markdown: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Show a story: what a listener would ask, and which questions it may answer."""
    from shipcall.app.prepare_stories import story_markdown, story_view  # noqa: PLC0415
    from shipcall.app.writing import write_whole  # noqa: PLC0415

    view = story_view(_desk(), name)
    if markdown is not None:
        write_whole(markdown, story_markdown(view))
    _print(view, as_json=as_json)


@stories.command("use")
@click.argument("name")
@click.option("--interview", is_flag=True, help="In a real interview, not a rehearsal.")
@click.option("--to", default="", metavar="WHOM", help="Question, company or person.")
@JSON
def use_(name: str, interview: bool, to: str, as_json: bool) -> None:  # noqa: FBT001
    """Put down that you told a story; from the third time on you are warned."""
    from shipcall.app.prepare_stories import story_used  # noqa: PLC0415

    _print(story_used(_desk(), name, interview=interview, to=to), as_json=as_json)


def _print(view: Any, *, as_json: bool) -> None:
    from shipcall.cli import prepare_frames_screen as screens  # noqa: PLC0415

    print_json(view) if as_json else screens.tell(screens.lines(view))


def _desk() -> Any:
    from shipcall.app.prepare import desk_at  # noqa: PLC0415

    return desk_at(Path.cwd())


def _places(text: str) -> Sequence[int]:
    places = text.replace(",", " ").split()
    if not all(one.isdecimal() for one in places):
        raise UsageError(f"--because {text!r}: give the numbers of sentences, such as 1,3.")
    return [int(one) for one in places]


COMMANDS = (practice,)
