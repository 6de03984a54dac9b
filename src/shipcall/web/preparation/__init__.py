"""Preparation in the browser: one module for each kind of work, each with its pages and forms.

Everything it does is `app.prepare` and its neighbours; a module brings PAGES and ACTIONS.
"""

from shipcall.web.page import Action, Page
from shipcall.web.preparation import (
    bank,
    cards,
    days,
    forms,
    frames,
    lessons,
    loops,
    offers,
    plan,
    shelf,
    stories,
)

PAGES: tuple[Page, ...] = (
    *shelf.PAGES,
    *bank.PAGES,
    *lessons.PAGES,
    *cards.PAGES,
    *forms.PAGES,
    *loops.PAGES,
    *plan.PAGES,
    *frames.PAGES,
    *stories.PAGES,
    *offers.PAGES,
    *days.PAGES,
)
"""Pages of preparation, in the order in which addresses are tried."""
ACTIONS: tuple[Action, ...] = (
    *shelf.ACTIONS,
    *bank.ACTIONS,
    *lessons.ACTIONS,
    *cards.ACTIONS,
    *forms.ACTIONS,
    *loops.ACTIONS,
    *plan.ACTIONS,
    *frames.ACTIONS,
    *stories.ACTIONS,
    *offers.ACTIONS,
    *days.ACTIONS,
)
"""Forms of preparation."""

__all__ = ["ACTIONS", "PAGES"]
