"""Curves: cascades that were worked out, kept so that another threshold is a look, not a study."""

import threading
from collections import OrderedDict

from shipcall.app.study_cascade_form import Curve

KEPT = 4
"""Curves that are kept."""
MOST_ROWS = 200_000
"""A curve with more rows is not kept: its rows are some 60 bytes each."""


class Curves:
    """The curves of one process, the one looked at longest ago forgotten first."""

    def __init__(self, most: int = KEPT) -> None:
        """Keep none yet.

        Args:
            most: Curves that are kept.
        """
        self._most = most
        self._kept: OrderedDict[str, Curve] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Curve | None:
        """Give a curve, if it is there.

        Args:
            key: Names everything that it hangs on: the question, the files, the contract.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, curve: Curve) -> None:
        """Keep a curve, unless it is too large.

        Args:
            key: As for `get`.
            curve: What was worked out.
        """
        if curve.rows.signal.size > MOST_ROWS:
            return
        with self._lock:
            self._kept[key] = curve
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
