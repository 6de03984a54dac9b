"""Curves: cascades that were worked out, kept so that another threshold is a look, not a study."""

from collections.abc import Hashable

from shipcall.app.newest import Newest
from shipcall.app.study_cascade_form import Curve

KEPT = 4
"""Curves that are kept."""
MOST_ROWS = 200_000
"""A curve with more rows is not kept: its rows are some 60 bytes each."""


class Curves(Newest[Curve]):
    """The curves of one process, by the question, the files and the contract."""

    def __init__(self, most: int = KEPT) -> None:
        """Keep none yet."""
        super().__init__(most)

    def keep(self, key: Hashable, value: Curve) -> Curve:
        """Keep a curve, unless it is too large."""
        return value if value.rows.signal.size > MOST_ROWS else super().keep(key, value)
