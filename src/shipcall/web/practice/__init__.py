"""Practice in the browser: start, play, debrief, tracker; everything it does is `app.practise`.

halls      the room of each workspace, with what was drawn and told at hand
fields     the answer sheet as the fields of a form, and back
acts       what the forms do
play       the page of a play, before the reveal
told       the debrief
shelf      where one begins, and the tracker
"""

from shipcall.web.page import Page
from shipcall.web.practice import play, shelf, told
from shipcall.web.practice.acts import ACTIONS

_PLAY = "/practice/play/{play}"

PAGES: tuple[Page, ...] = (
    Page(
        path="/practice",
        title="Practice",
        template="practice.html.j2",
        view=shelf.shelf_page,
        more=shelf.shelf_pieces,
        nav="practice",
    ),
    Page(
        path="/practice/me",
        title="Your plays",
        template="practice_me.html.j2",
        view=shelf.me_page,
        charts=shelf.me_charts,
        more=shelf.me_pieces,
        nav="practice",
    ),
    Page(
        path=f"{_PLAY}/debrief",
        title="Debrief: {heading}",
        template="practice_told.html.j2",
        view=told.debrief_page,
        twin=told.debrief_twin,
        charts=told.debrief_charts,
        more=told.debrief_pieces,
        files={".md": told.portfolio_file},
        nav="practice",
    ),
    Page(
        path=_PLAY,
        title="{heading}",
        template="practice_play.html.j2",
        view=play.play_page,
        twin=play.play_twin,
        charts=play.play_charts,
        more=play.play_pieces,
        nav="practice",
    ),
)
"""Pages of practice, in the order in which addresses are tried."""

__all__ = ["ACTIONS", "PAGES"]
