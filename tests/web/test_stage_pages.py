"""Tabs of stages: judged again in a job, refreshed while seen, every picture with its numbers."""

import csv
import io
import os
import re
import threading
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import TOKEN, Pages
from flights import BLIND, OPEN, STAGED, UNSEALED
from shipcall.ledger.store import Ledger
from shipcall.web.jobs import JOBS

ROLLOUT = f"/releases/{STAGED['rollout']}/rollout"


def verdicts(workspace: Path, release: str) -> int:
    ledger = Ledger.open(workspace / ".shipcall" / "ledger.db")
    return sum(entry.subject == release for entry in ledger.entries(kind="verdict"))


def judge(desk: TestClient, release: str, stage: str) -> str:
    """Press the button, wait for the job, and give the address it leads to."""
    done = desk.post(f"/releases/{release}/judge", data={"token": TOKEN, "stage": stage})
    assert done.status_code == 303
    target: str = done.headers["location"]
    if target.startswith("/jobs/"):
        job = JOBS.get(target.rpartition("/")[2])
        assert job.thread is not None
        job.thread.join(120)
        assert desk.get(target).status_code == 200
        return target if job.failed else job.target
    return target


def rows(pages: Pages, address: str) -> list[dict[str, str]]:
    got = pages.get(address)
    assert got.status_code == 200
    return list(csv.DictReader(io.StringIO(got.text)))


def test_judging_again_records_one_more_verdict(desk: TestClient, workspace: Path) -> None:
    before = verdicts(workspace, OPEN)
    assert judge(desk, OPEN, "gate") == f"/releases/{OPEN}/gate"
    assert verdicts(workspace, OPEN) == before + 1


