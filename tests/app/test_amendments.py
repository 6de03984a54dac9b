"""Amendments: line by line, and named for what they do to the promises."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from builders import score_rows, scores_contract, write_contract, write_csv
from shipcall.app.amendments import amendments_view, changed_lines
from shipcall.app.release import amend_release, judge_release, seal_release
from shipcall.cli.main import shipcall
from shipcall.core import ContractError


@pytest.fixture
def release(tmp_path: Path) -> Path:
    file = write_contract(tmp_path, scores_contract(400, bar="better_by = 0.05"))
    seal_release(file, even_so="a test")
    return file


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def kinds(lines: list[dict[str, object]]) -> str:
    return "".join(str(line["kind"])[0] for line in lines)


def test_texts_that_are_alike_have_no_changed_lines() -> None:
    assert list(changed_lines("a\nb\n", "a\nb\n")) == []


def test_changed_lines_have_their_numbers_in_both_texts() -> None:
    before = "\n".join(f"l{i}" for i in range(1, 11))
    after = before.replace("l5", "five").replace("l6\n", "")
    lines = list(changed_lines(before, after))
    gone = [(line["old"], line["text"]) for line in lines if line["kind"] == "gone"]
    assert gone == [(5, "l5"), (6, "l6")]
    assert [line["new"] for line in lines if line["kind"] == "new"] == [5]
    assert [(line["old"], line["new"]) for line in lines if line["kind"] == "same"] == [
        (3, 3),
        (4, 4),
        (7, 6),
        (8, 7),
    ]


def test_what_is_left_out_around_a_change_is_counted() -> None:
    before = "\n".join(f"l{i}" for i in range(1, 21))
    lines = list(changed_lines(before, before.replace("l10", "ten")))
    gaps = [int(str(line["text"])) for line in lines if line["kind"] == "gap"]
    assert sum(gaps) + kinds(lines).count("s") + 1 == 20
    assert gaps == [7, 8]


@pytest.mark.parametrize(("before", "after"), [("", "a"), ("a", ""), ("a\nb", "b\na")])
def test_the_new_lines_alone_make_the_new_text(before: str, after: str) -> None:
    lines = list(changed_lines(before, after))
    assert [ln["text"] for ln in lines if ln["new"] is not None] == after.splitlines()
    assert [ln["text"] for ln in lines if ln["old"] is not None] == before.splitlines()


def test_nothing_is_pending_while_the_file_says_what_was_sealed(release: Path) -> None:
    rewrite(release, "[unit]", "# a remark\n[unit]")
    assert amendments_view(release)["pending"] is None


def test_what_the_file_says_otherwise_is_pending_until_it_is_amended(release: Path) -> None:
    rewrite(release, "better_by = 0.05", "better_by = 0.03")
    waiting = amendments_view(release)["pending"]
    assert waiting["loosened"] == 1
    assert kinds(waiting["lines"]).count("g") >= 1
    amend_release(release, "it pays at 0.03", even_so="a test")
    view = amendments_view(release)
    assert view["pending"] is None
    (amended,) = view["amendments"]
    assert amended["why"] == "it pays at 0.03"
    assert amended["loosened"] == 1
    assert amended["previous"] == view["seal"]["contract"]
    assert [line["text"] for line in amended["lines"] if line["kind"] == "gone"] == [
        "better_by = 0.05"
    ]


def test_an_amendment_after_evidence_says_so(release: Path) -> None:
    write_csv(release.parent / "scores.csv", score_rows([0.0, 1.0] * 200, [1.0] * 400))
    judge_release(release, "gate")
    rewrite(release, "better_by = 0.05", "better_by = 0.06")
    amend_release(release, "we can do better", even_so="a test")
    (amended,) = amendments_view(release)["amendments"]
    assert amended["after_evidence"]
    assert amended["loosened"] == 0


def test_nothing_is_amended_before_there_is_a_seal(tmp_path: Path) -> None:
    file = write_contract(tmp_path, scores_contract(400))
    view = amendments_view(file)
    assert view["seal"] is None
    assert view["pending"] is None
    assert "not sealed" in CliRunner().invoke(shipcall, ["amendments", str(file)]).output


def test_a_file_with_faults_is_refused_with_its_faults(release: Path) -> None:
    rewrite(release, "better_by = 0.05", "better_bye = 0.05")
    with pytest.raises(ContractError):
        amendments_view(release)


def test_the_command_prints_the_lines_and_who_and_why(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPCALL_BY", "mara")
    rewrite(release, "better_by = 0.05", "better_by = 0.03")
    amend_release(release, "it pays at 0.03", even_so="a test")
    rewrite(release, "better_by = 0.03", "better_by = 0.04")
    said = CliRunner().invoke(shipcall, ["amendments", str(release)]).output
    assert "by mara" in said
    assert "why: it pays at 0.03" in said
    assert "- better_by = 0.05" in said
    assert "+ better_by = 0.03" in said
    assert "not amended yet: the file has 1 change\n" in said
    assert "Tightened: check.gate.right.bar" in said
