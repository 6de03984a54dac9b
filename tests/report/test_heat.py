import re

from report.views import estimate, finding
from shipcall.report.heat import MOST_LEVELS, MOST_SIDE, heat
from shipcall.report.words import View


def cell(*pairs: tuple[str, str], value: float | None = 0.0, low: float = -0.01) -> View:
    measured = None if value is None else estimate(value, value - 0.02, value + 0.02)
    made = finding(measured, low)
    name = "*".join(f"{column}={level}" for column, level in pairs)
    return {**made, "id": f"slice.{name}", "slice": name, "slice_pairs": [list(p) for p in pairs]}


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_column_stands_level_by_level_with_every_number() -> None:
    svg = heat([cell(("tenure", level), value=v) for level, v in (("9", 0.02), ("10", -0.05))])
    said = texts(svg)
    assert said.index("9") < said.index("10")
    assert any(text.startswith("\u25a0") for text in said)


def test_a_column_with_too_many_levels_says_how_many_are_drawn() -> None:
    svg = heat([cell(("country", f"c{i}")) for i in range(MOST_LEVELS + 5)])
    assert f"the {MOST_LEVELS} most urgent of {MOST_LEVELS + 5}" in svg


def test_crossed_columns_with_many_levels_become_a_map_of_shapes() -> None:
    every = [cell(("a", f"a{i}"), ("b", f"b{j}")) for i in range(20) for j in range(20)]
    svg = heat(every)
    assert sum(text in "\u25cf\u25c6\u25a0\u25cb" for text in texts(svg) if len(text) == 1) == 400


def test_a_map_keeps_the_levels_with_the_most_urgent_slices() -> None:
    every = [
        cell(("a", f"a{i:03}"), ("b", f"b{j:02}")) for i in range(MOST_SIDE + 3) for j in range(13)
    ]
    worst = cell(("a", f"a{MOST_SIDE + 2:03}"), ("b", "b00"), value=-0.3)
    svg = heat([*every[:-13], *[c for c in every[-13:] if c["id"] != worst["id"]], worst])
    assert f"a{MOST_SIDE + 2:03}" in texts(svg)
    assert f"{MOST_SIDE * 13} of {(MOST_SIDE + 3) * 13} drawn" in svg


def test_cells_lead_somewhere_only_where_they_are_told_to() -> None:
    cells = [cell(("tenure", "new")), cell(("tenure", "<b>"))]
    assert "<a " not in heat(cells)
    linked = heat(cells, link=lambda check: f"/check/{len(check)}")
    assert linked.count("<a href=") == 2
    assert 'role="group"' in linked
    assert 'role="img"' in heat(cells)
    assert "<b>" not in linked


def test_nothing_inline_styles_a_picture() -> None:
    assert "style=" not in heat([cell(("a", f"a{i}"), ("b", "x")) for i in range(20)])
