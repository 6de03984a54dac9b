"""Reading shadow pairs in the browser: blind, safe at once, interchangeable with the terminal."""

import json
import re
from html import unescape
from pathlib import Path

from click.testing import CliRunner
from httpx import Response
from starlette.testclient import TestClient

from asking import TOKEN
from flights import AT, REVIEWED, SAID, STAGED
from shipcall.app.release import amend_release, call_release, judge_release
from shipcall.cli.main import shipcall
from shipcall.ledger.entry import Entry
from shipcall.ledger.store import Ledger

RELEASE = STAGED["shadow"]
PAGE = f"/releases/{RELEASE}/shadow/review"
BASELINE, CANDIDATE = SAID["baseline"], SAID["candidate"]


def send(desk: TestClient, action: str, **typed: str) -> Response:
    answered: Response = desk.post(f"{PAGE}/{action}", data={"token": TOKEN, **typed})
    return answered


def request_on(text: str) -> str:
    found = re.search(r'name="request" value="([^"]+)"', text)
    assert found is not None
    return unescape(found[1])


def answer(desk: TestClient, said: str) -> str:
    """Answer the pair that waits, and give the name of its request."""
    request = request_on(desk.get(PAGE).text)
    done = send(desk, "answer", request=request, answer=said)
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    return request


def notes(workspace: Path) -> list[dict[str, str]]:
    (file,) = (workspace / ".shipcall" / "reviews").iterdir()
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def entries(workspace: Path, kind: str) -> list[Entry]:
    return list(Ledger.open(workspace / ".shipcall" / "ledger.db").entries(kind=kind))


def terminal(workspace: Path, keys: str) -> str:
    file = workspace / RELEASE / "contract.toml"
    return (
        CliRunner()
        .invoke(shipcall, ["shadow", str(file), "--review"], input=keys, standalone_mode=False)
        .output
    )


def shown(text: str) -> str:
    """The pair, without the page around it."""
    return text[text.index('<div class="pair">') : text.index('<form class="answers"')]


def test_a_pair_is_shown_without_the_names_of_its_sides(desk: TestClient) -> None:
    text = desk.get(PAGE).text
    pair = shown(text)
    assert BASELINE in re.sub(r"</?mark>", "", pair)
    assert CANDIDATE in re.sub(r"</?mark>", "", pair)
    for name in ("baseline", "candidate"):
        assert name not in pair
    assert f"0 of {REVIEWED}" in text


def test_what_stands_on_one_side_only_is_marked(desk: TestClient) -> None:
    marked = re.findall(r"<mark>([^<]+)</mark>", shown(desk.get(PAGE).text))
    assert any("far" in text for text in marked)
    assert any("here" in text for text in marked)


def test_every_answer_has_a_key(desk: TestClient) -> None:
    text = desk.get(PAGE).text
    keys = dict(re.findall(r'value="(\w+)" data-key="(\w)"', text))
    assert keys == {
        "left": "b",
        "right": "c",
        "same": "e",
        "skipped": "s",
        "unsafe_left": "u",
        "unsafe_right": "i",
    }


def test_an_answer_is_on_disk_when_the_next_pair_comes(desk: TestClient, workspace: Path) -> None:
    first = answer(desk, "left")
    second = answer(desk, "skipped")
    assert [(one["request"], one["answer"]) for one in notes(workspace)] == [
        (first, "left"),
        (second, "skipped"),
    ]
    text = desk.get(PAGE).text
    assert request_on(text) not in (first, second)
    assert f"1 of {REVIEWED}" in text


def test_an_earlier_pair_can_be_seen_and_answered_anew(desk: TestClient, workspace: Path) -> None:
    first = answer(desk, "left")
    answer(desk, "same")
    text = desk.get(f"{PAGE}?pair=1").text
    assert request_on(text) == first
    assert "You said: <b>Left is better</b>" in text
    assert 'data-key="j"' in text
    assert 'data-key="k"' not in text
    send(desk, "answer", request=first, answer="right")
    assert notes(workspace)[-1]["answer"] == "right"
    assert f"2 of {REVIEWED}" in desk.get(PAGE).text


def test_a_pair_that_was_not_laid_yet_cannot_be_answered(desk: TestClient, workspace: Path) -> None:
    refused = send(desk, "answer", request="another", answer="left")
    assert refused.status_code == 400
    assert "was not laid before you" in refused.text
    assert "is no answer" in send(desk, "answer", request="another", answer="best").text
    assert not (workspace / ".shipcall" / "reviews").exists()


