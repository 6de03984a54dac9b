"""Preparation in the browser: one module for each kind of work, each with its pages and forms.

Everything it does is `app.prepare` and its neighbours; a module brings PAGES and ACTIONS.
"""

from shipcall.web.page import Action, Page

PAGES: tuple[Page, ...] = ()
"""Pages of preparation, in the order in which addresses are tried."""
ACTIONS: tuple[Action, ...] = ()
"""Forms of preparation."""

__all__ = ["ACTIONS", "PAGES"]
