"""The guard: who is answered, what may write, and what every answer forbids a browser to do."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from asking import HOST, TOKEN, client_of
from flights import OPEN
from shipcall.core import UsageError
from shipcall.ledger.store import Ledger
from shipcall.web.command import serve
from shipcall.web.guard import COOKIE, ENTER
from shipcall.web.server import MOST_FORM, Place

ACCESS = "let me in"
CALL = f"/releases/{OPEN}/call"
SAID = {"action": "SHIP", "probability": "80", "why": "as promised", "token": TOKEN}


def entries(root: Path) -> int:
    return len(list(Ledger.open(root / ".shipcall" / "ledger.db").entries()))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7788", "localhost:7788", "[::1]:7788", "LOCALHOST:7788"]
)
def test_every_name_of_this_machine_is_answered(desk: TestClient, host: str) -> None:
    assert desk.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:7789",
        "127.0.0.1:7788.evil.example",
        "localhost.evil.example:7788",
        "evil.example:7788",
        "",
    ],
)
@pytest.mark.parametrize("address", ["/", "/ledger.json", "/static/app.js", "/-/health", "/no"])
def test_a_name_that_is_not_ours_is_refused_everywhere(
    desk: TestClient, host: str, address: str
) -> None:
    """A name that somebody else's server resolves to this machine opens nothing (DNS rebinding)."""
    got = desk.get(address, headers={"host": host})
    assert got.status_code == 400
    assert "127.0.0.1:7788" in got.text
    assert "shipcall</a>" not in got.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:7789"},
        {"origin": f"http://{HOST}.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_writes_nothing(
    desk: TestClient, workspace: Path, headers: dict[str, str]
) -> None:
    """Even with the right token."""
    before = entries(workspace)
    assert desk.post(CALL, data=SAID, headers=headers).status_code == 403
    assert entries(workspace) == before


@pytest.mark.parametrize("token", [None, "", "of yesterday's forms", TOKEN + " ", "\x00", "é"])
def test_a_form_without_the_token_of_this_server_writes_nothing(
    desk: TestClient, workspace: Path, token: str | None
) -> None:
    before = entries(workspace)
    said = {name: text for name, text in SAID.items() if name != "token"}
    got = desk.post(CALL, data=said if token is None else said | {"token": token})
    assert got.status_code == 403
    assert "Open the page again" in got.text
    assert entries(workspace) == before


def test_a_form_of_our_own_page_writes_and_leads_back(desk: TestClient, workspace: Path) -> None:
    before = entries(workspace)
    own = {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
    got = desk.post(CALL, data=SAID, headers=own)
    assert (got.status_code, got.headers["location"]) == (303, f"/releases/{OPEN}/gate")
    assert entries(workspace) == before + 1


def test_asking_for_a_page_writes_nothing(desk: TestClient, workspace: Path) -> None:
    before = entries(workspace)
    assert desk.get(CALL, params=SAID).status_code >= 400
    assert entries(workspace) == before


def test_a_form_that_is_too_large_is_not_read_to_its_end(desk: TestClient) -> None:
    got = desk.post(CALL, data=SAID | {"why": "x" * (MOST_FORM + 1)})
    assert got.status_code == 413


@pytest.mark.parametrize("address", ["/", "/ledger.json", "/static/app.css", "/no-such-page"])
def test_every_answer_says_what_a_browser_may_do_with_it(desk: TestClient, address: str) -> None:
    headers = desk.get(address).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_refusal_carries_the_same_rules(desk: TestClient) -> None:
    got = desk.get("/", headers={"host": "evil.example"})
    assert "default-src 'none'" in got.headers["content-security-policy"]


def away(root: Path) -> TestClient:
    """A server beyond loopback."""
    return client_of(root, access=ACCESS, host="reader.example")


@pytest.mark.parametrize("address", ["/", "/ledger.json", "/static/app.js", "/-/health", CALL])
def test_beyond_this_machine_nothing_is_told_without_the_access_token(
    workspace: Path, address: str
) -> None:
    asked = away(workspace)
    assert asked.get(address).status_code == 401
    wrong = {"authorization": "Bearer let me out"}
    assert asked.get(address, headers=wrong).status_code == 401
    assert asked.get(address, headers={"cookie": f"{COOKIE}=let-me-out"}).status_code == 401


def test_the_access_token_opens_by_header_or_by_a_cookie_that_no_script_reads(
    workspace: Path,
) -> None:
    asked = away(workspace)
    assert asked.get("/", headers={"authorization": f"Bearer {ACCESS}"}).status_code == 200
    entered = asked.get(ENTER, params={"token": ACCESS})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    kept = entered.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert asked.get("/").status_code == 200


def test_a_wrong_access_token_gets_no_cookie(workspace: Path) -> None:
    asked = away(workspace)
    assert "set-cookie" not in asked.get(ENTER, params={"token": "let me out"}).headers
    assert asked.get("/").status_code == 401


@pytest.mark.parametrize("host", [HOST, "proxy.example", "10.1.2.3:7788"])
def test_with_the_access_token_every_name_is_answered(workspace: Path, host: str) -> None:
    """Visitors and proxies have names of their own; the token is what keeps others out."""
    headers = {"host": host, "authorization": f"Bearer {ACCESS}"}
    asked = away(workspace)
    assert asked.get("/", headers=headers).status_code == 200
    assert asked.get("/", headers={"host": host}).status_code == 401
    from_there = headers | {"origin": f"https://{host}"}
    assert asked.post(CALL, data=SAID, headers=from_there).status_code == 303
    from_elsewhere = headers | {"origin": "https://evil.example"}
    assert asked.post(CALL, data=SAID, headers=from_elsewhere).status_code == 403


def test_a_server_for_others_does_not_start_without_a_token(workspace: Path) -> None:
    arguments = [str(workspace), "--host", "reader.example", "--no-browser"]
    said = CliRunner().invoke(serve, arguments)
    assert isinstance(said.exception, UsageError)
    assert "--access-token" in str(said.exception)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_none_and_no_other_name_of_it_is_taken(host: str) -> None:
    place = Place(root=Path(), host=host)
    assert place.hosts == ["127.0.0.1:7788", "localhost:7788", "[::1]:7788"]
    assert place.seen_as == "127.0.0.1:7788"


def test_who_answers_everywhere_prints_a_name_that_others_can_use() -> None:
    place = Place(root=Path(), host="0.0.0.0", access=ACCESS)  # noqa: S104 - it is not bound
    assert place.seen_as == f"{socket.gethostname()}:7788"
