"""Watch: judge a rollout again and again, whenever its evidence grows or an epoch closes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shipcall.app.release import Judged, judge_release
from shipcall.contract.parse import read_contract
from shipcall.core import EvidenceError
from shipcall.data.databases import outside
from shipcall.release.sources import sources_of
from shipcall.report.words import call_text, moment, share_text
from shipcall.stages import STAGES

ENDS = ("SHIP", "NO SHIP", "ROLL BACK")
"""Calls after which there is nothing left to watch."""
_HOUR = 3600.0

State = tuple[tuple[str, int, int], ...]
"""Path, size and time of change of every file of evidence, and what its databases say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look, as a watcher is told of it."""

    at: str
    share: float | None
    """Share that is served; None while nobody is exposed or the verdict is covered."""
    call: str
    toward: str
    """To which share an ADVANCE goes."""
    sentence: str
    shown: bool

    @property
    def text(self) -> str:
        """One line for a person."""
        served = "nobody exposed" if self.share is None else share_text(self.share)
        if not self.shown:
            return f"{moment(self.at)}  {self.sentence}"
        call = call_text({"call": self.call, "toward": self.toward})
        return f"{moment(self.at)}  {served:>5}  {call}  {self.sentence}"

    @property
    def form(self) -> dict[str, Any]:
        """The same for a machine."""
        return {"at": self.at, "share": self.share, "call": self.call, "sentence": self.sentence}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What watching needs of the world around it."""

    judge: Callable[[], Judged]
    """Judge and record, at the present moment."""
    state: Callable[[], State]
    """What the files of evidence look like from outside."""
    clock: Callable[[], float]
    """Seconds since 1970."""
    sleep: Callable[[float], None]
    tell: Callable[[Seen], None]
    """Told every look."""
    warn: Callable[[str], None]
    """Told what is no look: that a file cannot be read yet."""

    def run(self, *, every: float) -> Seen:
        """Look until a call ends the rollout.

        A file that cannot be read is taken for one that is being written: that is said once, and
        it is read again when it has changed. Reading it as less than it is would be worse.

        Args:
            every: Seconds between two looks at the files.

        Returns:
            The look that ended it.
        """
        known: tuple[State, int] | None = None
        waiting = ""
        while True:
            now = (self.state(), int(self.clock() // _HOUR))
            if now != known:
                known = now
                try:
                    seen = seen_of(self.judge())
                except EvidenceError as damaged:
                    waiting = self._wait_for(damaged, waiting)
                else:
                    waiting = ""
                    self.tell(seen)
                    if seen.shown and seen.call in ENDS:
                        return seen
            self.sleep(every)

    def _wait_for(self, damaged: EvidenceError, told: str) -> str:
        """Say once what cannot be read; another fault is said again."""
        if str(damaged) != told:
            self.warn(f"{damaged}\nWaiting until it can be read; no look was taken.")
        return str(damaged)


def seen_of(judged: Judged) -> Seen:
    """Reduce a verdict to one line; a covered one does not tell its call."""
    progress = judged.facts["progress"] or {}
    if not judged.shown:
        return Seen(
            at=judged.facts["as_of"],
            share=None,
            call="HOLD",
            toward="",
            sentence="covered until you call (blind = true); until then: HOLD",
            shown=False,
        )
    view = judged.view
    return Seen(
        at=view["as_of"],
        share=progress.get("share"),
        call=view["call"],
        toward=view["toward"],
        sentence=view["sentence"],
        shown=True,
    )


def watch_rollout(
    file: Path,
    *,
    every: float,
    unblind: bool,
    tell: Callable[[Seen], None],
    warn: Callable[[str], None],
) -> Seen:
    """Watch the rollout of a contract by the clock.

    Args:
        file: The contract file.
        every: Seconds between two looks at the files.
        unblind: Show the verdict although the contract wants a person's call first.
        tell: Told every look.
        warn: Told what cannot be read yet.
    """
    return Watch(
        judge=lambda: judge_release(file, "rollout", unblind=unblind),
        state=lambda: files_state(file, "rollout"),
        clock=lambda: datetime.now(UTC).timestamp(),
        sleep=time.sleep,
        tell=tell,
        warn=warn,
    ).run(every=every)


def files_state(file: Path, stage: str) -> State:
    """Say what the files that a stage reads look like from outside.

    Args:
        file: The contract file.
        stage: A stage of STAGES.
    """
    sources = sources_of(read_contract(file), STAGES[stage].reads)
    patterns = [
        path for source in sources.values() for path in (source.arm_paths.values() or [source.path])
    ]
    return state_of(patterns, file.parent)


def state_of(patterns: list[str], root: Path) -> State:
    """Say what tables look like from outside; a file that is just being replaced does not count.

    Args:
        patterns: Paths, globs or addresses; paths are relative to `root`.
        root: Folder of the contract.
    """
    return tuple(seen for pattern in patterns for seen in outside(pattern, root))
