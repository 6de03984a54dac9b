"""Pages on slices, on one check and on calibration: same bytes as their commands, and safe."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from judged import HOSTILE, graded_release, labelled_release, own_key
from shipcall.cli.main import run
from shipcall.web.server import Place, create_app

ONE = "/releases/graded-1/check/gate.right"


def client(folder: Path) -> TestClient:
    app = create_app(Place(root=folder, port=7788), token="t")  # noqa: S106 - of a form
    return TestClient(app, base_url="http://127.0.0.1:7788")


@pytest.fixture(scope="module")
def graded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a release that tests only look at."""
    folder = tmp_path_factory.mktemp("graded")
    with own_key(tmp_path_factory.mktemp("key")):
        graded_release(folder)
    return folder


@pytest.fixture(scope="module")
def labelled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a release that tests only look at."""
    folder = tmp_path_factory.mktemp("labelled")
    with own_key(tmp_path_factory.mktemp("key")):
        labelled_release(folder)
    return folder


@pytest.fixture
def graded(graded_folder: Path) -> Iterator[TestClient]:
    with client(graded_folder) as asked:
        yield asked


@pytest.fixture
def labelled(labelled_folder: Path) -> Iterator[TestClient]:
    with client(labelled_folder) as asked:
        yield asked


def page(asked: TestClient, address: str) -> str:
    answer = asked.get(address)
    assert answer.status_code == 200, answer.text[:500]
    text: str = answer.text
    return text


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("/releases/graded-1/slices.json", ["slices", "FILE"]),
        (
            "/releases/graded-1/slices.json?column=country&sort=size&answer=pass&q=n",
            [
                "slices",
                "FILE",
                "--column",
                "country",
                "--sort",
                "size",
                "--answer",
                "pass",
                "--q",
                "n",
            ],
        ),
        (f"{ONE}.json", ["drill", "FILE", "gate.right"]),
        (
            f"{ONE}.json?rows=wins&page=1&unit=u0&sensitivity=1&stage=gate",
            [
                "drill",
                "FILE",
                "gate.right",
                "--rows",
                "wins",
                "--unit",
                "u0",
                "--sensitivity",
                "--stage",
                "gate",
            ],
        ),
        (
            "/releases/graded-1/check/slice.country%3DNZ%2Adevice%3Dtv.json",
            ["drill", "FILE", "slice.country=NZ*device=tv"],
        ),
    ],
)
def test_a_page_and_its_command_give_the_same_bytes(
    graded: TestClient,
    graded_folder: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    address: str,
    command: list[str],
) -> None:
    told = graded.get(address).content
    file = graded_folder / "contract.toml"
    named = [str(file) if part == "FILE" else part for part in command]
    assert run([*named, "--json"]) == 0
    assert capfdbinary.readouterr().out == told


def test_calibration_and_its_command_give_the_same_bytes(
    labelled: TestClient, labelled_folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    told = labelled.get("/releases/labelled-1/calibration.json").content
    assert run(["calibration", str(labelled_folder / "contract.toml"), "--json"]) == 0
    assert capfdbinary.readouterr().out == told


def test_commands_tell_people_too(
    graded_folder: Path, labelled_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one, other = (str(f / "contract.toml") for f in (graded_folder, labelled_folder))
    for command in (
        ["slices", one],
        ["drill", one, "gate.right", "--sensitivity"],
        ["calibration", other],
    ):
        assert run(command) == 0
    out = capfd.readouterr().out
    for told in ("country=NZ", "Bootstrap over clusters", "worst losses", "stated  came true"):
        assert told in out


@pytest.mark.parametrize("address", ["/releases/graded-1/slices", f"{ONE}?rows=ties&sensitivity=1"])
def test_nothing_on_a_page_runs_or_styles_inline(graded: TestClient, address: str) -> None:
    text = page(graded, address)
    assert not re.search(r"\sstyle=|<script>|\son[a-z]+=", text)


def test_what_the_evidence_says_is_shown_and_obeyed_by_nobody(graded: TestClient) -> None:
    text = page(graded, f"{ONE}?rows=losses&unit=u005")
    assert HOSTILE not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_answers_that_differ_are_marked_word_by_word(graded: TestClient) -> None:
    text = page(graded, f"{ONE}?rows=losses&unit=u005")
    assert "<del>baseline</del>" in text
    assert "<ins>candidate</ins>" in text


def test_slices_lead_to_their_checks(graded: TestClient) -> None:
    text = page(graded, "/releases/graded-1/slices")
    address = "/releases/graded-1/check/slice.country%3DNZ?stage=gate"
    assert text.count(f'href="{address}"') == 2  # once in the picture, once in the table
    assert "country=NZ" in page(graded, address)


def test_a_verdict_leads_to_its_checks_and_a_report_to_nothing(
    graded: TestClient, graded_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert 'href="/releases/graded-1/check/gate.right?stage=gate"' in page(
        graded, "/releases/graded-1/gate"
    )
    assert run(["export", "html", str(graded_folder / "contract.toml")]) == 0
    assert "/check/" not in capfd.readouterr().out


def test_a_page_keeps_its_filters_when_it_is_sorted(graded: TestClient) -> None:
    text = page(graded, "/releases/graded-1/slices?q=NZ&sort=worst")
    assert "q=NZ&amp;sort=size" in text
    assert ".json?q=NZ&amp;sort=worst" in text


def test_pictures_have_their_numbers(graded: TestClient) -> None:
    svg = graded.get("/releases/graded-1/slices/charts/country*device.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "<a " not in svg.text
    csv = graded.get("/releases/graded-1/slices/charts/country*device.csv").text.splitlines()
    assert len(csv) == 5
    assert csv[0].startswith("slice,metric,answer,estimate")


def test_the_reliability_picture_has_its_numbers(labelled: TestClient) -> None:
    text = page(labelled, "/releases/labelled-1/calibration")
    assert "Calibration error" in text
    csv = labelled.get("/releases/labelled-1/calibration/charts/reliability.csv").text
    assert csv.startswith("model,from,to,rows")


def test_tabs_appear_where_there_is_something_to_see(
    graded: TestClient, labelled: TestClient
) -> None:
    one, other = page(graded, "/releases/graded-1"), page(labelled, "/releases/labelled-1")
    assert "graded-1/slices" in one
    assert "graded-1/calibration" not in one
    assert "labelled-1/slices" not in other
    assert "labelled-1/calibration" in other


def test_pages_of_a_covered_verdict_ask_for_the_call(tmp_path: Path) -> None:
    graded_release(tmp_path, rest="[decision]\nblind = true\n")
    with client(tmp_path) as asked:
        for address in ("/releases/graded-1/slices", ONE):
            text = page(asked, address)
            assert "Say your call" in text
            main = re.sub(r"<[^>]*>", "", text.split("<main", 1)[1].split("</main>")[0])
            assert not re.search(r"\d pp|pass|fail|can't tell", main)


def test_changed_evidence_is_said_on_the_page(tmp_path: Path) -> None:
    graded_release(tmp_path)
    scores = tmp_path / "scores.csv"
    scores.write_text(scores.read_text("utf-8") + "\n", encoding="utf-8")
    with client(tmp_path) as asked:
        text = page(asked, ONE)
    assert "No rows are shown." in text
    assert "are not those that were judged" in text


def test_an_unknown_check_is_a_page_that_names_the_nearest(graded: TestClient) -> None:
    answer = graded.get("/releases/graded-1/check/gate.rihgt")
    assert answer.status_code == 400
    assert "gate.right" in answer.text


def test_the_twin_of_what_is_wrong_is_json(graded: TestClient) -> None:
    told = graded.get("/releases/graded-1/slices.json?column=moon")
    assert json.loads(told.content)["kind"] == "error"


def test_other_ways_are_worked_out_behind_a_button(graded: TestClient) -> None:
    text = page(graded, ONE)
    assert f'action="{ONE}/work"' in text
    form = {"token": "t", "stage": "gate", "rows": "losses", "sensitivity": "1"}
    answer = graded.post(f"{ONE}/work", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith((f"{ONE}?stage=gate&rows=losses", "/jobs/"))
    told = page(graded, f"{ONE}?stage=gate&rows=losses&sensitivity=1")
    assert "Bootstrap over clusters" in told
    assert "Work them out" not in told


def test_slices_are_read_together_below_the_table(graded: TestClient) -> None:
    text = page(graded, "/releases/graded-1/slices")
    assert text.index('id="table"') < text.index('id="together"')
    one = page(graded, "/releases/graded-1/slices?column=country")
    assert "country*device</b>" not in one.split('id="together"')[1]


def test_pictures_of_slices_read_together_have_their_numbers(graded: TestClient) -> None:
    for name in ("apart", "pulled-country*device"):
        svg = graded.get(f"/releases/graded-1/slices/charts/{name}.svg")
        assert svg.headers["content-type"] == "image/svg+xml"
        csv = graded.get(f"/releases/graded-1/slices/charts/{name}.csv").text.splitlines()
        assert "value" in csv[0]
        assert len(csv) > 3