def test_one_may_begin_at_the_page_and_go_on_in_the_terminal(
    desk: TestClient, workspace: Path
) -> None:
    answer(desk, "left")
    assert f"pair 2 of {REVIEWED}" in terminal(workspace, "=\nq\n")
    assert f"2 of {REVIEWED}" in desk.get(PAGE).text


def test_nothing_is_recorded_before_the_sample_is_complete(
    desk: TestClient, workspace: Path
) -> None:
    answer(desk, "left")
    refused = send(desk, "finish")
    assert refused.status_code == 400
    assert f"1 of {REVIEWED} pairs were read" in refused.text
    assert entries(workspace, "reviewed") == []


def test_the_whole_sample_becomes_one_entry_and_then_sides_have_names(
    desk: TestClient, workspace: Path
) -> None:
    for said in ("left", "right", "unsafe_left", "same"):
        answer(desk, said)
    text = desk.get(PAGE).text
    assert "All pairs are read" in text
    assert "candidate" not in text[text.index("<h1>") : text.index("<footer")]
    assert entries(workspace, "reviewed") == []
    assert send(desk, "finish").status_code == 303
    (recorded,) = entries(workspace, "reviewed")
    assert sum(recorded.body["counts"].values()) == REVIEWED
    after = desk.get(PAGE).text
    assert "This review is recorded" in after
    first = desk.get(f"{PAGE}?pair=1").text
    left = recorded.body["answers"][0]["left"]
    assert f'aria-label="left"><h2>Left <span class="{left}">' in first
    assert '<form class="answers"' not in first
    closed = send(desk, "answer", request=recorded.body["answers"][0]["request"], answer="same")
    assert "its answers stand" in closed.text


def test_reading_is_recorded_as_a_look_before_the_first_pair_is_shown(
    desk: TestClient, workspace: Path
) -> None:
    """Other pairs than those that were judged: opening the page alone writes nothing."""
    lose_a_row(workspace)
    before = len(entries(workspace, "evidence_seen"))
    text = desk.get(PAGE).text
    assert "Begin to read" in text
    assert '<div class="pair">' not in text
    assert len(entries(workspace, "evidence_seen")) == before
    assert send(desk, "begin").status_code == 303
    assert len(entries(workspace, "evidence_seen")) == before + 1
    assert '<div class="pair">' in desk.get(PAGE).text
    send(desk, "begin")
    assert len(entries(workspace, "evidence_seen")) == before + 1


def lose_a_row(workspace: Path) -> None:
    """Other evidence than what was judged and shown."""
    file = workspace / RELEASE / "shadow_pairs.csv"
    rows = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8")


def test_a_blind_contract_keeps_the_sides_covered_until_somebody_calls(
    desk: TestClient, workspace: Path
) -> None:
    file = workspace / RELEASE / "contract.toml"
    file.write_text(file.read_text("utf-8") + "[decision]\nblind = true\n", encoding="utf-8")
    lose_a_row(workspace)
    amend_release(file, "blind from now on", even_so="the tests need no power")
    send(desk, "begin")
    for said in ("left", "right", "unsafe_left", "same"):
        answer(desk, said)
    send(desk, "finish")
    assert entries(workspace, "reviewed")
    for address in (PAGE, f"{PAGE}?pair=1"):
        text = desk.get(address).text
        told = text[text.index("<h1>") : text.index("<footer")]
        assert "told after your call" in told
        assert "candidate" not in told
    judge_release(file, "shadow", at=AT)
    assert "told after your call" in desk.get(PAGE).text
    call_release(file, "SHIP", probability=0.7, why="read them all")
    assert "candidate is better" in desk.get(PAGE).text


def test_without_pairs_the_page_says_what_to_bring(desk: TestClient, workspace: Path) -> None:
    (workspace / RELEASE / "shadow_pairs.csv").unlink()
    got = desk.get(PAGE)
    assert got.status_code == 200
    assert "no shadow pairs yet" in got.text
    assert desk.get(f"{PAGE}.json").status_code == 400


def test_a_release_without_a_review_says_how_to_ask_for_one(desk: TestClient) -> None:
    got = desk.get("/releases/open-reader/shadow/review")
    assert "asks for no review" in got.text


def test_too_many_skips_are_said(desk: TestClient) -> None:
    for _ in range(200):
        text = desk.get(PAGE).text
        if 'name="request"' not in text:
            break
        answer(desk, "skipped")
    assert "There are no more pairs" in desk.get(PAGE).text
    assert 'data-key="k"' in desk.get(PAGE).text
