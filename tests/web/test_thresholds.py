"""Another threshold of a cascade is a look at what is kept, and what is kept is never stale."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from asking import client_of, twin_of
from flights import patient
from shipcall.app import study_curves, study_pages
from shipcall.app.study_cascade import cascade_study, read_curve
from shipcall.app.study_cascade_form import Asked, Curve
from shipcall.app.study_curves import Curves
from shipcall.core import UsageError
from studied import ROUTER, study_all

CASCADE = f"/studies/cascade?file={ROUTER}/contract.toml&signal=sure"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace, and a server that keeps nothing yet."""
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "signing.key"))
    made = tmp_path / "workspace"
    (made / ".shipcall").mkdir(parents=True)
    study_all(made)
    patient(monkeypatch)
    monkeypatch.setattr(study_pages, "_CURVES", Curves())
    return made


@pytest.fixture
def asked(root: Path) -> TestClient:
    return client_of(root)


def twin(asked: TestClient, address: str) -> Any:
    got = asked.get(twin_of(address))
    assert got.status_code == 200
    return got.json()


def no_reading(*_: object) -> Curve:
    raise UsageError("the evidence was read")


def test_a_move_reads_nothing_and_says_what_the_command_says(
    root: Path, asked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first page on, whatever the threshold and however it is asked for."""
    assert asked.get(CASCADE).status_code == 200
    monkeypatch.setattr(study_pages, "read_curve", no_reading)
    for threshold in (0.3, 0.62, 5.0):
        page = asked.get(f"{CASCADE}&threshold={threshold}")
        assert (page.status_code, "At every threshold" in page.text) == (200, True)
        told = twin(asked, f"{CASCADE}&threshold={threshold}")
        wish = Asked(signal="sure", threshold=threshold)
        plainly = cascade_study(root / ROUTER / "contract.toml", wish)
        assert told == json.loads(json.dumps(plainly))
    other = asked.get(f"{CASCADE}&keep=low&threshold=0.3")
    assert other.status_code == 400
    assert "the evidence was read" in other.text


def test_a_changed_file_is_a_first_look_again(root: Path, asked: TestClient) -> None:
    assert "At every threshold" in asked.get(f"{CASCADE}&threshold=0.5").text
    runs = root / ROUTER / "runs.csv"
    runs.write_text(runs.read_text("utf-8").replace(",ok,", ",ok,", 1) + "\n", encoding="utf-8")
    assert "A first look at outcomes" in asked.get(f"{CASCADE}&threshold=0.51").text


def test_another_contract_is_another_cascade(root: Path, asked: TestClient) -> None:
    before = twin(asked, f"{CASCADE}&threshold=0.5")
    file = root / ROUTER / "contract.toml"
    file.write_text(file.read_text("utf-8").replace("small-2", "small-3"), encoding="utf-8")
    after = twin(asked, f"{CASCADE}&threshold=0.5")
    assert "small-2" in before["title"]
    assert "small-3" in after["title"]


def test_a_threshold_that_is_none_is_refused_from_what_is_kept(asked: TestClient) -> None:
    assert asked.get(CASCADE).status_code == 200
    assert asked.get(f"{CASCADE}&threshold=inf").status_code == 400


def test_few_curves_are_kept_and_no_large_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curve = read_curve(root / ROUTER / "contract.toml", Asked(signal="sure"))
    kept = Curves(most=2)
    for key in "abc":
        kept.keep(key, curve)
        assert kept.get("a") is (curve if key < "c" else None) or key == "c"
    assert [kept.get(key) is curve for key in "abc"] == [True, False, True]
    monkeypatch.setattr(study_curves, "MOST_ROWS", curve.rows.signal.size - 1)
    kept.keep("d", curve)
    assert kept.get("d") is None
    few = curve.rows.part(np.arange(curve.rows.signal.size) < 20)
    kept.keep("e", replace(curve, rows=few))
    assert kept.get("e") is not None
