"""Stories of one's own, each in its frame."""

from collections.abc import Mapping
from pathlib import Path

from shipcall.app import prepare_stories
from shipcall.preparation.question import Family
from shipcall.preparation.story import PARTS
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, turn
from shipcall.web.preparation.frames import toml_of

Form = Mapping[str, str]
STORY = "/prepare/story/{id}"
_frames: dict[Path, dict[str, str]] = {}
"""The frame of a new story as it was last typed, until it is read."""


def stories_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice stories list --json` gives."""
    del asked
    return prepare_stories.stories_view(desk_of(root))


def stories_page(root: Path, asked: Asked) -> View:
    """List the stories, and an empty frame for another one."""
    return {**lined(stories_twin(root, asked)), **_frame(_frames.get(root, {}))}


def _frame(typed: Mapping[str, str]) -> View:
    return {
        "frame": [{"part": part, "asks": asks} for part, asks in PARTS],
        "every": [family.value for family in Family],
        "typed": {name: {"text": text} for name, text in typed.items()},
    }


def story_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice stories show NAME --json` gives."""
    return prepare_stories.story_view(desk_of(root), asked["id"])


def story_page(root: Path, asked: Asked) -> View:
    """Show a story: what a listener would ask, where it fits, and its frame to change it."""
    view = story_twin(root, asked)
    typed = {one["part"]: one["says"] for one in view["parts"]}
    typed |= {"title": view["title"], "id": view["id"]}
    typed |= {f"about.{name}": "1" for name in view["about"]}
    return {**lined(view), **_frame(typed)}


def added(root: Path, asked: Asked, form: Form) -> str:
    """Put a story down; what cannot be read stays in its fields."""
    del asked
    _frames[root] = dict(form)
    about = [name.removeprefix("about.") for name in form if name.startswith("about.")]
    parts = {part: form.get(part, "") for part, _ in PARTS}
    name = form["id"].strip()
    text = toml_of({"id": name, "title": form.get("title", ""), "about": about, **parts})
    with turn():
        prepare_stories.story_added(desk_of(root), text)
    _frames.pop(root, None)
    return address_of("prepare", "story", name)


def used(root: Path, asked: Asked, form: Form) -> str:
    """Put down that a story was told."""
    interview = form["where"] == "interview"
    with turn():
        prepare_stories.story_used(
            desk_of(root), asked["id"], interview=interview, to=form.get("to", "")
        )
    return address_of("prepare", "story", asked["id"]) + "#told"


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/stories",
        title="Stories",
        template="prepare_stories.html.j2",
        view=stories_page,
        twin=stories_twin,
        nav="practice",
    ),
    Page(
        path=STORY,
        title="Story {id}",
        template="prepare_story.html.j2",
        view=story_page,
        twin=story_twin,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path="/prepare/stories/add", act=added, fields=("id",)),
    Action(path=f"{STORY}/use", act=used, fields=("where",)),
)
