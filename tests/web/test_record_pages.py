"""Ledger and report pages: what is on record, readable, and covered where a call is due."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import TOKEN, Pages
from flights import BLIND, OPEN, STAGED
from shipcall.app.export import export_text
from shipcall.app.ledger import ledger_view


def index_of(root: Path, release: str, kind: str) -> int:
    """Number of the newest entry of a kind."""
    lines = ledger_view(root, {"release": release, "kind": kind})["entries"]
    return int(lines[-1]["index"])


def test_the_ledger_is_narrowed_by_its_address(pages: Pages) -> None:
    page = pages.get(f"/ledger?release={OPEN}&kind=verdict").text
    rows = re.findall(r"<tr><td class=\"right\">", page)
    assert len(rows) == 1
    assert f"<option selected>{OPEN}</option>" in page
    assert '<option value="verdict" selected>' in page


def test_an_address_that_fits_nothing_says_how_to_see_all(pages: Pages) -> None:
    assert "No entry fits." in pages.get(f"/ledger?release={BLIND}&kind=reconciled").text
    assert pages.get("/ledger?kind=nonsense").status_code == 400


def test_a_verdict_is_readable_on_its_entry(flown: Path, pages: Pages) -> None:
    page = pages.get(f"/ledger/{index_of(flown, OPEN, 'verdict')}").text
    assert "Rule " in page
    assert "predictions.csv" in page
    assert f"/releases/{OPEN}/gate" in page
    assert "<summary>findings</summary>" in page


def test_a_covered_verdict_gives_nothing_away_before_the_call(
    desk: TestClient, workspace: Path
) -> None:
    entry = f"/ledger/{index_of(workspace, BLIND, 'verdict')}"
    for address in (entry, f"{entry}.json", "/ledger?release=" + BLIND):
        assert not re.search(r"\bSHIP\b|ALL_SHOWN|CLEAR", desk.get(address).text)
    assert "To your call" in desk.get(entry).text
    form = {"token": TOKEN, "action": "HOLD", "probability": "50", "why": "let me see"}
    assert desk.post(f"/releases/{BLIND}/call", data=form).status_code == 303
    assert "Rule " in desk.get(entry).text


@pytest.mark.parametrize("kind", ["sealed", "evidence_seen", "call"])
def test_every_kind_of_entry_is_readable(desk: TestClient, workspace: Path, kind: str) -> None:
    form = {"token": TOKEN, "action": "HOLD", "probability": "50", "why": "<i>slowly</i>"}
    desk.post(f"/releases/{OPEN}/call", data=form)
    page = desk.get(f"/ledger/{index_of(workspace, OPEN, kind)}").text
    said = {
        "sealed": "When it was sealed, the chance",
        "evidence_seen": "predictions",
        "call": "&lt;i&gt;slowly&lt;/i&gt;",
    }
    assert said[kind] in page


def test_an_entry_that_there_is_not_is_refused(pages: Pages) -> None:
    for index in ("999", "x", "²", "-1"):
        assert pages.get(f"/ledger/{index}").status_code == 400


def test_the_report_is_taken_away_as_the_file_that_the_command_writes(
    flown: Path, pages: Pages
) -> None:
    answer = pages.get(f"/releases/{OPEN}/report.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.text == export_text("release", flown / OPEN / "contract.toml", None)


@pytest.mark.parametrize("stage", STAGED)
def test_every_stage_has_its_section_in_the_report(pages: Pages, stage: str) -> None:
    page = pages.get(f"/releases/{STAGED[stage]}/report").text
    assert f'id="s-{stage}"' in page
    assert "Checks" in page


def test_a_release_that_nobody_sealed_says_what_to_do(pages: Pages) -> None:
    answer = pages.get("/releases/next-reader/report")
    assert answer.status_code == 400
    assert "shipcall seal" in answer.text
