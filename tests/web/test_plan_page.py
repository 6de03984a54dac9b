"""The plan of a release: what the seal recorded, and the chances worked out on request."""

import csv
import io
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import TOKEN
from flights import OPEN, STAGED, UNSEALED
from shipcall.web.jobs import JOBS

PLAN = f"/releases/{OPEN}/plan"


def work_out(desk: TestClient, address: str, **typed: str) -> str:
    """Send the form, wait, and give the address it leads to."""
    answer = desk.post(address, data={"token": TOKEN, **typed})
    assert answer.status_code == 303
    target: str = answer.headers["location"]
    if target.startswith("/jobs/"):
        job = JOBS.get(target.rpartition("/")[2])
        assert job.thread is not None
        job.thread.join(120)
        target = job.back if job.failed else job.target
    return target


def test_before_it_is_worked_out_the_page_says_what_the_seal_recorded(desk: TestClient) -> None:
    page = desk.get(PLAN).text
    assert "At the seal, " in page
    assert "When it was sealed, the chance" in page
    assert "Work it out" in page


def test_an_unsealed_contract_has_the_form_alone(desk: TestClient) -> None:
    page = desk.get(f"/releases/{UNSEALED}/plan").text
    assert "At the seal" not in page
    assert "Work it out" in page


@pytest.mark.slow
def test_a_plan_that_was_worked_out_is_shown_until_something_changes(
    desk: TestClient, workspace: Path
) -> None:
    target = work_out(desk, PLAN, discordance="0.1")
    assert target == f"{PLAN}?discordance=0.1"
    page = desk.get(target).text
    assert "Chance of each call" in page
    assert 'value="0.1"' in page
    assert page.count("<h1") == 1
    assert "Chance of each call" not in desk.get(f"{PLAN}?discordance=0.3").text
    rows = list(
        csv.DictReader(io.StringIO(desk.get(f"{PLAN}/charts/chances.csv?discordance=0.1").text))
    )
    shares = [float(r["chance"]) for r in rows if r["situation"] == "gain" and r["units"] == "400"]
    assert len(shares) == 3
    assert sum(shares) == pytest.approx(1)
    assert desk.get(f"{PLAN}/charts/chances.svg?discordance=0.1").text.startswith("<svg")
    file = workspace / OPEN / "contract.toml"
    file.write_text(file.read_text("utf-8") + "# later\n", encoding="utf-8")
    assert "Chance of each call" not in desk.get(target).text


def test_what_cannot_be_taken_comes_back_with_what_was_typed(desk: TestClient) -> None:
    target = work_out(desk, PLAN, gain="speed=3")
    page = desk.get(target).text
    assert "the contract has no metric &#39;speed&#39;" in page
    assert 'value="speed=3"' in page


def test_an_address_that_is_no_number_is_told_so(desk: TestClient) -> None:
    page = desk.get(f"{PLAN}?discordance=lots")
    assert page.status_code == 200
    assert "is not a share" in page.text


def test_a_release_without_a_gate_says_why_there_are_no_chances(desk: TestClient) -> None:
    address = f"/releases/{STAGED['cohort']}/plan"
    page = desk.get(work_out(desk, address)).text
    assert "not known" in page
