"""Watching a rollout: when it looks, what it says, when it ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shipcall.app.release import Judged
from shipcall.app.watch import Seen, State, Watch, seen_of, state_of
from shipcall.core import EvidenceError, Fault

BROKEN = EvidenceError(
    [Fault(file="o.parquet", code="E206", title="damaged file", seen="a", expected="b", fix="c")]
)


def judged(call: str, *, shown: bool = True) -> Judged:
    view: dict[str, Any] = {
        "as_of": "2026-11-05T09:00:00Z",
        "call": call,
        "toward": "to 10 %" if call == "ADVANCE" else "",
        "sentence": "Why it is so.",
    }
    facts = {"as_of": view["as_of"], "progress": {"share": 0.01}, "call": call}
    return Judged(facts=facts, view=view, shown=shown)


class Scene:
    """A world around a watcher: what the files look like at each poll, and what judging gives."""

    def __init__(
        self, polls: list[tuple[int, float]], verdicts: list[Judged | EvidenceError]
    ) -> None:
        self._polls: Iterator[tuple[int, float]] = iter(polls)
        self._verdicts = iter(verdicts)
        self._now = next(self._polls)
        self.looks: list[Seen] = []
        self.warnings: list[str] = []
        self.slept: list[float] = []

    def run(self) -> Seen | None:
        """Give the look that ended it; None where it was interrupted."""
        watch = Watch(
            judge=self._judge,
            state=self._state,
            clock=lambda: self._now[1],
            sleep=self._sleep,
            tell=self.looks.append,
            warn=self.warnings.append,
        )
        try:
            return watch.run(every=30)
        except KeyboardInterrupt:
            return None

    def _judge(self) -> Judged:
        verdict = next(self._verdicts)
        if isinstance(verdict, EvidenceError):
            raise verdict
        return verdict

    def _state(self) -> State:
        return (("exposures.parquet", self._now[0], 0),)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        following = next(self._polls, None)
        if following is None:
            raise KeyboardInterrupt
        self._now = following


def test_it_looks_once_while_nothing_changes() -> None:
    scene = Scene([(1, 0), (1, 30), (1, 60)], [judged("HOLD")])
    assert scene.run() is None
    assert len(scene.looks) == 1
    assert scene.slept == [30, 30, 30]


def test_it_looks_again_when_a_file_has_grown() -> None:
    scene = Scene([(1, 0), (2, 30)], [judged("HOLD"), judged("ADVANCE")])
    scene.run()
    assert [seen.call for seen in scene.looks] == ["HOLD", "ADVANCE"]


def test_it_looks_again_when_an_hour_closes() -> None:
    scene = Scene([(1, 3590), (1, 3620)], [judged("HOLD"), judged("HOLD")])
    scene.run()
    assert len(scene.looks) == 2


@pytest.mark.parametrize("call", ["SHIP", "NO SHIP", "ROLL BACK"])
def test_a_last_call_ends_it(call: str) -> None:
    scene = Scene([(1, 0), (2, 30), (3, 60)], [judged("HOLD"), judged(call)])
    ended = scene.run()
    assert ended is not None
    assert ended.call == call
    assert len(scene.slept) == 1


@pytest.mark.parametrize("call", ["HOLD", "ADVANCE"])
def test_a_call_that_is_not_the_last_does_not_end_it(call: str) -> None:
    assert Scene([(1, 0), (1, 30)], [judged(call)]).run() is None


def test_a_file_that_is_being_written_is_said_once_and_waited_for() -> None:
    scene = Scene([(1, 0), (2, 30), (3, 60)], [BROKEN, BROKEN, judged("ROLL BACK")])
    ended = scene.run()
    assert ended is not None
    assert [seen.call for seen in scene.looks] == ["ROLL BACK"]
    assert len(scene.warnings) == 1
    assert "E206" in scene.warnings[0]
    assert "no look was taken" in scene.warnings[0]


def test_a_file_that_breaks_again_is_said_again() -> None:
    verdicts: list[Judged | EvidenceError] = [BROKEN, judged("HOLD"), BROKEN]
    scene = Scene([(1, 0), (2, 30), (3, 60)], verdicts)
    scene.run()
    assert len(scene.warnings) == 2


def test_a_covered_verdict_is_not_told_and_does_not_end_it() -> None:
    scene = Scene([(1, 0), (1, 30)], [judged("ROLL BACK", shown=False)])
    assert scene.run() is None
    (seen,) = scene.looks
    assert "ROLL BACK" not in seen.text
    assert "ROLL BACK" not in str(seen.form)


def test_a_line_says_time_share_call_and_why() -> None:
    seen = seen_of(judged("ADVANCE"))
    assert seen.text == "2026-11-05 09:00 UTC    1 %  \u25cf ADVANCE to 10 %  Why it is so."
    assert seen.form == {
        "at": "2026-11-05T09:00:00Z",
        "share": 0.01,
        "call": "ADVANCE",
        "sentence": "Why it is so.",
    }


def test_a_file_that_grows_changes_the_state(tmp_path: Path) -> None:
    look: Callable[[], State] = lambda: state_of(["*.csv", "gone.csv"], tmp_path)  # noqa: E731
    assert look() == ()
    (tmp_path / "a.csv").write_text("x\n")
    first = look()
    (tmp_path / "a.csv").write_text("x\n1\n")
    second = look()
    (tmp_path / "b.csv").write_text("x\n")
    assert len({first, second, look()}) == 3
