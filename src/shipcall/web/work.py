"""Work: judging again, and the page on which one waits for it and for any other job."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from shipcall.app.board import STAGES, file_of
from shipcall.app.release import judge_release
from shipcall.core import UsageError
from shipcall.web.address import address_of
from shipcall.web.jobs import JOBS, Work
from shipcall.web.page import Asked, View

JOB = "/jobs/{name}"


def waiting_view(root: Path, asked: Asked) -> View:
    """Say how far a job is."""
    del root
    return JOBS.get(asked["name"]).view


def begin(title: str, target: str, work: Work) -> str:
    """Begin a job and give the address to go to: its end if it comes soon, else its progress.

    Args:
        title: What is done, for the person who waits.
        target: Address to go to when it is done.
        work: What is done.
    """
    return JOBS.where(JOBS.start(title, target, work))


def judge_again(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Judge a stage on the evidence as it is now, as `shipcall STAGE FILE` does."""
    stage = form["stage"]
    if stage not in STAGES:
        raise UsageError(f"there is no stage {stage!r}. Stages: {', '.join(STAGES)}.")
    release = asked["release"]
    return begin(
        f"Judging the {stage} of {release}",
        address_of("releases", release, stage),
        partial(_judge, file_of(root, release), stage),
    )


def _judge(file: Path, stage: str, say: Callable[[str], None]) -> None:
    say("Reading the evidence and holding it against the contract")
    judge_release(file, stage)
