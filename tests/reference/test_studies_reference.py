"""Cascades and costs against the raw pairs they are made of, by another way of computing."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shipcall.app.study_cascade import cascade_study
from shipcall.app.study_cascade_form import Asked

DATA = Path(
    os.environ.get("SHIPCALL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)
PAIRS = DATA / "llm_pairs"
NEEDED = pytest.mark.skipif(not PAIRS.is_dir(), reason=f"no folder {PAIRS}: open data not here")

CONTRACT = """
shipcall = 1

[release]
id = "router"
kind = "llm"
owner = "routing"
baseline = "mixtral"
candidate = "gpt-4"
change = "cascade"

[unit]
id = "item_id"

[evidence.scores]
path = "runs.parquet"
{source}

[metric]
right = {{ level = "model", better = "higher", kind = "proportion" }}

[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.02
"""
WIDE = """columns = { baseline = "mixtral_correct", candidate = "gpt4_correct" }
constants = { metric = "right", status = "ok" }"""
LONG = """constants = { metric = "right", status = "ok" }
columns = { item = "item_id" }"""
_PER_CHARACTER = {"mixtral": 2e-7, "gpt4": 1e-5}


def contract(folder: Path, source: str) -> Path:
    file = folder / "contract.toml"
    file.write_text(CONTRACT.format(source=source), encoding="utf-8")
    return file


@NEEDED
def test_gsm8k_ends_are_the_published_shares_and_between_them_rows_are_replayed(
    tmp_path: Path,
) -> None:
    """DATA.md, RouteLLM: 63.84 % -> 85.67 %. Every other row: numpy on the file itself."""
    raw = pq.read_table(PAIRS / "gsm8k_mixtral_vs_gpt4.parquet")
    pq.write_table(raw, tmp_path / "runs.parquet")
    asked = Asked(signal="mixtral_response_chars", keep="low", first_cost=1.0, second_cost=20.0)
    view = cascade_study(
        contract(tmp_path, WIDE.replace("{ base", '{ item = "item_id", base')), asked
    )
    rows = view["tables"][0]["rows"]
    assert rows[0]["value"]["value"] == pytest.approx(0.6384, abs=5e-5)
    assert rows[-1]["value"]["value"] == pytest.approx(0.8567, abs=5e-5)
    long, weak, strong = (
        np.array(raw[name], dtype=float)
        for name in ("mixtral_response_chars", "mixtral_correct", "gpt4_correct")
    )
    assert len(rows) > 10
    for row in rows[1:-1]:
        kept = long <= row["threshold"]
        assert row["value"]["value"] == pytest.approx(np.where(kept, weak, strong).mean())
        assert row["fallback"]["value"] == pytest.approx(1 - kept.mean())
        assert row["cost"]["value"] == pytest.approx(np.where(kept, 1, 21).mean())


@NEEDED
def test_gsm8k_prices_by_the_character_are_those_of_the_rows_asked(tmp_path: Path) -> None:
    """The same pairs as long rows with a price of their own, summed here and there."""
    raw = pq.read_table(PAIRS / "gsm8k_mixtral_vs_gpt4.parquet").to_pydict()
    long = {
        "arm": ["baseline"] * len(raw["item_id"]) + ["candidate"] * len(raw["item_id"]),
        "item_id": raw["item_id"] * 2,
        "value": [float(v) for v in raw["mixtral_correct"] + raw["gpt4_correct"]],
        "cost": [
            chars * _PER_CHARACTER[name]
            for name in _PER_CHARACTER
            for chars in raw[f"{name}_response_chars"]
        ],
        "doubt": [float(c) for c in raw["prompt_chars"]] + [0.0] * len(raw["item_id"]),
    }
    pq.write_table(pa.table(long), tmp_path / "runs.parquet")
    view = cascade_study(contract(tmp_path, LONG), Asked(signal="doubt", keep="low"))
    prompt = np.array(raw["prompt_chars"], dtype=float)
    prices = {n: np.array(raw[f"{n}_response_chars"]) * p for n, p in _PER_CHARACTER.items()}
    for row in view["tables"][0]["rows"][1:-1]:
        spent = prices["mixtral"] + np.where(prompt <= row["threshold"], 0.0, prices["gpt4"])
        assert row["cost"]["value"] == pytest.approx(spent.mean())
        assert row["cost"]["low"] < spent.mean() < row["cost"]["high"]


@NEEDED
@pytest.mark.slow
def test_mmlu_is_worth_more_with_a_fallback_than_by_chance_or_the_study_says_not(
    tmp_path: Path,
) -> None:
    """DATA.md: 68.08 % -> 80.58 %; 14,042 rows. The length of the prompt as signal."""
    raw = pq.read_table(PAIRS / "mmlu_mixtral_vs_gpt4.parquet")
    pq.write_table(raw, tmp_path / "runs.parquet")
    file = contract(tmp_path, WIDE.replace("{ base", '{ item = "item_id", base'))
    view = cascade_study(file, Asked(signal="prompt_chars", keep="low"))
    rows = view["tables"][0]["rows"]
    assert rows[0]["value"]["value"] == pytest.approx(0.6808, abs=5e-5)
    assert rows[-1]["value"]["value"] == pytest.approx(0.8058, abs=5e-5)
    chars, weak, strong = (
        np.array(raw[name], dtype=float)
        for name in ("prompt_chars", "mixtral_correct", "gpt4_correct")
    )
    for row in rows[1:-1]:
        kept = chars <= row["threshold"]
        mixed = kept.mean() * weak.mean() + (1 - kept.mean()) * strong.mean()
        gained = np.where(kept, weak, strong).mean() - mixed
        assert row["over_random"]["value"] == pytest.approx(gained, abs=1e-9)
