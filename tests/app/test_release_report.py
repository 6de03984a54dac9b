"""The release report: every stage in one file that is small, whole and loads nothing."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from blinds import blind_release
from builders import scores_contract, write_contract
from shipcall.app.demo import examples
from shipcall.app.export import export_text
from shipcall.app.release import call_release, judge_release, recorded, seal_release
from shipcall.app.release_report import release_report
from shipcall.app.signing import sign_release
from shipcall.app.workspace import workspace_of
from shipcall.cli.main import shipcall
from shipcall.core import UsageError
from shipcall.report.html import LIMIT, html_report
from shipcall.report.palette import DARK

SECTIONS = ("promise", "amendments", "calls", "signatures", "contract", "recorded", "reproduce")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A release that was judged at the gate and then in shadow mode, called and signed."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        patch.setenv("SHIPCALL_BY", "mara")
        shutil.copytree(examples() / "digit-reader", folder / "digit-reader")
        file = folder / "digit-reader" / "contract.toml"
        seal_release(file, even_so="a test")
        judge_release(file, "gate", unblind=True)
        judge_release(file, "shadow", unblind=True)
        call_release(file, "HOLD", probability=0.4, why="the shadow is not there yet")
        sign_release(file, "product", agrees=False, why="not without a shadow")
        yield file


@pytest.fixture(scope="module")
def page(judged: Path) -> str:
    return export_text("release", judged, None)


def test_every_stage_stands_with_its_newest_verdict(judged: Path, page: str) -> None:
    view = release_report(judged)
    assert [one["stage"] for one in view["stages"]] == ["gate", "shadow"]
    for one in view["stages"]:
        assert f'id="s-{one["stage"]}"' in page
        assert one["view"]["findings"]


def test_every_section_is_there(page: str) -> None:
    for name in SECTIONS:
        assert f'id="{name}"' in page
        assert f'href="#{name}"' in page


def test_what_people_said_and_signed_is_in_it(page: str) -> None:
    assert "the shadow is not there yet" in page
    assert "not without a shadow" in page
    assert "refused" in page


def test_it_says_how_to_get_the_same_again(judged: Path, page: str) -> None:
    view = release_report(judged)
    assert view["ledger"]["head"] in page
    assert view["contract"]["sha256"] in page
    for command in view["reproduce"]:
        assert command in page
    verify = view["reproduce"][-1].split()
    assert CliRunner().invoke(shipcall, verify[1:]).exit_code == 0


def test_it_loads_nothing_and_runs_nothing(page: str) -> None:
    """No address in src, href or url() leads out of the file, and there is no script."""
    leads = re.findall(r"""(?:src|href|action)\s*=\s*["']?([^"'\s>]+)""", page)
    assert [one for one in leads if not one.startswith("#")] == []
    assert [one for one in re.findall(r"url\(([^)]*)\)", page) if not one.startswith("#")] == []
    assert not re.search(r"<(script|link|iframe|img|object|embed)\b", page)
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_no_two_things_in_it_have_the_same_name(page: str) -> None:
    names = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(names) == sorted(set(names))


def test_it_is_small_and_knows_the_dark(page: str) -> None:
    assert len(page.encode()) < LIMIT
    assert all(colour in page for colour in DARK.values())
    assert "@media print" in page


def test_earlier_verdicts_are_counted(judged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(judged.parent, folder / judged.parent.name)
    shutil.copytree(
        workspace_of(judged).root / ".shipcall", folder / ".shipcall", dirs_exist_ok=True
    )
    file = folder / judged.parent.name / judged.name
    judge_release(file, "gate", unblind=True)
    view = release_report(file)
    assert [(one["stage"], one["earlier"]) for one in view["stages"]] == [
        ("shadow", 0),
        ("gate", 1),
    ]


def test_a_verdict_that_waits_for_a_call_is_not_in_it(tmp_path: Path) -> None:
    file = blind_release(tmp_path)
    view = release_report(file)
    (stage,) = view["stages"]
    assert stage["covered"]
    assert "findings" not in stage["view"]
    assert "SHIP" not in export_text("release", file, None)
    call_release(file, "HOLD", probability=0.5, why="let me see")
    assert "SHIP" in export_text("release", file, None)


def test_a_changed_file_uncovers_nothing(tmp_path: Path) -> None:
    file = blind_release(tmp_path)
    file.write_text(file.read_text("utf-8").replace("blind = true", "blind = false"), "utf-8")
    assert "SHIP" not in export_text("release", file, None)
    assert not recorded(file).shown
    with pytest.raises(UsageError, match="Call first"):
        export_text("html", file, None)


def test_a_release_of_which_nothing_is_recorded_has_no_report(tmp_path: Path) -> None:
    file = write_contract(tmp_path, scores_contract(50))
    with pytest.raises(UsageError, match="holds nothing about r1"):
        release_report(file)


def test_a_sealed_release_that_nobody_judged_is_its_promise(tmp_path: Path) -> None:
    file = write_contract(tmp_path, scores_contract(50))
    seal_release(file, even_so="a test")
    text = export_text("release", file, None)
    assert "Nothing was judged yet." in text
    assert "What has to be shown?" in text


@pytest.mark.large
def test_thousands_of_slices_at_every_stage_still_fit(judged: Path) -> None:
    """Four stages with 1,500 slices each: less is drawn, and the page says how much is left out."""
    view = release_report(judged)
    gate = view["stages"][0]["view"]
    found = next(f for f in gate["findings"] if f["slice"] != "all")
    many = [
        {**found, "id": f"slice.part=level-{n}", "slice": f"part=level-{n}"} for n in range(1500)
    ]
    crowded = {**gate, "findings": [*gate["findings"], *many]}
    stages = [
        {**view["stages"][0], "stage": stage, "view": {**crowded, "stage": stage}}
        for stage in ("gate", "shadow")
    ]
    text = html_report({**view, "stages": stages})
    assert len(text.encode()) < LIMIT
    assert "more in the JSON of this page" in text
