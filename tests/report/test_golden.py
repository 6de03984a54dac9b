"""Golden files: what people saw last time, byte for byte. SHIPCALL_GOLDEN=write renews them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from report.views import KINDS, load
from shipcall.report.charts import forest, gate_strip
from shipcall.report.findings import crossings, grouped
from shipcall.report.grid import slice_grid
from shipcall.report.html import html_report
from shipcall.report.markdown import markdown_report
from shipcall.report.terminal import render

GOLDEN = Path(__file__).parents[1] / "golden" / "report"
View = dict[str, Any]


def plain(view: View) -> str:
    return render(view)


def ascii_only(view: View) -> str:
    return render(view, width=80, unicode=False, slices="all")


FORMS: dict[str, Callable[[View], str]] = {
    "txt": plain,
    "ascii.txt": ascii_only,
    "md": markdown_report,
    "html": html_report,
}


def compare(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("SHIPCALL_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert path.read_bytes() == text.encode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", KINDS)
def test_a_view_looks_as_it_did(name: str, form: str) -> None:
    compare(f"{name}.{form}", FORMS[form](load(name)))


@pytest.mark.parametrize("check", ["gate.ndcg", "gate.calibration", "slices.country=NZ"])
def test_an_explanation_reads_as_it_did(check: str) -> None:
    compare(f"why.{check.replace('=', '-')}.txt", render(load("hold"), why=check))


def test_pictures_look_as_they_did() -> None:
    findings = load("hold")["findings"]
    slices = grouped(findings).slices
    (crossing,) = crossings(slices)
    compare("strip.svg", gate_strip(findings[2]) + "\n")
    compare("forest.svg", forest(slices, because=["slices.country=NZ"], cap=12).svg + "\n")
    compare("grid.svg", f"{slice_grid(crossing)}\n")
