"""Visits: an address of every page in the workspace of `flights`, and the command that says so too.

Whoever adds a page adds a line; a test asks for it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from flights import (
    ANSWERED,
    BLIND,
    OPEN,
    ORDER,
    READY,
    STAGED,
    TAUGHT,
    TOLD,
    UNANSWERED,
    UNSEALED,
)
from studied import LEAGUE, ROUTER, SLOT

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
    "/prepare": (Visit("/prepare", "practice prepare"),),
    "/prepare/diagnostic": (Visit("/prepare/diagnostic", "practice diagnostic"),),
    "/prepare/today": (Visit("/prepare/today", "practice today"),),
    "/prepare/plan": (Visit("/prepare/plan", "practice plan"),),
    "/prepare/tracker": (Visit("/prepare/tracker", "practice tracker"),),
    "/prepare/interviews": (Visit("/prepare/interviews", "practice interviews"),),
    "/prepare/bank": (
        Visit("/prepare/bank", "practice bank"),
        Visit("/prepare/bank?round=safety&q=city", "practice bank --round safety --find city"),
    ),
    "/prepare/question/{id}": (
        Visit(f"/prepare/question/{ANSWERED}", f"practice question {ANSWERED}"),
        Visit(f"/prepare/question/{ANSWERED}?as=self", f"practice question {ANSWERED}"),
        Visit(f"/prepare/question/{UNANSWERED}", f"practice question {UNANSWERED}"),
    ),
    "/prepare/lessons": (Visit("/prepare/lessons", "practice lesson"),),
    "/prepare/lesson/{slug}": (
        Visit(
            f"/prepare/lesson/{TAUGHT}?told=1&guess.short_not_significant=20&set.harm=0&seed=4",
            f"practice lesson {TAUGHT} --guess short_not_significant=20 --set harm=0 --seed 4",
        ),
        Visit("/prepare/lesson/the-call", "practice lesson the-call"),
    ),
    "/prepare/cards": (
        Visit("/prepare/cards?shown=regression-budget", "practice cards"),
        Visit("/prepare/cards?interview=2030-12-20", "practice cards --interview 2030-12-20"),
    ),
    "/prepare/forms": (Visit("/prepare/forms", "practice form"),),
    "/prepare/form/{form}/told/{n}": (
        Visit("/prepare/form/dvl/told/0", f"practice form dvl --answer {{root}}/{ORDER}"),
    ),
    "/prepare/form/{form}": tuple(
        Visit(f"/prepare/form/{form}?seed=3", f"practice form {form} --seed 3")
        for form in ("trade-off", "dvl", "imof", "contract")
    ),
    "/prepare/loops": (Visit("/prepare/loops", "practice loop"),),
    "/prepare/loop/{id}": (
        Visit("/prepare/loop/google-weights", "practice loop google-weights --show"),
    ),
    "/prepare/stories": (Visit("/prepare/stories", "practice stories list"),),
    "/prepare/story/{id}": (
        Visit("/prepare/story/late-prices", "practice stories show late-prices"),
    ),
    "/prepare/negotiation": (Visit("/prepare/negotiation", "practice negotiation"),),
    "/prepare/words": (
        Visit("/prepare/words", "practice words"),
        Visit("/prepare/words?q=drift", "practice words --find drift"),
    ),
    "/prepare/frameworks": (Visit("/prepare/frameworks", "practice frameworks"),),
    "/prepare/framework/{id}": (
        Visit("/prepare/framework/rice", "practice frameworks rice"),
        Visit("/prepare/framework/imof?checked=1", "practice frameworks imof"),
    ),
    "/prepare/rubrics": (Visit("/prepare/rubrics", "practice rubrics"),),
    "/prepare/rubric/{id}": (
        Visit("/prepare/rubric/research-bar", "practice rubrics research-bar"),
    ),
    "/prepare/simulations": (Visit("/prepare/simulations", "practice simulation"),),
    "/prepare/simulation/{id}": tuple(
        Visit(f"/prepare/simulation/{name}", f"practice simulation {name} --last")
        for name in ("morning", "post-mortem", "sales")
    ),
    "/prepare/rehearsal": (Visit("/prepare/rehearsal", "practice loop --now"),),
    "/studies": (Visit("/studies", "study list {root}"),),
    "/studies/cascade": (
        Visit(
            f"/studies/cascade?file={ROUTER}/contract.toml&signal=sure&may_lose=0.05&threshold=0.62",
            f"study cascade {_file(ROUTER)} --signal sure --may-lose 0.05 --threshold 0.62",
        ),
        Visit(f"/studies/cascade?file={OPEN}/contract.toml", f"study cascade {_file(OPEN)}"),
    ),
    "/studies/costs": (
        Visit(
            f"/studies/costs?file={OPEN}/contract.toml&false_alarm=1&miss=5&live_rate=0.2",
            f"study costs {_file(OPEN)} --false-alarm 1 --miss 5 --live-rate 0.2",
        ),
    ),
    "/studies/labels": (
        Visit(
            f"/studies/labels?file={OPEN}/contract.toml&gains=accuracy%3D3pp&price=0.4",
            f"study labels {_file(OPEN)} --gain accuracy=3pp --price 0.4",
        ),
    ),
    "/studies/bill": (
        Visit(
            "/studies/bill?price=0.0002&users=50_000_000&currency=USD",
            "study bill --price 0.0002 --users 50_000_000 --currency USD",
        ),
        Visit(
            f"/studies/bill?file={ROUTER}/contract.toml&users=2e6&per_user_day=5-20",
            f"study bill {_file(ROUTER)} --users 2e6 --per-user-day 5-20",
        ),
    ),
    "/studies/repeats": (
        Visit(
            f"/studies/repeats?file={ROUTER}/contract.toml&item_price=2&run_price=0.5",
            f"study repeats {_file(ROUTER)} --item-price 2 --run-price 0.5",
        ),
    ),
    "/studies/offpolicy": (
        Visit(f"/studies/offpolicy?file={SLOT}/contract.toml", f"study offpolicy {_file(SLOT)}"),
    ),
    "/studies/strengths": (
        Visit(f"/studies/strengths?file={LEAGUE}", f"study strengths {{root}}/{LEAGUE}"),
        Visit(
            f"/studies/strengths?file={LEAGUE}&reference=small&judge=judge",
            f"study strengths {{root}}/{LEAGUE} --reference small --judge judge",
        ),
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
    "/prepare/begin": "a form; what it begins is on /prepare/plan",
    "/jobs/{name}": "a job lives in its server and ends with it",
    "/practice": "its command looks where it is run: see test_play_addresses",
    "/practice/me": "its command looks where it is run: see test_play_addresses",
    "/practice/play/{play}": "a play needs the key it was sealed with: see test_play_addresses",
    "/practice/play/{play}/debrief": "the same",
}
"""Pages that no command repeats, and why."""
EVERY = [visit for visits in VISITS.values() for visit in visits]


def picture_of(path: str, theme: str) -> str:
    """Name the picture of a page in the docs: `release-contract-page-dark.png`."""
    short = path.replace(_RELEASE, "/release").replace("{index}", "entry")
    parts = [part for part in short.split("/") if part and "{" not in part]
    return "-".join([*(parts or ["inbox"]), theme]) + ".png"
