"""Shelf: where preparing begins, and where each day's work is found and ticked."""

from pathlib import Path

from shipcall.app.prepare_shelf import preparing
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.preparation.plan import aim_form


def shelf_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice prepare --json` gives."""
    del asked
    return preparing(root)


def shelf_page(root: Path, asked: Asked) -> View:
    """Show today's work, or how to begin; then what there is and what waits."""
    view = shelf_twin(root, asked)
    return view if view["plan"] else {**view, "begin": aim_form(root)}


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare",
        title="Preparing",
        template="prepare.html.j2",
        view=shelf_page,
        twin=shelf_twin,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = ()
