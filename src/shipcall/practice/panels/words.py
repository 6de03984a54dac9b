"""Words: panels that tell what somebody said or wrote, and no number that chance moves."""

import numpy as np

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Silent, Stack
from shipcall.practice.panels.panel import Setting, Shown


class Words:
    """Text that is the same whatever is so: context, not evidence."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Nothing varies."""
        del panel
        return Silent(len(setting.points))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Nothing is drawn."""
        del panel, setting, stack, rng
        return np.zeros(0)

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """Show the text."""
        del seen, setting
        return Shown(text=panel.text)
