"""Jobs: work that takes longer than a page may wait; it goes on while one looks elsewhere."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shipcall.core import ShipcallError, UsageError

Work = Callable[[Callable[[str], None]], object]
"""Takes a function to which it tells how far it is; a text it gives is the address to go to."""
KEPT = 100
"""Finished jobs that are remembered."""
PATIENCE = 1.0
"""Seconds that a page may wait without showing progress."""


@dataclass
class Job:
    """One piece of work."""

    name: str
    title: str
    target: str
    """Where to go when it is done."""
    back: str = ""
    """Where to go when it could not be done, with what was typed; empty: to the target."""
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    said: str = ""
    """What it is at."""
    failed: str = ""
    """Why it could not be done."""
    thread: threading.Thread | None = None

    @property
    def view(self) -> dict[str, Any]:
        """How far it is."""
        return {
            "kind": "job",
            "name": self.name,
            "title": self.title,
            "target": self.target,
            "back": self.back or self.target,
            "done": self.ended is not None,
            "failed": self.failed,
            "said": self.said,
            "seconds": round((self.ended or time.monotonic()) - self.began, 1),
        }


class Jobs:
    """The jobs of one server; nothing of them outlives it but what they record in the ledger."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, title: str, target: str, work: Work, *, back: str = "") -> Job:
        """Begin a piece of work in a thread of its own, or join the one that is already at it.

        Args:
            title: What is done, for the person who waits.
            target: Address to go to when it is done. Work of one title, target and way back is
                the same work: who asks twice waits for the first.
            work: What is done.
            back: Address to go to when it could not be done.
        """
        job = Job(name=secrets.token_hex(8), title=title, target=target, back=back)
        with self._lock:
            for one in self._jobs.values():
                same = (one.title, one.target, one.back) == (title, target, back)
                if one.ended is None and same:
                    return one
            for old in [name for name, one in self._jobs.items() if one.ended is not None][:-KEPT]:
                del self._jobs[old]
            self._jobs[job.name] = job
            job.thread = threading.Thread(target=self._run, args=(job, work), daemon=True)
            job.thread.start()
        return job

    def where(self, job: Job, *, patience: float = PATIENCE) -> str:
        """Say where to send the person who waits: to the end if it comes soon, else to the job.

        Args:
            job: From `start`.
            patience: Seconds after which progress is shown instead.
        """
        if job.thread is not None:
            job.thread.join(patience)
        if job.ended is None or (job.failed and not job.back):
            return f"/jobs/{job.name}"
        return job.back if job.failed else job.target

    def failure(self, name: str) -> str:
        """Say why a job could not be done; empty where it could, or nobody knows it."""
        job = self._jobs.get(name)
        return job.failed if job else ""

    def get(self, name: str) -> Job:
        """Find a job.

        Raises:
            UsageError: If this server never had it.
        """
        if name not in self._jobs:
            raise UsageError("this server does not know that job; it may have been restarted.")
        return self._jobs[name]

    @staticmethod
    def _run(job: Job, work: Work) -> None:
        def say(text: str) -> None:
            job.said = text

        try:
            told = work(say)
            if isinstance(told, str):
                job.target = told
        except ShipcallError as wrong:
            job.failed = str(wrong)
        except Exception as wrong:  # noqa: BLE001 - the person who waits must hear of it
            job.failed = f"This is our fault: {type(wrong).__name__}: {wrong}"
        finally:
            job.ended = time.monotonic()


JOBS = Jobs()
"""The jobs of this process: pages are functions of an address, and this is what they share."""
