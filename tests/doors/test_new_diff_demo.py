"""`new`, `diff` and `demo`: the first minutes of a stranger."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from builders import write_csv
from shipcall.cli.main import run, shipcall


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


@pytest.mark.parametrize("kind", ["classifier", "ranker", "llm", "regressor"])
def test_every_template_passes_check(kind: str, tmp_path: Path) -> None:
    assert run(["new", kind, str(tmp_path / kind)]) == 0
    assert run(["check", str(tmp_path / kind / "contract.toml")]) == 0


def test_a_contract_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "contract.toml").write_text("mine", encoding="utf-8")
    assert run(["new", "llm", str(tmp_path)]) == 2
    assert (tmp_path / "contract.toml").read_text("utf-8") == "mine"


def test_a_table_gets_a_proposed_mapping(tmp_path: Path) -> None:
    rows = [{"row_id": 1, "y_true": 0, "old_score": 0.2, "new_score": 0.3, "country": "NZ"}]
    table = write_csv(tmp_path / "mine.csv", rows)
    said = call("new", "classifier", tmp_path, "--from", table).output
    text = (tmp_path / "contract.toml").read_text("utf-8")
    assert "label        <- y_true" in said
    assert "country" in said
    assert 'baseline = "old_score"' in text
    assert 'path = "mine.csv"' in text
    assert run(["check", str(tmp_path / "contract.toml")]) == 0
    assert 'by = ["country"]' in text
    assert re.search(r'\[unit\][^\[]*id = "row_id"', text)
    assert text.count('"row_id"') == 2
    assert run(["seal", str(tmp_path / "contract.toml")]) == 0


def test_a_path_to_a_table_elsewhere_is_relative(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "data" / "mine.csv", [{"unit": 1, "label": 0, "old": 0, "new": 1}])
    call("new", "classifier", tmp_path / "release", "--from", table)
    text = (tmp_path / "release" / "contract.toml").read_text("utf-8")
    assert 'path = "../data/mine.csv"' in text


def results(path: Path, shares: dict[str, float], repeats: int = 2) -> Path:
    rng = np.random.default_rng(sum(map(ord, path.name)))
    rows = [
        {"question_id": f"{lang}{i}", "run": r, "score": int(rng.random() < share), "lang": lang}
        for lang, share in shares.items()
        for i in range(100)
        for r in range(repeats)
    ]
    return write_csv(path, rows)


def test_two_files_are_compared_with_slices_flips_and_repeats(tmp_path: Path) -> None:
    old = results(tmp_path / "old.csv", {"de": 0.6, "en": 0.7})
    new = results(tmp_path / "new.csv", {"de": 0.8, "en": 0.7})
    view = json.loads(call("diff", old, new, "--json").output)
    assert view["exploratory"] is True
    assert [row["slice"] for row in view["metrics"]] == ["all", "lang=de", "lang=en"]
    whole = view["metrics"][0]
    assert whole["estimate"]["n"] == 200
    assert whole["estimate"]["low"] < whole["estimate"]["value"] < whole["estimate"]["high"]
    assert view["flips"]["gained"] > 0 < view["flips"]["lost"]
    assert view["repeats"]["runs_per_item"] == 2
    text = call("diff", old, new).output
    assert "Exploratory" in text
    assert "SHIP" not in text.replace("shipcall", "")


def test_files_without_common_items_compare_nothing(tmp_path: Path) -> None:
    old = write_csv(tmp_path / "old.csv", [{"item": "a", "score": 1}])
    new = write_csv(tmp_path / "new.csv", [{"item": "b", "score": 1}])
    view = json.loads(call("diff", old, new, "--json").output)
    assert view["metrics"][0]["estimate"] is None
    assert any("No item is in both" in note for note in view["notes"])


def test_items_that_stand_twice_are_not_said_to_be_missing(tmp_path: Path) -> None:
    twice = [{"item": "a", "score": 1}, {"item": "a", "score": 0}]
    old, new = (write_csv(tmp_path / name, twice) for name in ("old.csv", "new.csv"))
    notes = json.loads(call("diff", old, new, "--json").output)["notes"]
    assert "No item has one grade in each file." in notes
    assert any("share their key" in note for note in notes)


def test_columns_that_cannot_be_guessed_are_asked_for(tmp_path: Path) -> None:
    old = write_csv(tmp_path / "old.csv", [{"foo": "a", "bar": 1}, {"foo": "b", "bar": 0}])
    assert run(["diff", str(old), str(old)]) == 2
    assert run(["diff", str(old), str(old), "--item", "foo", "--value", "bar"]) == 0
    assert run(["diff", str(old), str(tmp_path / "none.csv")]) == 2


def test_the_demo_judges_three_releases_and_writes_their_reports(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    said = call("demo", "--dir", folder, "--no-browser").output
    for word in ("NO SHIP", "HOLD", "ADVANCE", "slant=right"):
        assert word in said
    assert len(list(folder.glob("*/report.html"))) == 3
    assert run(["ledger", "verify", str(folder)]) == 0
    assert run(["demo", "--dir", str(folder), "--no-browser"]) == 0


def test_the_demo_leaves_a_strangers_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    assert run(["demo", "--dir", str(tmp_path), "--no-browser"]) == 2
    assert (tmp_path / "precious.txt").exists()
