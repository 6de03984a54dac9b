"""The luck in repeated runs stands beside the verdict and moves nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import HEAD, run_gate, write_csv
from shipcall.report.exhibit_rows import exhibit_rows
from shipcall.report.exhibits import exhibit_lines, exhibit_svgs

ITEMS, RUNS = 200, 3
CONTRACT = (
    HEAD
    + """
[harness]
eval_set = {{ name = "set", sha256 = "{digest}" }}
scorer = "exact"
repeats = {runs}
owner = "o"
why = "w"
[evidence]
scores = {{ path = "s.csv", expect = {{ units = 200 }} }}
[metric]
right = {{ level = "model", better = "higher", kind = "proportion" }}
all_3 = {{ level = "model", kind = "pass_k", k = {runs}, name = "right" }}
[[check]]
id = "gate.right"
stage = "gate"
role = "guardrail"
metric = "right"
may_lose = 0.05
[[check]]
id = "gate.all_3"
stage = "gate"
role = "watch"
metric = "all_3"
may_lose = 0.05
"""
)


def rows(runs: int) -> list[dict[str, Any]]:
    """Items of which each model resolves every run with a chance of its own."""
    rng = np.random.default_rng(4)
    found = []
    for i in range(ITEMS):
        chance = rng.beta(2, 1)
        found += [
            {"item": f"q{i}", "arm": arm, "repeat": run, "metric": "right", "status": "ok",
             "value": int(rng.random() < chance)}
            for arm in ("old", "fresh")
            for run in range(runs)
        ]  # fmt: skip
    return found


def exhibits(folder: Path, runs: int) -> dict[str, Any]:
    write_csv(folder / "s.csv", rows(runs))
    judged = run_gate(folder, CONTRACT.format(runs=runs, digest="0" * 64))
    shown: dict[str, Any] = judged.facts.get("exhibits", {})
    return shown


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return exhibits(tmp_path_factory.mktemp("runs"), RUNS)


def test_metrics_of_the_same_grades_are_told_once(shown: dict[str, Any]) -> None:
    assert [one["metric"] for one in shown["repeats"]] == ["right"]


def test_flaky_items_are_counted_as_by_hand(shown: dict[str, Any]) -> None:
    grades: dict[tuple[str, str], set[int]] = {}
    for row in rows(RUNS):
        grades.setdefault((row["arm"], row["item"]), set()).add(row["value"])
    (one,) = shown["repeats"]
    for arm, name in (("old", "baseline"), ("fresh", "candidate")):
        own = [seen for (of, _), seen in grades.items() if of == arm]
        assert one["flaky"][name] == sum(len(seen) > 1 for seen in own)
    assert (one["items"], one["runs"]) == (ITEMS, RUNS)


def test_models_that_differ_by_chance_alone_differ_by_luck(shown: dict[str, Any]) -> None:
    """Both models resolve an item with one chance, so differences of items are luck alone."""
    (one,) = shown["repeats"]
    assert one["share"]["low"] <= 1.0 == pytest.approx(one["share"]["high"])
    assert one["share"]["value"] > 0.6
    assert one["twice"]["value"] < 1.0


def test_one_run_of_each_item_says_nothing_of_luck(tmp_path: Path) -> None:
    assert "repeats" not in exhibits(tmp_path, 1)


def test_several_grades_of_one_run_are_no_repeats(tmp_path: Path) -> None:
    unsafe = [{**row, "metric": "unsafe", "value": 0} for row in rows(1)]
    write_csv(tmp_path / "s.csv", [*rows(1), *unsafe])
    second = """[[check]]
id = "gate.unsafe"
stage = "gate"
role = "guardrail"
metric = "unsafe"
at_most = 0.05
[metric.unsafe]
level = "safety"
better = "lower"
kind = "proportion"
"""
    judged = run_gate(tmp_path, CONTRACT.format(runs=1, digest="0" * 64) + second)
    assert {f.check.id for f in judged.verdict.findings} >= {"gate.right", "gate.unsafe"}
    assert "repeats" not in judged.facts.get("exhibits", {})


def test_the_lines_fit_a_terminal_and_the_picture_has_its_numbers(shown: dict[str, Any]) -> None:
    view = {"stage": "gate", "exhibits": shown, "findings": []}
    lines = exhibit_lines(view)
    assert any(line.startswith("  Luck of the runs is") for line in lines)
    assert max(map(len, lines)) <= 80
    assert list(exhibit_svgs(view)) == ["luck-right"]
    table = exhibit_rows(view)["luck-right"]
    assert [row["what"] for row in table] == ["share", "twice", "endless"]
    assert table[0]["value"] == shown["repeats"][0]["share"]["value"]


def test_runs_of_which_nothing_is_known_are_said_so() -> None:
    gone = {"absent": "not_measurable", "detail": "too many", "n": 0}
    luckless = {"metric": "m", "items": 3, "runs": 2.0, "flaky": {"baseline": 0, "candidate": 1}}
    view = {
        "stage": "gate",
        "exhibits": {"repeats": [{"metric": "x", **gone}, {**luckless, "share": gone}]},
        "findings": [],
    }
    text = "\n".join(exhibit_lines(view))
    assert "No data: too many." in text
    assert "is not known: too many." in text
    assert exhibit_svgs(view) == {}
