"""Reading: the pages on which a person reads shadow pairs, blind."""

from collections.abc import Mapping
from pathlib import Path

from shipcall.app.sitting import (
    answer_pair,
    begin_sitting,
    finish_sitting,
    sitting_twin,
    sitting_view,
)
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page, View

ANSWERS = (
    ("b", "left", "Left is better"),
    ("e", "same", "Equal"),
    ("c", "right", "Right is better"),
    ("s", "skipped", "Skip"),
    ("u", "unsafe_left", "Left is unsafe"),
    ("i", "unsafe_right", "Right is unsafe"),
)
"""(key, answer, words) in the order in which they stand."""


def reading_page(path: str) -> Page:
    """Make the page on which pairs are read."""
    return Page(
        path=path,
        title="{id}: pairs",
        template="review.html.j2",
        view=lambda root, asked: sitting_view(root, asked["release"], asked),
        twin=lambda root, asked: sitting_twin(root, asked["release"]),
        more=_words,
        nav="releases",
    )


def _words(view: View) -> Mapping[str, object]:
    del view
    return {"choices": ANSWERS, "said": {answer: words for _, answer, words in ANSWERS}}


def reading_actions(path: str) -> tuple[Action, ...]:
    """Make what the buttons of the page do."""
    return (
        Action(path=f"{path}/begin", act=_begin),
        Action(path=f"{path}/answer", act=_answer, fields=("request", "answer")),
        Action(path=f"{path}/finish", act=_finish),
    )


def _begin(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    del form
    begin_sitting(root, asked["release"])
    return _here(asked)


def _answer(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    answer_pair(root, asked["release"], form["request"], form["answer"])
    return _here(asked)


def _finish(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    del form
    finish_sitting(root, asked["release"])
    return _here(asked)


def _here(asked: Asked) -> str:
    return address_of("releases", asked["release"], "shadow", "review")
