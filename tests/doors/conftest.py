"""For tests at the doors: a folder with a shelf of two cases, and two releases to study."""

from pathlib import Path

import numpy as np
import pytest

from builders import write_csv
from doors.studying import COSTS, HEAD, PREDICTIONS, SCORES
from practice.shelves import use_shelf


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_shelf(tmp_path / "shelf", monkeypatch)
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("NO_COLOR", "1")
    return place


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    """Contract of a classifier with prices, its 300 rows beside it."""
    rng = np.random.default_rng(5)
    positive = rng.random(300) < 0.3
    rows: list[dict[str, object]] = [
        {
            "unit": f"u{i}",
            "label": int(p),
            "baseline": round(float(np.clip(0.3 * p + 0.7 * rng.random(), 0, 1)), 4),
            "candidate": round(float(np.clip(0.4 * p + 0.6 * rng.random(), 0, 1)), 4),
            "site": "north" if i % 10 == 0 else "south",
        }
        for i, p in enumerate(positive)
    ]
    write_csv(tmp_path / "rows.csv", rows)
    file = tmp_path / "contract.toml"
    file.write_text(HEAD + PREDICTIONS + COSTS, encoding="utf-8")
    return file


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Contract of two models that answered 200 questions, once each."""
    rng = np.random.default_rng(6)
    sure = rng.random(200)
    rows: list[dict[str, object]] = []
    for arm, share in (("baseline", 0.4 + 0.5 * sure), ("candidate", np.full(200, 0.9))):
        for i, chance in enumerate(share):
            rows.append(
                {
                    "arm": arm,
                    "item": f"i{i}",
                    "value": int(rng.random() < chance),
                    "status": "ok",
                    "cost": 0.01 if arm == "baseline" else 0.2,
                    "latency_ms": round(float(rng.gamma(4, 20)), 2),
                    "sure": round(float(sure[i]), 4) if arm == "baseline" else "",
                }
            )
    write_csv(tmp_path / "runs.csv", rows)
    file = tmp_path / "contract.toml"
    file.write_text(HEAD + SCORES, encoding="utf-8")
    return file
