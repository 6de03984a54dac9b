"""A number whose ends are declared for larger samples says so wherever it is shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import HEAD, write_contract, write_csv
from shipcall.cli.main import run

CONTRACT = (
    HEAD
    + """
[evidence]
predictions = {{ path = "p.csv", expect = {{ units = {units} }} }}
[metric]
caught = {{ level = "model", kind = "{kind}"{options} }}
[[check]]
id = "gate.caught"
stage = "gate"
role = "goal"
metric = "caught"
may_lose = 0.2
"""
)
NOTE = "Weighted recall: with fewer than 600 units that count the ends of its interval miss a"


def rows(n: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(4)
    label, found = rng.random(n) < 0.5, rng.random((2, n)) < 0.7
    return [
        {"item": f"q{i}", "label": int(label[i]), "baseline": int(found[0, i]),
         "candidate": int(found[1, i]), "amount": float(1 + 4 * (i % 5 == 0))}
        for i in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "kind", "said"),
    [(400, "weighted_recall", True), (1_400, "weighted_recall", False), (400, "recall", False)],
)
def test_small_weighted_recalls_say_so_on_the_terminal_the_report_and_the_page(
    units: int,
    kind: str,
    said: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """About half of the rows are positive, and only those count."""
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "signing.key"))
    options = ', weight = "amount"' if kind == "weighted_recall" else ""
    file = write_contract(tmp_path, CONTRACT.format(units=units, kind=kind, options=options))
    write_csv(tmp_path / "p.csv", rows(units))
    assert run(["seal", str(file), "--even-so", "a test"]) == 0
    capsys.readouterr()
    run(["gate", str(file)])
    terminal = " ".join(capsys.readouterr().out.split())
    assert (f"gate.caught: {NOTE}" in terminal) is said
    for form in ("markdown", "html"):
        assert run(["export", form, str(file), "-o", str(tmp_path / form)]) == 0
        text = (tmp_path / form).read_text(encoding="utf-8").replace("\\", "")
        assert (NOTE in text) is said