def test_what_cannot_be_judged_says_why(desk: TestClient, workspace: Path) -> None:
    (workspace / OPEN / "predictions.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    before = verdicts(workspace, OPEN)
    text = desk.get(judge(desk, OPEN, "gate")).text
    assert "It could not be done." in text
    assert "predictions.csv" in text
    assert verdicts(workspace, OPEN) == before


def test_a_covered_verdict_stays_covered_when_it_is_judged_again(desk: TestClient) -> None:
    target = judge(desk, BLIND, "gate")
    text = desk.get(target).text
    assert "wants your call before the verdict is shown" in text
    assert 'class="banner' not in text


def test_there_is_no_other_stage_than_the_four(desk: TestClient) -> None:
    done = desk.post(f"/releases/{OPEN}/judge", data={"token": TOKEN, "stage": "moon"})
    assert done.status_code == 400
    assert "gate, shadow, rollout, cohort" in done.text


def test_a_page_says_that_evidence_was_written_since(desk: TestClient, workspace: Path) -> None:
    address, said = f"/releases/{OPEN}/gate", "Files of evidence were written since"
    file, now = workspace / OPEN / "predictions.csv", time.time()
    os.utime(file, (now - 86_400, now - 86_400))
    assert said not in desk.get(address).text
    os.utime(file, (now + 60, now + 60))
    assert said in desk.get(address).text


def test_a_stage_that_was_promised_can_be_judged_from_its_empty_page(desk: TestClient) -> None:
    text = desk.get(f"/releases/{UNSEALED}/gate").text
    assert "Nothing was judged at this stage yet" in text
    assert "Judge the gate" in text
    assert "Judge the gate" in desk.get(f"/releases/{UNSEALED}").text


def test_a_stage_without_a_promise_has_nothing_to_judge(pages: Pages) -> None:
    text = pages.get(f"/releases/{OPEN}/rollout").text
    assert "The contract promises nothing for this stage" in text
    assert "Judge the rollout" not in text


def test_a_rollout_asks_for_itself_and_no_other_stage_does(pages: Pages) -> None:
    text = pages.get(ROLLOUT).text
    part = re.search(r'<div id="live"[^>]*>', text)
    assert part is not None
    assert f'hx-get="{ROLLOUT}"' in part[0]
    assert 'hx-trigger="every 15s, awake"' in part[0]
    assert "data-awake" in part[0]
    assert "data-awake" not in pages.get(f"/releases/{OPEN}/gate").text


def test_the_stamp_of_a_page_changes_with_the_ledger(desk: TestClient) -> None:
    def stamp() -> str:
        found = re.search(r'data-stamp="([^"]+)"', desk.get(f"/releases/{OPEN}/gate").text)
        assert found is not None
        return found[1]

    first = stamp()
    assert stamp() == first
    judge(desk, OPEN, "gate")
    assert stamp() != first


def test_the_form_of_the_call_stands_outside_of_what_is_refreshed(pages: Pages) -> None:
    text = pages.get(ROLLOUT).text
    assert text.index('id="live"') < text.index('id="reproduce"') < text.index('id="call"')


def test_health_comes_before_the_bands(pages: Pages) -> None:
    text = pages.get(ROLLOUT).text
    assert text.index("<b>Exposures</b>") < text.index("Looks as a table")
    for title in ("Split", "One arm each", "Outcomes", "Freshness"):
        assert f"<b>{title}</b>" in text


def test_a_band_has_its_looks_as_numbers(pages: Pages) -> None:
    found = rows(pages, f"{ROLLOUT}/charts/band-useful.csv")
    text = pages.get(ROLLOUT).text
    assert f"after {len(found)} looks drawn here" in text
    assert set(found[0]) == {"at", "share", "value", "low", "high", "n", "answer", "why_none"}
    for row in found:
        assert bool(row["value"]) != bool(row["why_none"])
        if row["value"]:
            assert float(row["low"]) <= float(row["value"]) <= float(row["high"])


@pytest.mark.parametrize(
    ("stage", "names"),
    [
        ("shadow", {"coverage", "latency"}),
        ("cohort", {"retention", "survival", "fatigue", "changes"}),
    ],
)
def test_pictures_beside_the_checks_have_stable_names(
    pages: Pages, stage: str, names: set[str]
) -> None:
    text = pages.get(f"/releases/{STAGED[stage]}/{stage}").text
    named = set(re.findall(r"/charts/([^\"?]+)\.svg", text))
    assert names <= named
    for name in names:
        assert rows(pages, f"/releases/{STAGED[stage]}/{stage}/charts/{name}.csv")


def test_slices_of_a_gate_have_a_picture_with_the_numbers_of_each(pages: Pages) -> None:
    found = rows(pages, f"/releases/{OPEN}/gate/charts/slices-accuracy.csv")
    assert {row["slice"] for row in found} >= {"country=NZ", "device=phone"}


def test_a_covered_verdict_has_no_pictures(pages: Pages) -> None:
    got = pages.get(f"/releases/{BLIND}/gate/charts/strip-gate.accuracy.csv")
    assert got.status_code == 404


def test_who_asks_twice_waits_for_the_same_work() -> None:
    held = threading.Event()
    jobs = type(JOBS)()
    first = jobs.start("Judging", "/there", lambda _: held.wait(30) and None)
    again = jobs.start("Judging", "/there", lambda _: None)
    other = jobs.start("Judging", "/elsewhere", lambda _: None)
    held.set()
    assert again is first
    assert other is not first
    assert first.thread is not None
    first.thread.join(30)
    assert jobs.start("Judging", "/there", lambda _: None) is not first


def test_other_changes_are_marked_on_the_bands_and_listed(
    desk: TestClient, workspace: Path
) -> None:
    release = STAGED["rollout"]
    folder = workspace / release
    text = (folder / "contract.toml").read_text("utf-8")
    named = text.replace(
        'outcomes = "outcomes.csv"', 'outcomes = "outcomes.csv"\nchanges = "changes.csv"'
    )
    assert named != text
    (folder / "contract.toml").write_text(named, encoding="utf-8")
    amended = desk.post(
        f"/releases/{release}/amend",
        data={"token": TOKEN, "why": "also name changes", "text": named},
    )
    assert amended.status_code == 303
    assert "No other change is known of these days" in desk.get(ROLLOUT).text
    (folder / "changes.csv").write_text(
        "at,kind,what\n2030-12-10T00:00:00Z,deploy,<b>app</b> 8\n2029-01-01T00:00:00Z,policy,old\n",
        encoding="utf-8",
    )
    page = desk.get(ROLLOUT).text
    assert "&lt;b&gt;app&lt;/b&gt; 8" in page
    assert "\u25b2</text>" in page
    assert ">old<" not in page
    (folder / "changes.csv").write_text("at,kind,what\nyesterday,deploy,x\n", "utf-8")
    assert "What else was changed cannot be read" in desk.get(ROLLOUT).text


def test_slices_stand_by_metrics_with_every_number_to_take_away(pages: Pages) -> None:
    """Filled cells lead to their checks; the others were promised by nobody."""
    text = pages.get(f"/releases/{OPEN}/slices").text
    table = re.search(r'<table class="map">(.*?)</table>', text, re.DOTALL)
    assert table
    found = rows(pages, f"/releases/{OPEN}/slices.csv")
    assert table[1].count("<td class=") == len(found) + len(found) // 2
    assert {row["metric"] for row in found} == {"accuracy", "brier"}
    assert {row["check"] for row in found if row["metric"] == "brier"} == {""}
    linked = re.findall(r"/check/slice\.([a-z]+)%3D(\w+)\?stage=gate", table[1])
    promised = [row["slice"] for row in found if row["metric"] == "accuracy"]
    assert ["=".join(pair) for pair in linked] == promised
    one = rows(pages, f"/releases/{OPEN}/slices.csv?column=device")
    assert one == [row for row in found if row["slice"].startswith("device=")]


def test_a_covered_verdict_gives_no_map_away(pages: Pages) -> None:
    assert '<table class="map">' not in pages.get(f"/releases/{BLIND}/slices").text
    got = pages.get(f"/releases/{BLIND}/slices.csv")
    assert (got.status_code, got.text) == (200, "")
