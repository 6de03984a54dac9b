"""Shelf: where preparing begins; what is due stands in `prepare_today.html.j2`."""

from pathlib import Path

from shipcall.app.prepare_shelf import preparing
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.preparation.desks import desk_of


def shelf_page(root: Path, asked: Asked) -> View:
    """Say what there is and what waits."""
    del asked
    return preparing(desk_of(root))


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare",
        title="Preparing",
        template="prepare.html.j2",
        view=shelf_page,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = ()
