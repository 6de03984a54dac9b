"""Contract pages: the forms that seal and amend do what the commands do, and lose no typed text."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from asking import TOKEN, client_of
from flights import OPEN, READER, UNSEALED
from shipcall.app.ledger import ledger_view
from shipcall.web.jobs import JOBS

SEALED, FRESH = f"/releases/{OPEN}", f"/releases/{UNSEALED}"
EVEN_SO = {"even_so": "the tests need no power"}


def post(desk: TestClient, address: str, fields: Mapping[str, str]) -> Response:
    """Send a form, wait for its job, and follow to where it leads."""
    answer = desk.post(address, data={"token": TOKEN, **fields})
    assert answer.status_code == 303
    target = answer.headers["location"]
    if target.startswith("/jobs/"):
        job = JOBS.get(target.rpartition("/")[2])
        assert job.thread is not None
        job.thread.join(60)
        target = (job.back if job.failed else job.target) or target
    got: Response = desk.get(target)
    return got


def kinds(root: Path) -> list[str]:
    return [line["kind"] for line in ledger_view(root)["entries"]]


def rewrite(root: Path, release: str, old: str, new: str) -> None:
    file = root / release / "contract.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_an_unsealed_contract_is_sealed_by_its_form(desk: TestClient, workspace: Path) -> None:
    page = desk.get(f"{FRESH}/contract").text
    assert "Not sealed yet" in page
    assert "W2" in page, "the lints stand before the form"
    assert page.index("W2") < page.index('id="form"')
    before = kinds(workspace)
    after = post(desk, f"{FRESH}/seal", EVEN_SO)
    assert "● Sealed" in after.text
    assert kinds(workspace) == [*before, "sealed"]


def test_a_seal_that_can_hardly_decide_comes_back_with_what_was_typed(
    desk: TestClient, workspace: Path
) -> None:
    rewrite(workspace, UNSEALED, "units = 400", "units = 9")
    before = kinds(workspace)
    after = post(desk, f"{FRESH}/seal", {"gain": "accuracy=0.001", "discordance": "0.2"})
    assert "Nothing was recorded." in after.text
    assert "can hardly decide" in after.text
    assert 'value="accuracy=0.001"' in after.text
    assert 'value="0.2"' in after.text
    assert kinds(workspace) == before


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("discordance", "many", "&#39;many&#39; is not a share"),
        ("discordance", "7", "is not a share above 0"),
        ("units_per_day", "some", "&#39;some&#39; is not a count"),
        ("gain", "speed=3", "the contract has no metric &#39;speed&#39;"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_what_was_typed(
    desk: TestClient, field: str, typed: str, said: str
) -> None:
    after = post(desk, f"{FRESH}/seal", {**EVEN_SO, field: typed})
    assert said in after.text
    assert f'value="{typed}"' in after.text
    assert EVEN_SO["even_so"] in after.text


def test_a_sealed_contract_has_no_form_until_its_file_says_otherwise(
    desk: TestClient, workspace: Path
) -> None:
    assert 'id="form"' not in desk.get(f"{SEALED}/contract").text
    rewrite(workspace, OPEN, "may_lose = 0.05", "may_lose = 0.08")
    page = desk.get(f"{SEALED}/contract").text
    assert "is not what was sealed" in page
    assert "▼</span> loosened" in page
    assert 'name="why"' in page


def test_an_amendment_is_recorded_with_its_reason(desk: TestClient, workspace: Path) -> None:
    rewrite(workspace, OPEN, "may_lose = 0.05", "may_lose = 0.08")
    after = post(desk, f"{SEALED}/amend", {**EVEN_SO, "why": "scans got <b>worse</b>"})
    assert "amended 1 time" in after.text
    told = desk.get(f"{SEALED}/contract/amendments").text
    assert "scans got &lt;b&gt;worse&lt;/b&gt;" in told
    assert "<del><code>may_lose = 0.05</code></del>" in told
    assert "<ins><code>may_lose = 0.08</code></ins>" in told
    assert "after evidence" in told


def test_an_amendment_without_a_reason_is_refused_and_nothing_is_recorded(
    desk: TestClient, workspace: Path
) -> None:
    rewrite(workspace, OPEN, "may_lose = 0.05", "may_lose = 0.08")
    before = kinds(workspace)
    after = post(desk, f"{SEALED}/amend", {**EVEN_SO, "why": "  "})
    assert "an amendment needs a reason" in after.text
    assert kinds(workspace) == before


def test_a_contract_that_is_sealed_is_not_sealed_again(desk: TestClient, workspace: Path) -> None:
    before = kinds(workspace)
    assert "is sealed already" in post(desk, f"{SEALED}/seal", EVEN_SO).text
    assert kinds(workspace) == before


def test_a_contract_with_faults_shows_them_and_no_form(desk: TestClient, workspace: Path) -> None:
    rewrite(workspace, UNSEALED, "may_lose = 0.05", "may_loose = 0.05")
    page = desk.get(f"{FRESH}/contract").text
    assert "it cannot be sealed or judged as it is" in page
    assert 'id="form"' not in page
    rewrite(workspace, OPEN, "may_lose = 0.05", "may_loose = 0.05")
    told = desk.get(f"{SEALED}/contract/amendments")
    assert told.status_code == 200
    assert "what it would change cannot be told" in told.text


@pytest.mark.parametrize("what", ["seal", "amend", "plan"])
def test_a_form_without_its_token_writes_nothing(
    desk: TestClient, workspace: Path, what: str
) -> None:
    before = kinds(workspace)
    answer = desk.post(f"{FRESH}/{what}", data={"token": "guessed", **EVEN_SO, "why": "x"})
    assert answer.status_code == 403
    assert kinds(workspace) == before


def test_a_seal_in_a_folder_below_is_found_from_the_workspace(tmp_path: Path) -> None:
    """A workspace begins where it is served, not in the folder of its first contract."""
    root = tmp_path / "fresh"
    (root / "reader").mkdir(parents=True)
    text = READER.format(id="first", blind="false")
    (root / "reader" / "contract.toml").write_text(text, encoding="utf-8")
    desk = client_of(root)
    assert "● Sealed" in post(desk, "/releases/first/seal", EVEN_SO).text
    assert kinds(root) == ["sealed"]


def test_the_page_to_sign_is_taken_away_as_markdown(desk: TestClient) -> None:
    answer = desk.get(f"{SEALED}/contract/page.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="{OPEN}-contract-page.md"'
    )
    assert "- product: ____" in answer.text
