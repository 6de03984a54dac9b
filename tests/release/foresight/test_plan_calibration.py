"""Predicted chances come true on rows that are drawn by other laws (scripts/plan_calibration)."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "plan_calibration", ROOT / "scripts" / "plan_calibration.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "scripts"), *sys.path])
        spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_predicted_chances_come_true_on_drawn_rows(script: ModuleType, tmp_path: Path) -> None:
    """Eight of the contracts, coarsely; docs/planning.md has the numbers of all of them."""
    numbers = [0, 1, 2, 3, 5, 7, 9, 11]
    found = [script.compared(n, tmp_path, draws=12, predictions=300) for n in numbers]
    assert min(one.p for one in found) > 0.01 / (2 * len(found))
    assert script.error(found, "known") < 0.06
    assert script.error(found, "pilot") < 0.08


def test_the_picture_and_the_report_hold_every_contract(script: ModuleType) -> None:
    one = script.Comparison(3, (0.4, 0.1), (0.5, 0.1), (0.45, 0.05), 0.3)
    svg = script.picture([one, one], 20)
    assert svg.count("<circle") == svg.count("<rect") == 3
    assert "| known | 0.050 |" in script.report([one], 20, 100)


def test_the_same_number_gives_the_same_contract(script: ModuleType) -> None:
    assert script.case_of(4) == script.case_of(4)
    assert script.case_of(4) != script.case_of(5)
