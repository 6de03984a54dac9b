"""Board and signing: where every release stands, what waits, and who has agreed."""

from pathlib import Path

import numpy as np
import pytest

from builders import score_rows, scores_contract, write_contract, write_csv
from shipcall.app.board import find, found, inbox_view, release_view, releases_view
from shipcall.app.pages import contract_view, stage_twin, stage_view
from shipcall.app.release import call_release, judge_release, recorded, seal_release
from shipcall.app.signing import sign_release
from shipcall.core import UsageError

BLOCKS = '\n[decision]\nsignatures = ["product", "ml"]\n'
BLIND = "\n[decision]\nblind = true\n"


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "tester")


def release(tmp_path: Path, more: str = "") -> Path:
    rng = np.random.default_rng(1)
    folder = tmp_path / "work" / "release"
    write_csv(folder / "scores.csv", score_rows(*rng.integers(0, 2, (2, 500)).astype(float)))
    return write_contract(folder, scores_contract(500, bar="may_lose = 0.2") + more)


def name_of(tmp_path: Path) -> str:
    return found(tmp_path / "work")[0].id


def due(tmp_path: Path) -> list[str]:
    (one,) = inbox_view(tmp_path / "work")["waiting"]
    return [item["due"] for item in one["due"]]


def workspace(tmp_path: Path) -> Path:
    (tmp_path / "work" / ".shipcall").mkdir(parents=True)
    return tmp_path / "work"


def test_an_empty_workspace_says_that_there_is_nothing(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    assert inbox_view(root) == {"kind": "inbox", "waiting": [], "running": [], "count": 0}
    assert releases_view(root)["releases"] == []


def test_a_release_waits_to_be_sealed_then_for_evidence_then_for_a_call(tmp_path: Path) -> None:
    workspace(tmp_path)
    file = release(tmp_path)
    assert due(tmp_path) == ["seal"]
    seal_release(file)
    assert due(tmp_path) == ["evidence"]
    judge_release(file, "gate")
    assert due(tmp_path) == ["call"]
    call_release(file, "SHIP", probability=0.8, why="as promised")
    assert inbox_view(tmp_path / "work")["waiting"] == []


def test_one_refusal_blocks_and_is_the_most_urgent(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    file = release(tmp_path, BLOCKS)
    seal_release(file)
    judge_release(file, "gate")
    call_release(file, "SHIP", probability=0.8, why="as promised")
    assert due(tmp_path) == ["signature"]
    sign_release(file, "product", agrees=True, why="worth it")
    sign_release(file, "ml", agrees=False, why="the harness changed")
    (one,) = inbox_view(root)["waiting"]
    assert (one["urgency"], [item["due"] for item in one["due"]]) == (0, ["refused"])
    sign_release(file, "ml", agrees=True, why="it had not")
    assert inbox_view(root)["waiting"] == []


def test_a_signature_speaks_of_the_verdict_it_was_given_on(tmp_path: Path) -> None:
    workspace(tmp_path)
    file = release(tmp_path, BLOCKS)
    seal_release(file)
    judge_release(file, "gate")
    sign_release(file, "product", agrees=True, why="worth it")
    judge_release(file, "gate")
    view = release_view(tmp_path / "work", name_of(tmp_path))
    assert [line["agreed"] for line in view["signatures"]] == [None, None]


def test_only_a_block_that_the_contract_names_can_sign(tmp_path: Path) -> None:
    workspace(tmp_path)
    file = release(tmp_path, BLOCKS)
    seal_release(file)
    with pytest.raises(UsageError, match="nothing was judged"):
        sign_release(file, "ml", agrees=True, why="yes")
    judge_release(file, "gate")
    with pytest.raises(UsageError, match=r"no block .legal.\. It names: product, ml"):
        sign_release(file, "legal", agrees=True, why="yes")
    with pytest.raises(UsageError, match="needs a reason"):
        sign_release(file, "ml", agrees=True, why=" ")


def test_blocks_and_overrides_are_those_of_the_seal_whatever_the_file_says(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    sealed = '\n[decision]\nsignatures = ["product", "ml"]\noverride = "forbidden"\n'
    file = release(tmp_path, sealed)
    seal_release(file)
    assert judge_release(file, "gate").facts["call"] == "SHIP"
    edited = '\n[decision]\nsignatures = ["legal"]\noverride = "allowed"\n'
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(sealed, edited), encoding="utf-8")
    with pytest.raises(UsageError, match=r"no block .legal.\. It names: product, ml"):
        sign_release(file, "legal", agrees=True, why="yes")
    with pytest.raises(UsageError, match="forbids overrides"):
        call_release(file, "HOLD", probability=0.8, why="a feeling")
    signed = sign_release(file, "ml", agrees=True, why="the harness is ours")
    assert [line["block"] for line in signed["signatures"]] == ["product", "ml"]
    call_release(file, "SHIP", probability=0.8, why="as promised")
    view = release_view(root, name_of(tmp_path))
    assert [line["agreed"] for line in view["signatures"]] == [None, True]


def test_a_blind_verdict_is_nowhere_before_the_call(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    file = release(tmp_path, BLIND)
    seal_release(file)
    judge_release(file, "gate")
    name = name_of(tmp_path)
    shown = [
        inbox_view(root),
        releases_view(root),
        release_view(root, name),
        stage_view(root, name, "gate"),
        stage_twin(root, name, "gate"),
    ]
    call = recorded(file).facts["call"]
    for view in shown:
        assert f"'{call}'" not in str({k: v for k, v in view.items() if k != "contract"})
    assert shown[3]["kind"] == "covered"
    call_release(file, "HOLD", probability=0.5, why="let us see")
    assert stage_view(root, name, "gate")["call"] == call


def test_the_list_is_narrowed_by_call_stage_and_text(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    file = release(tmp_path)
    seal_release(file)
    call = judge_release(file, "gate").view["call"]
    assert len(releases_view(root, {"call": call, "stage": "gate"})["releases"]) == 1
    assert releases_view(root, {"stage": "rollout"})["releases"] == []
    assert releases_view(root, {"q": "no such thing"})["releases"] == []


def test_a_contract_with_faults_is_shown_with_them_at_their_lines(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    file = release(tmp_path, "\n[shadoww]\nmin_days = 7\n")
    view = contract_view(root, name_of(tmp_path))
    assert view["faults"]
    said = [line for line in view["lines"] if line["said"]]
    assert said[0]["text"] == "[shadoww]"
    assert inbox_view(root)["waiting"][0]["due"][0]["due"] == "contract"
    assert file.exists()


def test_an_unknown_release_is_refused_with_the_names_of_the_others(tmp_path: Path) -> None:
    workspace(tmp_path)
    release(tmp_path)
    with pytest.raises(UsageError, match=f"It has: {name_of(tmp_path)}"):
        find(tmp_path / "work", "other")


def test_a_recorded_verdict_is_shown_again_with_the_same_facts(tmp_path: Path) -> None:
    workspace(tmp_path)
    file = release(tmp_path)
    seal_release(file)
    judged = judge_release(file, "gate")
    assert recorded(file).json["verdict"] == judged.json["verdict"]
    with pytest.raises(UsageError, match="Run `shipcall shadow"):
        recorded(file, "shadow")
