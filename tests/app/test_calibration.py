"""What the page on calibration shows, for all rows and for one slice."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import write_csv
from judged import HEAD, own_key
from shipcall.app.calibration import calibration_view
from shipcall.app.recalled import place_of, recall
from shipcall.app.release import judge_release, seal_release
from shipcall.core import UsageError
from shipcall.report.reliability import band_rows, curve_rows, reliability_lines, reliability_svg

CONTRACT = """
[evidence]
predictions = "rows.csv"

[metric]
slope = { level = "model", kind = "calibration_slope" }
shift = { level = "model", kind = "calibration_intercept" }

[[check]]
id = "gate.slope"
stage = "gate"
role = "goal"
metric = "slope"
within = [0.5, 2.0]

[[check]]
id = "gate.shift"
stage = "gate"
role = "watch"
metric = "shift"
within = [-1.0, 1.0]

[slices]
by = ["site"]
metric = "score"
may_lose = 0.5
min_units = 10
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calibration")
    rng = np.random.default_rng(3)
    odds = rng.normal(0, 1.5, 400)
    label = rng.random(400) < 1 / (1 + np.exp(-odds))
    stated = [1 / (1 + np.exp(-slope * odds)) for slope in (2.0, 1.0)]
    rows: list[dict[str, object]] = [
        {
            "unit": f"u{i:03}",
            "label": int(label[i]),
            "baseline": f"{stated[0][i]:.4f}",
            "candidate": f"{stated[1][i]:.4f}",
            "site": "north" if i % 4 else "south",
        }
        for i in range(400)
    ]
    write_csv(folder / "rows.csv", rows)
    text = HEAD.format(id="sure-1", kind="classifier") + CONTRACT.replace(
        "shift =", 'score = { level = "model", kind = "brier" }\nshift ='
    )
    contract = folder / "contract.toml"
    contract.write_text(text, encoding="utf-8")
    with own_key(tmp_path_factory.mktemp("key")):
        seal_release(contract, even_so="a test")
        judge_release(contract, "gate")
    return contract


def shown(file: Path, **asked: str) -> dict[str, Any]:
    view: dict[str, Any] = calibration_view(recall(*place_of(file), "gate"), asked)
    return view


def test_every_number_has_its_interval_or_says_why_not(file: Path) -> None:
    view = shown(file)
    named = {one["metric"] for one in (*view["scores"], *view["parts"])}
    assert named == {
        "ece", "brier", "calibration_slope", "calibration_intercept",
        "brier_miscalibration", "brier_discrimination", "brier_uncertainty",
    }  # fmt: skip
    for one in (*view["scores"], *view["parts"]):
        assert one["estimate"]["low"] < one["estimate"]["high"]
    slopes = {s["estimand"]: s for s in view["scores"] if s["metric"] == "calibration_slope"}
    assert slopes["baseline"]["estimate"]["high"] < 1 < slopes["candidate"]["estimate"]["high"]
    assert slopes["candidate"]["target"] == 1.0


def test_parts_add_up_to_the_score(file: Path) -> None:
    view = shown(file)
    value = {
        one["metric"]: one["estimate"]["value"]
        for one in (*view["scores"], *view["parts"])
        if one["estimand"] == "candidate"
    }
    parts = value["brier_miscalibration"] - value["brier_discrimination"]
    assert parts + value["brier_uncertainty"] == pytest.approx(value["brier"])


def test_the_curve_and_its_band_cover_every_row(file: Path) -> None:
    view = shown(file)
    for arm in ("baseline", "candidate"):
        assert sum(step["rows"] for step in view["curve"][arm]) == 400
        assert (view["band"][arm][0]["low"], view["band"][arm][-1]["high"]) == (0.0, 1.0)
    assert len(curve_rows(view)) == sum(len(view["curve"][arm]) for arm in view["curve"])
    assert {row["model"] for row in band_rows(view)} == {"baseline", "candidate"}
    svg = str(reliability_svg(view))
    assert svg.count("<polyline") == svg.count("<polygon") == 2


def test_a_slice_is_shown_by_itself(file: Path) -> None:
    view = shown(file, slice="site=south")
    assert (view["slice"], view["rows"]) == ("site=south", 100)
    assert sum(one["rows"] for one in view["bins"]["candidate"]) == 100
    assert "100 rows of site=south" in reliability_lines(view)[0]
    whole = next(s for s in shown(file)["scores"] if s["metric"] == "brier")
    own = next(s for s in view["scores"] if s["metric"] == "brier")
    assert own["estimate"]["n"] == 100 < whole["estimate"]["n"]


def test_a_slice_that_nobody_named_is_refused_with_those_there_are(file: Path) -> None:
    with pytest.raises(UsageError, match="site=north, site=south"):
        shown(file, slice="site=east")


def test_checks_of_slope_and_intercept_stand_beside_the_picture(file: Path) -> None:
    assert {"gate.slope", "gate.shift"} <= {check["id"] for check in shown(file)["checks"]}
