import re
from xml.etree import ElementTree as ET

import pytest

from report.views import VERDICTS, estimate, finding, load, many_slices, sliced
from shipcall.report.charts import FOREST_ROWS, STRIP, forest, gate_strip
from shipcall.report.findings import crossings, grouped
from shipcall.report.grid import slice_grid
from shipcall.report.text import clean_view

SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ET.Element:
    """Inline SVG needs no namespace; here it gets one, to be read as a document of its own."""
    return ET.fromstring(svg)  # noqa: S314 - our own output


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in read(svg).iter("text")]


def rectangles(svg: str) -> list[tuple[float, float]]:
    return [(float(r.attrib["x"]), float(r.attrib["width"])) for r in read(svg).iter("rect")]


@pytest.mark.parametrize("name", VERDICTS)
def test_every_picture_says_its_finding_in_words(name: str) -> None:
    for made in clean_view(load(name))["findings"]:
        root = read(gate_strip(made))
        assert root.attrib["role"] == "img"
        title, desc = root.find("title"), root.find("desc")
        assert title is not None
        assert desc is not None
        assert made["answer"] in f"{title.text}"
        labelled = {title.attrib["id"], desc.attrib["id"]}
        assert set(root.attrib["aria-labelledby"].split()) == labelled


def test_a_picture_has_the_same_bytes_every_time_and_its_own_ids() -> None:
    one = finding(estimate(1, 0, 2), 0)
    other = finding(estimate(1, 0, 2), 0, id="gate.other")
    assert gate_strip(one) == gate_strip(one)
    ids = [set(re.findall(r'id="(\w+)"', gate_strip(f))) for f in (one, other)]
    assert not ids[0] & ids[1]


def test_numbers_are_rounded_to_a_tenth() -> None:
    svg = gate_strip(finding(estimate(1 / 3, -1 / 7, 2 / 3), -0.2))
    coordinates = re.findall(r'(?:x|width|cx|cy)="([\d.]+)"', svg)
    assert coordinates
    assert all(re.fullmatch(r"\d+(\.\d)?", number) for number in coordinates)


def test_the_forbidden_side_of_a_lower_bar_is_hatched_up_to_the_requirement() -> None:
    """Hand: axis -0.024 to 0.014 on 244 px: the bar of -0.01 lies 89.9 px from the left."""
    made = finding(estimate(0.0, -0.02, 0.01), -0.01)
    ((left, wide),) = rectangles(gate_strip(made))
    assert left == 8
    assert wide == pytest.approx((-0.01 + 0.02 + 0.0036) / 0.0372 * (STRIP[0] - 16), abs=0.1)


def test_a_two_sided_bar_hatches_both_sides() -> None:
    assert len(rectangles(gate_strip(finding(estimate(0, -1, 1), -2, 2)))) == 2


def test_a_passing_interval_never_touches_the_requirement() -> None:
    made = finding(estimate(0.0, -0.00999999, 0.01), -0.01)
    assert made["standing"] == "CLEAR"
    svg = gate_strip(made)
    start = float(re.findall(r'd="M([\d.]+) 13H', svg)[0])
    ((left, wide),) = rectangles(svg)
    assert start >= left + wide + 4


def test_an_unbounded_end_is_an_arrow() -> None:
    bounded = gate_strip(finding(estimate(0, -1, 1), -2))
    unbounded = gate_strip(finding(estimate(0, -1, None), -2))
    assert "v-14z" not in bounded
    assert "v-14z" in unbounded


def test_a_count_has_no_interval() -> None:
    svg = gate_strip(finding(estimate(3, 3, 3, census=True), None, 0, estimand="count"))
    assert 'stroke-width="6"' not in svg
    assert "<circle" in svg


def test_no_data_is_hatched_and_says_so() -> None:
    svg = gate_strip(finding(None, -0.01))
    assert "<circle" not in svg
    assert "no interval" in texts(svg)
    assert "url(#h" in svg


def test_a_forest_shows_sixty_slices_and_counts_the_others() -> None:
    slices = grouped(many_slices(100)["findings"]).slices
    drawn = forest(slices)
    assert (drawn.shown, drawn.more) == (FOREST_ROWS, len(slices) - FOREST_ROWS)
    assert len(list(read(drawn.svg).iter("circle"))) <= FOREST_ROWS


def test_a_forest_starts_with_what_made_the_call() -> None:
    view = load("hold")
    drawn = forest(grouped(view["findings"]).slices, because=["slices.country=NZ"])
    rows = [text for text in texts(drawn.svg) if text.startswith(("country", "device"))]
    assert rows[0] == "country=NZ (protected)"
    assert rows[1] == "device=Android*tenure=>180 d"


def test_a_grid_prints_every_number_and_marks_failures_by_shape() -> None:
    (crossing,) = crossings(load("hold")["findings"])
    svg = slice_grid(crossing)
    assert svg is not None
    said = texts(svg)
    assert "\u25a0 \u22120.0175" in said
    assert "\u25cb 120 of 400" in said
    assert any(text.startswith("n ") for text in said)
    assert svg.count("url(#h") == 2


def test_a_grid_with_too_many_levels_is_left_to_the_table() -> None:
    pairs = [[["a", str(i)], ["b", "x"]] for i in range(13)]
    many = [sliced(str(i), None, slice_pairs=pair) for i, pair in enumerate(pairs)]
    (crossing,) = crossings(many)
    assert slice_grid(crossing) is None


def test_hostile_names_stay_text_inside_a_picture() -> None:
    view = clean_view(load("hostile"))
    slices = grouped(view["findings"]).slices
    root = read(forest([f for f in slices if f["metric_title"] == "Title <b>"]).svg)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    known = {"svg", "title", "desc", "defs", "pattern", "path", "rect", "circle", "text"}
    assert tags <= known


def test_a_grid_of_open_ends_and_counts_says_so_instead_of_a_width() -> None:
    pairs = [[["a", "x"], ["b", level]] for level in ("1", "2", "3")]
    numbers = [
        estimate(0.4, 0.3, None),
        estimate(3, 3, 3, census=True),
        estimate(0.5, 0.4, 0.6),
    ]
    many = [
        finding(number, 0.0, id=str(i), slice_pairs=pair, estimand="candidate")
        for i, (number, pair) in enumerate(zip(numbers, pairs, strict=True))
    ]
    (crossing,) = crossings(many)
    said = texts(f"{slice_grid(crossing)}")
    assert {"open end", "counted", "\u00b10.100"} <= set(said)


def test_the_levels_of_a_grid_stand_in_their_natural_order() -> None:
    levels = ["31-180 d", "8-30 d", "new"]
    many = [sliced(level, None, slice_pairs=[["a", "x"], ["b", level]]) for level in levels]
    (crossing,) = crossings(many)
    said = texts(f"{slice_grid(crossing)}")
    assert said.index("8-30 d") < said.index("31-180 d") < said.index("new")
