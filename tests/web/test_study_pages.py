"""Pages of studies: an address is a study; opening one writes nothing; a threshold moves."""

import csv
import html
import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from asking import TOKEN, client_of, twin_of
from flights import BLIND, patient
from shipcall.app.newest import Newest
from shipcall.app.study_fields import FIELDS
from shipcall.app.workspace import workspace_of
from shipcall.cli.main import shipcall
from shipcall.cli.study import study
from shipcall.web.jobs import JOBS
from shipcall.web.studies import answers
from studied import LEAGUE, ROUTER, study_all

FILE = f"{ROUTER}/contract.toml"
CASCADE = f"/studies/cascade?file={FILE}&signal=sure"
UNSEEN = "/studies/cascade?file=unseen/contract.toml&signal=sure"
OF_DOORS = {"file", "folder", "as_json", "output", "svg"}
"""Parameters of commands that say how the answer is written, and the contract."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Releases that were looked at, one at which nobody looked, and something outside."""
    folder = tmp_path_factory.mktemp("studies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        root = folder / "workspace"
        (root / ".shipcall").mkdir(parents=True)
        study_all(root)
        unseen = root / "unseen"
        unseen.mkdir()
        for name in ("runs.csv", "contract.toml"):
            text = (root / ROUTER / name).read_text("utf-8").replace(ROUTER, "unseen")
            (unseen / name).write_text(text, encoding="utf-8")
        (folder / "outside.toml").write_text('secret = "do not show"\n', encoding="utf-8")
        (root / "link.toml").symlink_to(folder / "outside.toml")
        patient(patch)
        yield root


@pytest.fixture(scope="module")
def asked(made: Path) -> TestClient:
    """Somebody who asks for pages."""
    return client_of(made)


def entries(root: Path) -> int:
    return len(list(workspace_of(root).ledger().entries()))


def twin(asked: TestClient, address: str) -> dict[str, Any]:
    view: dict[str, Any] = asked.get(twin_of(address)).json()
    return view


def tile(page: str, title: str) -> str:
    """What a tile of the threshold says."""
    found = re.search(rf'<div class="tile"><b>{title}</b>(.*?)</div>', page, re.DOTALL)
    assert found
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1]))


@pytest.mark.parametrize("name", FIELDS)
def test_the_form_has_a_field_for_every_option_of_the_command(name: str) -> None:
    options = {option.name: option.opts for option in study.commands[name].params}
    wanted = {known: opts[0] for known, opts in options.items() if known not in OF_DOORS}
    assert {field.name: field.flag for field in FIELDS[name]} == wanted


def test_every_study_is_listed_with_its_question_and_the_contracts_it_can_read(
    asked: TestClient,
) -> None:
    page = asked.get("/studies").text
    assert "How many inferences does a user make in a day?" in page
    by_name = {one["study"]: one for one in twin(asked, "/studies")["studies"]}
    assert list(by_name) == list(FIELDS)
    assert all(f'href="/studies/{name}"' in page for name in FIELDS)
    assert by_name["strengths"]["files"] == [LEAGUE]
    assert not by_name["strengths"]["contract"]
    assert by_name["repeats"]["files"] == [FILE, "unseen/contract.toml"]
    assert by_name["offpolicy"]["files"] == ["slot-flight/contract.toml"]
    assert by_name["costs"]["files"] == []
    assert "What it needs" in page


@pytest.mark.parametrize("name", FIELDS)
def test_a_study_of_which_nothing_is_asked_shows_its_form_and_its_question(
    name: str, asked: TestClient
) -> None:
    got = asked.get(f"/studies/{name}")
    assert got.status_code == 200
    assert "Asks you:" in got.text
    assert all(f'name="{field.name}"' in got.text for field in FIELDS[name])
    assert asked.get(f"/studies/{name}.json").status_code == (200 if name == "bill" else 400)


