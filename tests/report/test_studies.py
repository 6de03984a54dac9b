"""Studies on a screen and as pictures: estimates with their intervals, nothing past the edge."""

import re
from typing import Any

import pytest

from shipcall.core import Absent, Estimate, Reason, Tails, plain
from shipcall.core.estimate import census
from shipcall.report.html import html_report
from shipcall.report.studies import cell_text, study_tables
from shipcall.report.studies_charts import study_svg
from shipcall.report.terminal import render
from shipcall.studies.study import Chart, Column, Line, Mark, Point, Study, Table

SHARE = Estimate(value=0.25, low=0.2, high=0.31, tails=Tails(0.025, 0.025), n=200, method="m")
NOTHING = Absent(reason=Reason.TOO_FEW_EVENTS, detail="3 of 10 clusters", n=3)


def view(columns: tuple[Column, ...], *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    table = Table(name="t", title="A table", columns=columns, rows=rows)
    form = plain(
        Study(name="cascade", title="A study", sentence="So it is.", tables=(table,), **more)
    )
    form.pop("name")
    return {"kind": "study", "study": "cascade", "release": "r", **form}


def chart(**more: Any) -> dict[str, Any]:
    points = (
        Point(x=1.0, y=10.0, low=8.0, high=13.0),
        Point(x=100.0, y=1000.0, low=700.0, high=1e4),
    )
    line = Line(title="bill", tone="candidate", points=points)
    dots = Line(title="front", tone="baseline", points=points[:1], joined=False)
    whole = Chart(name="c", title="A <chart>", says="It grows.", x_title="x", y_title="y",
                  lines=(line, dots), marks=(Mark(x=5.0, title="here"),), **more)  # fmt: skip
    form: dict[str, Any] = plain(whole)
    return form


@pytest.mark.parametrize(
    ("cell", "column", "text"),
    [
        (SHARE, Column(name="a", title="", unit="share"), "25.0 [20.0, 31.0]"),
        (SHARE, Column(name="a", title="", unit="share", difference=True), "+25.0 [+20.0, +31.0]"),
        (census(1.0, "all"), Column(name="a", title="", unit="share"), "100"),
        (NOTHING, Column(name="a", title=""), "no data"),
        (1234567, Column(name="a", title=""), "1,234,567"),
        (0.0171234567, Column(name="a", title=""), "0.0171235"),
        ("keep all", Column(name="a", title=""), "keep all"),
        (None, Column(name="a", title=""), ""),
    ],
)
def test_cells_are_written_in_the_unit_of_their_column(
    cell: Any, column: Column, text: str
) -> None:
    assert cell_text(plain(cell), plain(column)) == text


def test_columns_without_a_word_are_left_out_and_say_once_why() -> None:
    columns = tuple(Column(name=n, title=n.upper(), unit="share") for n in "abc")
    (table,) = study_tables(view(columns, {"a": SHARE, "b": NOTHING}, {"a": 0.5, "b": NOTHING}))
    assert table.titles == ("A, %",)
    assert table.rows == [["25.0 [20.0, 31.0]"], ["50"]]
    assert len(table.absent) == 1
    assert table.absent[0].startswith("B: no data. Too few events")


def test_a_wide_table_goes_on_below_with_its_first_column() -> None:
    columns = (
        Column(name="k", title="threshold"),
        *(Column(name=f"c{i}", title=f"a long heading {i}", unit="share") for i in range(8)),
    )
    row: dict[str, Any] = {"k": 0.5, **{f"c{i}": SHARE for i in range(8)}}
    text = render(view(columns, row), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("threshold") > 1
    assert all(f"heading {i}" in text for i in range(8))


def test_a_table_without_rows_says_so() -> None:
    assert "nothing to show" in render(view((Column(name="a", title="a"),)), width=80)


def test_texts_that_fit_nowhere_stand_on_lines_of_their_own() -> None:
    columns = (Column(name="a", title="a"), Column(name="b", title="b"))
    text = render(view(columns, {"a": "x" * 30, "b": "y " * 200 + "z" * 90}), width=60)
    assert max(map(len, text.splitlines())) <= 60


def test_names_from_elsewhere_obey_nothing() -> None:
    columns = (Column(name="a", title="a"),)
    page = html_report(view(columns, {"a": "<script>alert(1)</script>\x1b[2J"}))
    assert "<script>" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize("log", [False, True])
def test_everything_drawn_lies_within_the_picture(*, log: bool) -> None:
    picture = str(study_svg(chart(x_log=log, y_log=log)))
    assert "A &lt;chart&gt;" in picture
    assert "<desc" in picture
    numbers = [float(n) for n in re.findall(r'(?:x|y|cx|cy)="(-?[\d.]+)"', picture)]
    assert min(numbers) >= 0
    assert max(numbers) <= 720


def test_a_chart_of_one_place_can_be_drawn() -> None:
    form = chart()
    form["lines"] = [{**form["lines"][0], "points": form["lines"][0]["points"][:1]}]
    form["marks"] = []
    for log in (False, True):
        assert str(study_svg({**form, "x_log": log, "y_log": log})).startswith("<svg")
