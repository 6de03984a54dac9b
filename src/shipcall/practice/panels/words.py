"""Words: panels that tell what somebody said or wrote, and no number that chance moves."""

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Silent, Stack
from shipcall.practice.panels.panel import FromLaw, Setting, Shown


class Words(FromLaw):
    """Text that is the same whatever is so: context, not evidence."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Nothing varies."""
        del panel
        return Silent(len(setting.points))

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """Show the text."""
        del seen, setting
        return Shown(text=panel.text)
