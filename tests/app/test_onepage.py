"""One page: eight questions, answered from the contract, that fit one printed page."""

from pathlib import Path

import pytest

from builders import HEAD, scores_contract, write_contract
from shipcall.app.demo import examples
from shipcall.app.export import export_text
from shipcall.app.onepage import LINES, QUESTIONS, one_page
from shipcall.app.release import amend_release, seal_release

FULL = examples() / "support-answers" / "contract.toml"


def answers(file: Path, number: int) -> list[str]:
    said: list[str] = one_page(file)["questions"][number - 1]["answers"]
    return said


def crowded(checks: int) -> str:
    """A contract with many promises, each of a long name."""
    names = [f"metric_with_a_long_name_{i}" for i in range(checks)]
    metrics = "".join(
        f'{name} = {{ level = "model", kind = "mean", better = "higher", range = [0, 1] }}\n'
        for name in names
    )
    promised = "".join(
        f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nrole = "guardrail"\n'
        f'metric = "{name}"\nmay_lose = 0.01\n'
        for name in names
    )
    failures = "".join(
        f'[[failure]]\nmode = "{"what can go wrong, at length " * 8}{i}"\n'
        f'detector = "gate.{names[0]}"\ncontainment = "back to the one before"\n'
        for i in range(20)
    )
    evidence = '[evidence]\nscores = { path = "scores.csv", expect = { units = 9 } }\n'
    return f"{HEAD}{evidence}[metric]\n{metrics}{promised}{failures}"


def test_every_question_is_asked_and_answered() -> None:
    page = one_page(FULL)
    assert [one["number"] for one in page["questions"]] == list(range(1, len(QUESTIONS) + 2))
    assert all(one["answers"] for one in page["questions"])
    assert page["signatures"] == ["product", "support", "safety"]


def test_a_whole_contract_is_told_without_cutting_a_promise() -> None:
    """Every check and bar of the example stands there, in the unit it is shown in."""
    shown = answers(FULL, 5)
    for promise in (
        "Gate goal: resolved must improve by 5 pp.",
        "Gate guardrail: resolved_3 may lose 0 pp.",
        "Gate guardrail: unsafe at most 2 %.",
        "Gate guardrail: p90_latency_ms at most 3500 ms.",
        "Gate guardrail: cost may lose 10%.",
        "Rollout goal: handed_over must improve.",
        "Rollout guardrail: complaint may lose 0.2 pp.",
    ):
        assert promise in shown
    assert any("language, topic: resolved may lose 3 pp" in line for line in shown)
    assert any("must be shown in language=es" in line for line in shown)
    assert any("a person reads 60 pairs blind" in line for line in shown)
    assert one_page(FULL)["questions"][4]["left"] == 0


def test_the_other_answers_come_from_their_sections() -> None:
    assert answers(FULL, 1)[0].startswith("Nothing: no evidence")
    assert "4.10 EUR" in answers(FULL, 2)[1]
    assert "support-answers-11 serves now" in answers(FULL, 4)[0]
    assert "1, 10, 50, 100 %; 1 % keep the baseline" in " ".join(answers(FULL, 4))
    assert "1 % of scores" in " ".join(answers(FULL, 6))
    stops = " ".join(answers(FULL, 7))
    assert "420 units of scores; 1 look" in stops
    assert "at least 20,000 pairs and 7 days, at most 21 days" in stops
    assert "after 28 days NO SHIP" in stops
    assert "To be decided by 2026-11-13." in stops
    assert "resolved is expected to move handed_over by 0.03 to 0.11" in answers(FULL, 8)[0]


def test_what_is_watched_or_exploratory_is_no_promise(tmp_path: Path) -> None:
    rest = (
        '[[check]]\nid = "gate.seen"\nstage = "gate"\nrole = "watch"\nmetric = "right"\n'
        'may_lose = 0.1\n[exploratory]\nmetrics = ["right"]\n'
    )
    file = write_contract(tmp_path, scores_contract(50, rest=rest))
    assert answers(file, 8) == [
        "Reported, and moves no call: right.",
        "Whatever else anybody looks at is exploratory.",
    ]
    assert len(answers(file, 5)) == 2


@pytest.mark.parametrize("checks", [1, 12, 40, 200])
def test_however_long_a_contract_is_the_page_is_one_page(tmp_path: Path, checks: int) -> None:
    page = one_page(write_contract(tmp_path, crowded(checks)))
    lines = sum(
        1 + bool(one["left"]) + sum(-(-len(text) // 100) for text in one["answers"])
        for one in page["questions"]
    )
    assert lines <= LINES


def test_what_is_cut_is_counted(tmp_path: Path) -> None:
    """Forty promises and the error rates: what does not stand there is said to be left."""
    one = one_page(write_contract(tmp_path, crowded(40)))["questions"][4]
    assert len(one["answers"]) + one["left"] == 41


def test_a_seal_and_its_amendments_stand_at_the_first_question(tmp_path: Path) -> None:
    file = write_contract(tmp_path, scores_contract(400, bar="better_by = 0.05"))
    assert answers(file, 1)[1].startswith("Not sealed yet")
    seal_release(file, even_so="a test")
    assert answers(file, 1)[1].startswith("Sealed 20")
    file.write_text(scores_contract(400, bar="better_by = 0.04"), encoding="utf-8")
    assert "5 pp" in answers(file, 5)[0], "the sealed contract judges, not the file"
    amend_release(file, "less will do", even_so="a test")
    assert "4 pp" in answers(file, 5)[0]
    assert answers(file, 1)[2] == "Amended 1 time since, none of them after evidence had been read."


def test_as_markdown_it_asks_for_a_signature_of_every_block() -> None:
    text = export_text("aspredicted", FULL, None)
    assert text.count("\n## ") == len(QUESTIONS) + 2
    for block in ("product", "support", "safety"):
        assert f"- {block}: ____" in text


def test_as_markdown_it_obeys_nothing_that_a_contract_says(tmp_path: Path) -> None:
    text = scores_contract(50).replace(
        'owner = "team"', 'owner = "team"\nhypothesis = "<img src=x> [a](http://b) `c`"'
    )
    page = export_text("aspredicted", write_contract(tmp_path, text), None)
    assert "<img" not in page
    assert "://" not in page
    assert "\\[a\\]" in page
    assert "`c`" not in page.replace("\\`", "")