def test_a_first_look_at_outcomes_is_asked_for_and_goes_on_record(
    made: Path, asked: TestClient
) -> None:
    """A page that anybody may link to must not enter anything in the ledger."""
    before = entries(made)
    page = asked.get(UNSEEN).text
    assert "A first look at outcomes" in page
    assert "At every threshold" not in page
    refused = asked.get(twin_of(UNSEEN))
    assert refused.status_code == 400
    assert "first look" in refused.json()["message"]
    form = {"file": "unseen/contract.toml", "signal": "sure"}
    assert asked.post("/studies/cascade/look", data={**form, "token": "?"}).status_code == 403
    assert entries(made) == before
    sent = asked.post("/studies/cascade/look", data={**form, "token": TOKEN})
    assert sent.status_code == 303
    assert entries(made) == before + 1
    told = asked.get(sent.headers["location"])
    assert told.status_code == 200
    assert "At every threshold" in told.text
    assert twin(asked, UNSEEN)["release"] == "unseen"
    assert entries(made) == before + 1


def test_a_look_that_cannot_be_had_leaves_no_trace_and_says_why(
    made: Path, asked: TestClient
) -> None:
    before = entries(made)
    form = {"file": "unseen/contract.toml", "metric": "speed", "token": TOKEN}
    sent = asked.post("/studies/repeats/look", data=form)
    back = asked.get(sent.headers["location"])
    assert back.status_code == 400
    assert "metric &#39;speed&#39;" in back.text
    assert entries(made) == before
    assert asked.post("/studies/luck/look", data=form).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "../outside.toml",
        "/etc/passwd",
        f"{ROUTER}/../../outside.toml",
        "C:/outside.toml",
        "..\\outside.toml",
        "link.toml",
        f"{ROUTER}/runs.csv",
        "nowhere.toml",
        ".",
        "%00.toml",
    ],
)
def test_a_file_that_is_no_contract_inside_the_workspace_is_refused(
    path: str, asked: TestClient
) -> None:
    for name in ("bill", "cascade"):
        got = asked.get(f"/studies/{name}?file={path}")
        assert got.status_code == 400
        assert 'id="w-file"' in got.text
        assert "do not show" not in got.text
        assert asked.get(f"/studies/{name}.json?file={path}").status_code == 400
    sent = asked.post("/studies/cascade/look", data={"file": path, "token": TOKEN})
    assert asked.get(sent.headers["location"]).status_code == 400


def test_what_cannot_be_read_comes_back_with_every_message_beside_its_field(
    asked: TestClient,
) -> None:
    got = asked.get(f"{CASCADE}&may_lose=much&first=third&threshold=nan")
    assert got.status_code == 400
    assert 'value="much"' in got.text
    for name, text in (("may_lose", "much"), ("first", "third"), ("threshold", "nan")):
        assert re.search(rf'id="w-{name}"[^>]*>.*?&#39;{text}&#39;', got.text)
        assert f'aria-describedby="w-{name}' in got.text
    assert asked.get(f"/studies/costs?file={FILE}&live_rows=1.5").status_code == 400


def test_what_the_study_refuses_stands_beside_the_field_it_speaks_of(asked: TestClient) -> None:
    got = asked.get(f"{CASCADE}&may_lose=-1")
    assert got.status_code == 400
    assert re.search(r'id="w-may_lose"[^>]*>.*?--may-lose -1 is not above 0', got.text)
    unnamed = asked.get(f"/studies/cascade?file={FILE}")
    assert re.search(r'id="w-signal"[^>]*>.*?which column says how sure', unnamed.text)
    assert '<option value="sure">' in unnamed.text
    nobody = asked.get(f"/studies/offpolicy?file={FILE}")
    assert nobody.status_code == 400
    assert 'role="alert"' in nobody.text


