"""Newest: what was worked out lately, kept for all threads of one process."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Newest(Generic[Value]):
    """A few values by their keys; the one that nobody asked for longest is forgotten first."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet.

        Args:
            most: Values that are kept, at least 1.
        """
        self._most = most
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._kept)

    def get(self, key: Hashable) -> Value | None:
        """Give a value, if it is there.

        Args:
            key: Names everything that the value hangs on.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, value: Value) -> Value:
        """Keep a value in the place of what was kept under its key, and give it back.

        Args:
            key: As for `get`.
            value: What was worked out.
        """
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value
