"""Hints: what somebody would look at next who knows what each panel tells on average."""

from collections.abc import Collection

from shipcall.practice.ladder import best_panels
from shipcall.practice.play import Play
from shipcall.practice.redraw import drawn_logs

_DRAWS = 400
"""Enough to order panels; a hint has to come at once."""


def hint_of(play: Play, opened: Collection[str], minutes_left: float) -> str:
    """Name the panel that tells most per minute of those still to be opened.

    It weighs what panels tell on average over the published chances, not what they show here, so
    it gives nothing of the truth away.

    Args:
        play: The play.
        opened: Panels that were opened.
        minutes_left: Evidence-minutes that can still be spent.

    Returns:
        A sentence.
    """
    _, logs = drawn_logs(play, _DRAWS, seed=0)
    for name in best_panels(play, logs):
        panel = play.case.panel_of(name)
        if name not in opened and panel.minutes <= minutes_left + 1e-9:
            return (
                f"Per minute, {name} tells most of what is left ({panel.minutes:g} min): "
                f"{panel.asks} What would it have to show to change your mind?"
            )
    return "No panel that still fits tells much more. Say what would change your mind, then call."