def test_the_threshold_moves_with_links_alone_and_its_numbers_are_those_of_the_command(
    asked: TestClient,
) -> None:
    shares = []
    address = f"{CASCADE}&threshold=0.62"
    for _ in range(3):
        page = asked.get(address).text
        view = twin(asked, address.partition("#")[0])
        (chosen,) = next(t["rows"] for t in view["tables"] if t["name"] == "chosen")
        share = chosen["fallback"]["value"]
        assert f"{100 * share:.3g} %" in tile(page, "falls back")
        shares.append(share)
        link = re.search(r'rel="next"[^>]*href="([^"]+)"', page)
        assert link
        address = html.unescape(link[1])
    assert shares == sorted(set(shares))


def test_a_threshold_of_the_table_has_there_the_numbers_of_the_table(asked: TestClient) -> None:
    """By the definition: a row of the table and the threshold asked for are one cascade."""
    view = twin(asked, CASCADE)
    row = view["tables"][0]["rows"][7]
    again = twin(asked, f"{CASCADE}&threshold={row['threshold']!r}")
    (chosen,) = next(t["rows"] for t in again["tables"] if t["name"] == "chosen")
    assert chosen == {name: cell for name, cell in row.items() if name != "front"}
    page = asked.get(f"{CASCADE}&threshold={row['threshold']!r}").text
    assert '<tr class="here" aria-current="true">' in page


def test_the_designer_is_a_picture_with_its_numbers(asked: TestClient) -> None:
    svg = asked.get("/studies/cascade/charts/designer.svg?" + CASCADE.partition("?")[2])
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "style=" not in svg.text
    assert "asked for" not in svg.text
    query = f"{CASCADE}&threshold=0.62".partition("?")[2]
    marked = asked.get(f"/studies/cascade/charts/designer.svg?{query}").text
    assert "asked for: 0.62" in marked
    text = asked.get(f"/studies/cascade/charts/designer.csv?{query}").text
    rows = list(csv.DictReader(io.StringIO(text)))
    table = twin(asked, f"{CASCADE}&threshold=0.62")["tables"][0]["rows"]
    assert [row["asked_for"] for row in rows] == ["False"] * len(table) + ["True"]
    for row, cells in zip(rows, table, strict=False):
        assert float(row["value_low"]) == cells["value"]["low"]
        assert float(row["p99_value"]) == cells["p99"]["value"]


def test_the_numbers_of_a_chart_are_those_of_the_study(asked: TestClient) -> None:
    address = f"/studies/repeats?file={FILE}"
    (chart, *_) = twin(asked, address)["charts"]
    text = asked.get(f"/studies/repeats/charts/{chart['name']}.csv?file={FILE}").text
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["y"]]
    points = [(line["title"], p["x"], p["y"]) for line in chart["lines"] for p in line["points"]]
    assert [(row["line"], float(row["x"]), float(row["y"])) for row in rows] == points


def test_what_nobody_can_tell_is_said_so(asked: TestClient) -> None:
    """Above 0.99 some seven of 700 questions are kept; nobody loses less than one in a million."""
    page = asked.get(f"{CASCADE}&threshold=0.99&may_lose=0.000001").text
    assert "no data" in tile(page, "over a random choice")
    assert "no threshold was shown" in page
    assert '<span aria-hidden="true">◆</span> can&#39;t tell</span>' in page
    near = asked.get(f"{CASCADE}&threshold=0.97").text
    assert "can't tell from 0" in tile(near, "less the second alone")


def test_a_bill_without_its_question_answered_is_a_range(asked: TestClient) -> None:
    """By hand: 50,000,000 users x 0.0002 = 10,000 a day for one inference, a million for 100."""
    address = "/studies/bill?price=0.0002&users=50_000_000&currency=USD"
    page = asked.get(address).text
    assert "how many inferences does a user make in a day?" in page
    assert "10,000 USD a day for 1 and 1,000,000 USD a day for 100" in page
    assert '<a href="#f-per_user_day">' in page
    said = asked.get(f"{address}&per_user_day=5-20").text
    assert "50,000 USD to 200,000 USD a day" in said
    assert '<a href="#f-per_user_day">' not in said
    wrong = asked.get(f"{address}&per_user_day=often")
    assert wrong.status_code == 400
    assert re.search(r'id="w-per_user_day"[^>]*>.*?&#39;often&#39;', wrong.text)


