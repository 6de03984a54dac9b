"""Routes: PAGES and ACTIONS, the two tables of the web. A line here is all a new page needs."""

from collections.abc import Mapping
from pathlib import Path

from shipcall.app.board import file_of, inbox_view, release_view, releases_view
from shipcall.app.ledger import ledger_view, verify_ledger
from shipcall.app.pages import contract_twin
from shipcall.app.release import call_release
from shipcall.app.signing import sign_release
from shipcall.core import UsageError
from shipcall.web import (
    contracts,
    drill,
    plans,
    practice,
    preparation,
    reading,
    records,
    stages,
    studies,
    work,
)
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page

STAGES = ("gate", "shadow", "rollout", "cohort")
_RELEASE = "/releases/{release:path}"
_PAIRS = f"{_RELEASE}/shadow/review"


PAGES: tuple[Page, ...] = (
    Page(
        path="/",
        title="Inbox",
        template="inbox.html.j2",
        view=lambda root, _: inbox_view(root),
        nav="inbox",
    ),
    Page(
        path="/releases",
        title="Releases",
        template="releases.html.j2",
        view=releases_view,
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/check/{{check:path}}",
        title="{id}: {check}",
        template="check.html.j2",
        view=drill.check_page,
        twin=drill.check_twin,
        charts=drill.check_charts,
        more=drill.check_pieces,
        nav="releases",
    ),
    reading.reading_page(_PAIRS),
    *(stages.stage_page(stage, f"{_RELEASE}/{stage}") for stage in STAGES),
    Page(
        path=f"{_RELEASE}/slices",
        title="{id}: slices",
        template="slices.html.j2",
        view=drill.slices_page,
        twin=drill.slices_twin,
        charts=drill.slice_charts,
        more=drill.slice_pieces,
        files={".csv": drill.slices_file},
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/calibration",
        title="{id}: calibration",
        template="calibration.html.j2",
        view=drill.calibration_page,
        twin=drill.calibration_twin,
        charts=drill.calibration_charts,
        more=drill.calibration_pieces,
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/contract",
        title="{id}: contract",
        template="contract.html.j2",
        view=contracts.contract_page,
        twin=lambda root, asked: contract_twin(root, asked["release"]),
        more=contracts.contract_pieces,
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/contract/page",
        title="{id}: one page",
        template="onepage.html.j2",
        view=contracts.one_page_page,
        twin=contracts.one_page_twin,
        more=contracts.one_page_pieces,
        files={".md": contracts.one_page_file},
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/contract/amendments",
        title="{id}: amendments",
        template="amendments.html.j2",
        view=contracts.amendments_page,
        twin=contracts.amendments_twin,
        more=contracts.contract_pieces,
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/plan",
        title="{id}: plan",
        template="plan_tab.html.j2",
        view=plans.plan_page,
        twin=plans.plan_twin,
        charts=plans.plan_charts,
        more=plans.plan_pieces,
        nav="releases",
    ),
    Page(
        path=f"{_RELEASE}/report",
        title="{id}: report",
        template="report_tab.html.j2",
        view=records.report_page,
        twin=records.report_twin,
        more=records.report_pieces,
        files={".html": records.report_file},
        nav="releases",
    ),
    Page(
        path=_RELEASE,
        title="{id}",
        template="release.html.j2",
        view=lambda root, asked: release_view(root, asked["release"]),
        nav="releases",
    ),
    Page(
        path=work.JOB,
        title="{title}",
        template="job.html.j2",
        view=work.waiting_view,
        nav="releases",
    ),
    *practice.PAGES,
    *preparation.PAGES,
    *studies.PAGES,
    Page(
        path="/ledger",
        title="Ledger",
        template="ledger.html.j2",
        view=ledger_view,
        more=records.ledger_pieces,
        nav="ledger",
    ),
    Page(
        path="/ledger/verify",
        title="Ledger verified",
        template="verify.html.j2",
        view=lambda root, asked: verify_ledger(root, asked.get("head") or None),
        nav="ledger",
    ),
    Page(
        path="/ledger/{index}",
        title="Ledger entry",
        template="entry.html.j2",
        view=records.entry_page,
        twin=records.entry_page,
        more=records.entry_pieces,
        nav="ledger",
    ),
)
"""In the order in which addresses are tried: what ends in a tab comes before the release itself."""


def _call(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    told = call_release(
        file_of(root, asked["release"]),
        form["action"],
        probability=_share(form["probability"]),
        why=form["why"],
    )
    return address_of("releases", asked["release"], told["stage"])


def _sign(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    agrees = {"agree": True, "refuse": False}.get(form["word"])
    if agrees is None:
        raise UsageError("a block agrees or refuses.")
    sign_release(file_of(root, asked["release"]), form["block"], agrees=agrees, why=form["why"])
    return address_of("releases", asked["release"])


def _share(text: str) -> float:
    try:
        percent = float(text.strip().removesuffix("%"))
    except ValueError as wrong:
        raise UsageError(f"{text!r} is no probability; give a number from 0 to 100.") from wrong
    return percent / 100


ACTIONS: tuple[Action, ...] = (
    Action(path=f"{_RELEASE}/call", act=_call, fields=("action", "probability", "why")),
    Action(path=f"{_RELEASE}/judge", act=work.judge_again, fields=("stage",)),
    *reading.reading_actions(_PAIRS),
    Action(path=f"{_RELEASE}/sign", act=_sign, fields=("block", "word", "why")),
    Action(path=f"{_RELEASE}/seal", act=contracts.seal),
    Action(path=f"{_RELEASE}/amend", act=contracts.amend),
    Action(path=f"{_RELEASE}/plan", act=plans.work_out),
    Action(path=f"{_RELEASE}/check/{{check:path}}/work", act=drill.work_out),
    *practice.ACTIONS,
    *preparation.ACTIONS,
    *studies.ACTIONS,
)
