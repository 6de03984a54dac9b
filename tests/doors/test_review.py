"""Reading shadow pairs blind: what is drawn, what is shown, what is kept and recorded."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from shadows import ASKED, CONTRACT, columns, write_pairs
from shipcall.cli.main import shipcall
from shipcall.data.pairbook import Listed
from shipcall.ledger.entry import Entry
from shipcall.ledger.store import Ledger
from shipcall.release.review import (
    SPARE,
    Answer,
    Laid,
    draw_sample,
    pairs_read,
    tally,
    waiting,
)

SAMPLE = 6
LISTED = [Listed(f"q{i:04}", agrees=i % 10 > 0) for i in range(400)]
ALL_LEFT = "1\n" * SAMPLE


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "reader")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    write_pairs(folder, columns(pairs=1_200))
    asked = {**ASKED, "review_sample": str(SAMPLE)}
    del asked["disagreement"]
    keys = "\n".join(f"{name} = {value}" for name, value in asked.items())
    file = folder / "contract.toml"
    file.write_text(CONTRACT.format(source="", rest="", metric="", shadow=keys), encoding="utf-8")
    assert invoke("seal", file, "--even-so", "a test").exit_code == 0
    return file


def invoke(*arguments: object, keys: str = "") -> Result:
    return CliRunner().invoke(
        shipcall, [str(a) for a in arguments], input=keys, standalone_mode=False
    )


def code(*arguments: object, keys: str = "") -> Any:
    return invoke(*arguments, keys=keys).return_value


def entries(release: Path, kind: str) -> list[Entry]:
    return list(Ledger.open(release.parent / ".shipcall" / "ledger.db").entries(kind=kind))


def drawn(listed: Sequence[Listed] = LISTED, wanted: int = 60, evidence: str = "e") -> list[Laid]:
    return list(draw_sample(listed, wanted, contract="c", evidence=evidence))


def test_half_of_the_sample_are_pairs_that_disagree() -> None:
    apart = {pair.request for pair in LISTED if not pair.agrees}
    sample = [pair.request for pair in drawn()[:60]]
    assert len(set(sample)) == 60
    assert len(apart & set(sample)) >= 30


def test_few_disagreements_are_all_read() -> None:
    few = [Listed(pair.request, agrees=i > 3) for i, pair in enumerate(LISTED)]
    assert {"q0000", "q0001", "q0002", "q0003"} <= {pair.request for pair in drawn(few)[:60]}


def test_the_sample_depends_on_the_evidence_and_not_on_the_order_of_rows() -> None:
    assert drawn() == drawn(LISTED[::-1])
    assert drawn() != drawn(evidence="other")


def test_sides_are_dealt_like_a_coin() -> None:
    """Binomial(1000, 1/2): 1 % outside 459..541."""
    left = sum(pair.left == "baseline" for pair in drawn(wanted=400, listed=_many())[:1_000])
    assert 459 <= left <= 541
    assert {pair.left for pair in drawn()} == {pair.right for pair in drawn()}


def _many() -> list[Listed]:
    return [Listed(f"m{i}", agrees=bool(i % 2)) for i in range(3_000)]


def test_a_skipped_pair_is_replaced_from_the_reserve() -> None:
    laid = drawn()
    assert len(laid) == 60 * (1 + SPARE)
    answers = {pair.request: Answer.SAME for pair in laid[:59]} | {laid[59].request: Answer.SKIPPED}
    assert pairs_read(answers) == 59
    assert waiting(laid, answers, 60) == laid[60]
    assert waiting(laid, answers | {laid[60].request: Answer.LEFT}, 60) is None


def test_answers_are_folded_by_the_model_on_each_side() -> None:
    laid = [Laid("a", "baseline"), Laid("b", "candidate"), Laid("c", "candidate")]
    answers = {"a": Answer.LEFT, "b": Answer.LEFT, "c": Answer.UNSAFE_RIGHT, "x": Answer.SAME}
    assert tally(laid, answers) == {
        "baseline": 1,
        "candidate": 1,
        "same": 0,
        "unsafe_baseline": 1,
        "unsafe_candidate": 0,
        "skipped": 0,
    }


def test_nothing_shown_says_whose_answer_it_is(release: Path) -> None:
    shown = invoke("shadow", release, "--review", keys=ALL_LEFT).output
    assert "LEFT" in shown
    for name in ("baseline", "candidate", "old", "fresh"):
        assert name not in shown
    notes = next((release.parent / ".shipcall" / "reviews").iterdir()).read_text("utf-8")
    assert "baseline" not in notes


def test_a_review_goes_on_where_it_was_left(release: Path) -> None:
    assert code("shadow", release, "--review", keys="1\n2\nq\n") == 10
    rest = invoke("shadow", release, "--review", keys="=\n1\n1\n1\n")
    assert rest.return_value == 0
    assert "pair 3 of 6" in rest.output
    assert f"pair 1 of {SAMPLE}" not in rest.output
    (recorded,) = entries(release, "reviewed")
    assert sum(recorded.body["counts"].values()) == SAMPLE
    assert recorded.body["by"] == "reader"


def test_an_answer_can_be_taken_back_and_a_slip_is_explained(release: Path) -> None:
    keys = "1\nx\nb\nu\n" + "=\n" * (SAMPLE - 1)
    seen = invoke("shadow", release, "--review", keys=keys)
    assert seen.return_value == 0
    (recorded,) = entries(release, "reviewed")
    said = [one["answer"] for one in recorded.body["answers"]]
    assert said == ["unsafe_left", *["same"] * (SAMPLE - 1)]
    assert seen.output.count("u left is unsafe") == 2


def test_back_at_the_first_pair_goes_nowhere(release: Path) -> None:
    seen = invoke("shadow", release, "--review", keys="b\nq\n")
    assert "this is the first pair" in seen.output


def test_skipped_pairs_do_not_complete_the_sample(release: Path) -> None:
    assert code("shadow", release, "--review", keys="s\n" + "1\n" * (SAMPLE - 1)) == 10
    assert not entries(release, "reviewed")
    assert code("shadow", release, "--review", keys="1\n") == 0


def test_the_verdict_waits_for_the_review(release: Path) -> None:
    before = json.loads(invoke("shadow", release, "--json").output)["verdict"]
    assert before["because"] == ["stage.review"]
    assert before["call"] == "HOLD"
    assert f"wait to be read: 0 of {SAMPLE} pairs" in invoke("inbox", release.parent).output
    assert code("shadow", release, "--review", keys=ALL_LEFT) == 0
    assert "wait to be read" not in invoke("inbox", release.parent).output
    after = invoke("shadow", release, "--json")
    verdict = json.loads(after.output)["verdict"]
    assert (after.return_value, verdict["call"]) == (0, "SHIP")
    assert verdict["exhibits"]["review"]["skipped"] == 0


def test_a_review_of_other_evidence_does_not_count(release: Path) -> None:
    assert code("shadow", release, "--review", keys=ALL_LEFT) == 0
    write_pairs(release.parent, columns(pairs=1_200, seed=9))
    told = json.loads(invoke("shadow", release, "--review", "--json", keys="").stdout)
    assert (told["read"], told["recorded"]) == (0, False)


def test_reading_is_a_look_and_the_verdict_on_the_same_pairs_is_no_other(release: Path) -> None:
    invoke("shadow", release, "--review", keys="1\nq\n")
    invoke("shadow", release, "--review", keys="1\nq\n")
    assert len(entries(release, "evidence_seen")) == 1
    told = json.loads(invoke("shadow", release, "--json").output)
    assert told["envelope"]["look"]["number"] == 1


def test_a_torn_last_line_was_no_answer_and_a_spoiled_one_is_refused(release: Path) -> None:
    invoke("shadow", release, "--review", keys="1\nq\n")
    notes = next((release.parent / ".shipcall" / "reviews").iterdir())
    whole = notes.read_bytes()
    notes.write_bytes(whole + b'{"answer": "le')
    assert "pair 2 of 6" in invoke("shadow", release, "--review", keys="q\n").output
    notes.write_bytes(whole + b'{"answer": "best"}\n')
    wrong = invoke("shadow", release, "--review", keys="q\n")
    assert "r1.jsonl:2" in str(wrong.exception)


def test_without_a_promise_of_a_review_there_is_none(release: Path) -> None:
    text = release.read_text("utf-8").replace(f"review_sample = {SAMPLE}", "")
    release.write_text(text, encoding="utf-8")
    assert "asks for no review" in str(invoke("shadow", release, "--review").exception)


def test_a_changed_contract_has_no_sample(release: Path) -> None:
    text = release.read_text("utf-8").replace("review_sample = 6", "review_sample = 7")
    release.write_text(text, encoding="utf-8")
    assert "not sealed as it stands" in str(invoke("shadow", release, "--review").exception)


def test_without_pairs_there_is_nothing_to_read(release: Path) -> None:
    (release.parent / "pairs.parquet").unlink()
    assert "no shadow pairs yet" in str(invoke("shadow", release, "--review").exception)