@pytest.mark.parametrize(
    "address",
    [
        f"{CASCADE}&may_lose=5e-2&threshold=0.5&second_cost=1&first=baseline",
        f"/studies/repeats?file={FILE}&item_price=2&run_price=0.5",
        f"/studies/labels?file={FILE}&gains=right%3D6pp&discordance=.3",
        "/studies/bill?price=2e-4&users=1_000_000-2_000_000",
    ],
)
def test_the_command_on_the_page_prints_what_the_twin_gives(
    address: str, made: Path, asked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r'<pre id="command">(.*?)</pre>', asked.get(address).text)
    assert found
    program, *words = shlex.split(html.unescape(found[1]))
    monkeypatch.chdir(made)
    said = CliRunner().invoke(shipcall, [*words, "--json"], standalone_mode=False)
    assert program == "shipcall"
    assert said.exception is None
    assert said.stdout_bytes == asked.get(twin_of(address)).content


def test_what_takes_longer_than_a_second_is_waited_for_elsewhere(
    asked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipcall.web.jobs.Jobs.where.__kwdefaults__", {"patience": 0.0})
    address = f"{CASCADE}&kept_right=0.55"
    page = asked.get(address).text
    found = re.search(r'data-go="(/jobs/(\w+))"', page)
    assert found
    job = JOBS.get(found[2])
    assert job.thread is not None
    job.thread.join(60)
    assert "What was said" in asked.get(job.target).text


def test_what_is_our_fault_is_not_kept_and_not_taken_for_an_answer(
    asked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/studies/labels?file={FILE}&price=7"
    with monkeypatch.context() as patch:
        patch.setattr(answers, "answer", lambda _: 1 / 0)
        got = asked.get(address)
        assert got.status_code == 500
        assert "This is our fault" in got.text
    assert asked.get(address).status_code == 200


def test_answers_are_kept_as_long_as_nothing_changes(made: Path, asked: TestClient) -> None:
    address = f"/studies/bill?file={FILE}&users=10"
    assert "0.002 USD a day for 1 " in asked.get(address).text
    file = made / FILE
    text = file.read_text("utf-8")
    file.write_text(text.replace("inference_each = 0.0002", "inference_each = 0.3"), "utf-8")
    assert "3 USD a day for 1 " in asked.get(address).text
    file.write_text(text, encoding="utf-8")
    assert "0.002 USD a day for 1 " in asked.get(address).text


def test_few_answers_are_kept(monkeypatch: pytest.MonkeyPatch, asked: TestClient) -> None:
    monkeypatch.setattr(answers, "_kept", Newest(2))
    for users in ("1", "2", "3"):
        assert asked.get(f"/studies/bill?users={users}").status_code == 200
    assert len(answers._kept) == 2  # noqa: SLF001 - what it promises to hold


@pytest.mark.usefixtures("at_home")
def test_a_verdict_that_waits_for_a_call_is_not_told_by_a_study(desk: TestClient) -> None:
    got = desk.get(f"/studies/costs?file={BLIND}/contract.toml")
    assert got.status_code == 400
    assert "is called blind" in got.text
    assert "Confusion matrix" not in got.text


def test_a_contract_that_cannot_be_read_says_why(made: Path, asked: TestClient) -> None:
    (made / "broken.toml").write_text('shipcall = 1\n[release]\nid = "b"\n', encoding="utf-8")
    got = asked.get("/studies/labels?file=broken.toml")
    assert got.status_code == 400
    assert 'role="alert"' in got.text
    (made / "broken.toml").unlink()


def test_json_of_a_form_that_cannot_be_read_names_every_field(asked: TestClient) -> None:
    told = asked.get(f"/studies/cascade.json?file={FILE}&may_lose=x&first_cost=y")
    assert told.status_code == 400
    assert json.loads(told.content)["kind"] == "error"
    assert "may_lose: " in told.json()["message"]
    assert "first_cost: " in told.json()["message"]
