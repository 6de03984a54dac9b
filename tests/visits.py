"""Visits: an address of every page in the workspace of `flights`, and the command that says so too.

Whoever adds a page adds a line; a test asks for it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from flights import BLIND, OPEN, READY, STAGED, TOLD, UNSEALED

_RELEASE = "/releases/{release:path}"


class Visit(NamedTuple):
    """One address of a page."""

    address: str
    command: str
    """Arguments of `shipcall`, before --json; {root} is the workspace."""

    def arguments(self, root: Path) -> list[str]:
        """The command on a workspace."""
        return [*(part.format(root=root) for part in self.command.split()), "--json"]


def _of(release: str, tab: str = "") -> str:
    return f"/releases/{release}{tab}"


def _file(release: str) -> str:
    return f"{{root}}/{release}/contract.toml"


VISITS: Mapping[str, tuple[Visit, ...]] = {
    "/": (Visit("/", "inbox {root}"),),
    "/releases": (
        Visit("/releases", "releases {root}"),
        Visit("/releases?stage=gate&q=reader", "releases {root} --stage gate --q reader"),
    ),
    _RELEASE: (
        Visit(_of(OPEN), f"releases {{root}} --id {OPEN}"),
        Visit(_of(BLIND), f"releases {{root}} --id {BLIND}"),
        Visit(_of(UNSEALED), f"releases {{root}} --id {UNSEALED}"),
    ),
    f"{_RELEASE}/check/{{check:path}}": (
        Visit(_of(OPEN, "/check/gate.accuracy"), f"drill {_file(OPEN)} gate.accuracy"),
        Visit(_of(BLIND, "/check/gate.accuracy"), f"drill {_file(BLIND)} gate.accuracy"),
    ),
    f"{_RELEASE}/gate": (
        Visit(_of(OPEN, "/gate"), f"show {_file(OPEN)} --stage gate"),
        Visit(_of(BLIND, "/gate"), f"show {_file(BLIND)} --stage gate"),
    ),
    **{
        f"{_RELEASE}/{stage}": (Visit(_of(one, f"/{stage}"), f"show {_file(one)} --stage {stage}"),)
        for stage, one in STAGED.items()
    },
    f"{_RELEASE}/shadow/review": (
        Visit(
            _of(STAGED["shadow"], "/shadow/review"), f"shadow {_file(STAGED['shadow'])} --review"
        ),
    ),
    f"{_RELEASE}/slices": (
        Visit(_of(OPEN, "/slices"), f"slices {_file(OPEN)}"),
        Visit(_of(OPEN, "/slices?sort=name"), f"slices {_file(OPEN)} --sort name"),
        Visit(_of(BLIND, "/slices"), f"slices {_file(BLIND)}"),
    ),
    f"{_RELEASE}/calibration": (
        Visit(_of(OPEN, "/calibration"), f"calibration {_file(OPEN)}"),
        Visit(_of(BLIND, "/calibration"), f"calibration {_file(BLIND)}"),
    ),
    f"{_RELEASE}/contract": (
        Visit(_of(OPEN, "/contract"), f"check {_file(OPEN)}"),
        Visit(_of(UNSEALED, "/contract"), f"check {_file(UNSEALED)}"),
    ),
    f"{_RELEASE}/contract/page": (
        Visit(_of(OPEN, "/contract/page"), f"export aspredicted {_file(OPEN)}"),
        Visit(_of(UNSEALED, "/contract/page"), f"export aspredicted {_file(UNSEALED)}"),
    ),
    f"{_RELEASE}/contract/amendments": (
        Visit(_of(OPEN, "/contract/amendments"), f"amendments {_file(OPEN)}"),
        Visit(_of(UNSEALED, "/contract/amendments"), f"amendments {_file(UNSEALED)}"),
    ),
    f"{_RELEASE}/plan": (Visit(_of(STAGED["cohort"], "/plan"), f"plan {_file(STAGED['cohort'])}"),),
    f"{_RELEASE}/report": (
        Visit(_of(OPEN, "/report"), f"export release {_file(OPEN)}"),
        Visit(_of(BLIND, "/report"), f"export release {_file(BLIND)}"),
        *(Visit(_of(one, "/report"), f"export release {_file(one)}") for one in STAGED.values()),
    ),
    "/practice": (Visit("/practice", "practice list"),),
    "/practice/me": (Visit("/practice/me", "practice me"),),
    "/practice/play/{play}": (Visit(f"/practice/play/{READY}", f"practice resume {READY}"),),
    "/practice/play/{play}/debrief": (
        Visit(f"/practice/play/{TOLD}/debrief", f"practice resume {TOLD}"),
    ),
    "/ledger": (
        Visit("/ledger", "ledger show {root}"),
        Visit("/ledger?kind=verdict", "ledger show {root} --kind verdict"),
    ),
    "/ledger/verify": (Visit("/ledger/verify", "ledger verify {root}"),),
    "/ledger/{index}": tuple(
        Visit(f"/ledger/{index}", f"ledger show {{root}} --entry {index}") for index in (0, 1, 2, 5)
    ),
}
"""Path of a page -> its addresses."""
ALONE: Mapping[str, str] = {
    "/jobs/{name}": "a job lives in its server and ends with it",
    "/practice": "its command looks where it is run: see test_practice_pages",
    "/practice/me": "its command looks where it is run: see test_practice_pages",
    "/practice/play/{play}": "a play needs the key it was sealed with: see test_practice_pages",
    "/practice/play/{play}/debrief": "the same",
}
"""Pages that no command repeats, and why."""
EVERY = [visit for visits in VISITS.values() for visit in visits]


def picture_of(path: str, theme: str) -> str:
    """Name the picture of a page in the docs: `release-contract-page-dark.png`."""
    short = path.replace(_RELEASE, "/release").replace("{index}", "entry")
    parts = [part for part in short.split("/") if part and "{" not in part]
    return "-".join([*(parts or ["inbox"]), theme]) + ".png"
