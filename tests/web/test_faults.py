"""What goes wrong: a page that says what to do, and JSON of one shape."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import TOKEN, client_of, twin_of
from flights import OPEN, UNSEALED
from shipcall.web.page import Page

CALL = f"/releases/{OPEN}/call"
SAID = {"action": "SHIP", "probability": "80", "why": "as promised", "token": TOKEN}
WRONG = {
    "/no-such-page": (404, "no such page"),
    "/releases/nobody": (400, "no release 'nobody'"),
    "/releases/nobody/gate": (400, "no release 'nobody'"),
    f"/releases/{UNSEALED}/calibration": (400, "nothing was judged"),
    f"/releases/{OPEN}/no-such-tab": (400, "no release"),
    f"/releases/{OPEN}/check/no-such-check": (400, "no check"),
    "/ledger/999": (400, "no entry 999"),
    "/ledger/x": (400, "number"),
    "/ledger/-1": (400, "number"),
    "/ledger/²": (400, "number"),
    "/ledger?page=0": (400, "no page '0'"),
    "/ledger?kind=gossip": (400, "no kind"),
}


@pytest.mark.parametrize("address", WRONG)
def test_what_is_not_there_is_said_with_what_is(desk: TestClient, address: str) -> None:
    code, said = WRONG[address]
    got = desk.get(address)
    assert got.status_code == code
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert said in got.text.replace("&#39;", "'")
    assert 'href="/releases"' in got.text


@pytest.mark.parametrize("address", ["/prepare/loop/nobody", "/prepare/simulation/nothing"])
def test_a_page_of_preparing_that_is_not_there_leads_on_to_those_that_are(
    desk: TestClient, address: str
) -> None:
    got = desk.get(address)
    assert got.status_code == 400
    main = got.text.partition("<main")[2]
    assert 'href="/prepare/loops"' in main
    assert 'href="/prepare/simulations"' in main


@pytest.mark.parametrize("address", WRONG)
def test_a_fault_has_one_shape_in_json(desk: TestClient, address: str) -> None:
    code, said = WRONG[address]
    got = desk.get(twin_of(address))
    assert got.status_code == code
    assert got.headers["content-type"] == "application/json"
    told = json.loads(got.content)
    assert told.keys() == {"kind", "status", "message"}
    assert (told["kind"], told["status"]) == ("error", code)
    assert said in told["message"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"probability": "eighty"}, "number from 0 to 100"),
        ({"probability": "101"}, "probability"),
        ({"probability": "-1"}, "probability"),
        ({"probability": "nan"}, "probability"),
        ({"action": "MAYBE"}, "Calls:"),
        ({"why": "   "}, "fill in: why"),
        ({"why": ""}, "fill in: why"),
    ],
)
def test_a_call_that_cannot_be_recorded_is_refused_with_the_reason(
    desk: TestClient, change: dict[str, str], said: str
) -> None:
    got = desk.post(CALL, data=SAID | change)
    assert got.status_code == 400
    assert said in got.text


def test_a_signature_of_a_block_that_the_contract_does_not_name_is_refused(
    desk: TestClient,
) -> None:
    said = {"block": "marketing", "word": "agree", "why": "why not", "token": TOKEN}
    got = desk.post(f"/releases/{OPEN}/sign", data=said)
    assert got.status_code == 400
    assert "product, ml" in got.text


def test_a_damaged_ledger_shows_nothing_but_that_it_is_damaged(workspace: Path) -> None:
    path = workspace / ".shipcall" / "ledger.db"
    path.write_bytes(path.read_bytes().replace(b"reader-5", b"reader-6"))
    asked = client_of(workspace)
    for address in ("/", "/releases", f"/releases/{OPEN}", f"/releases/{OPEN}/gate"):
        got = asked.get(address)
        assert got.status_code == 400
        assert "SHIP" not in got.text
    verified = asked.get("/ledger/verify")
    assert verified.status_code in (200, 400)
    assert "Every hash, signature and link" not in verified.text


def test_a_ledger_that_is_gone_is_not_taken_for_none(workspace: Path) -> None:
    (workspace / ".shipcall" / "ledger.db").unlink()
    got = client_of(workspace).get(f"/releases/{OPEN}/gate")
    assert got.status_code == 400
    assert "SHIP" not in got.text


def test_an_empty_workspace_says_what_to_do_first(tmp_path: Path) -> None:
    asked = client_of(tmp_path)
    for address in ("/", "/releases"):
        got = asked.get(address)
        assert got.status_code == 200
        assert "shipcall new classifier" in got.text
    assert "no ledger" in asked.get("/ledger").text
    assert list(tmp_path.iterdir()) == []


def test_our_own_fault_is_said_to_be_ours_and_tells_no_secret(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> dict[str, object]:
        raise RuntimeError("the secret of the engine")

    page = Page(path="/broken", title="Broken", template="inbox.html.j2", view=broken)
    monkeypatch.setattr("shipcall.web.server.PAGES", (page,))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asked = client_of(workspace)
    got = asked.get("/broken")
    assert got.status_code == 500
    assert "our fault" in got.text.lower()
    assert "secret of the engine" not in got.text
    kept = list(tmp_path.glob("shipcall-*.txt"))
    assert len(kept) == 1
    assert "the secret of the engine" in kept[0].read_text(encoding="utf-8")
    assert json.loads(asked.get("/broken.json").content)["status"] == 500
