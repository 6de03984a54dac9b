"""Numbers of the pictures beside the checks: every picture has a table of one shape."""

import pytest

from report.test_cohort import exhibits as cohort
from report.test_shadow import exhibits as shadow
from shipcall.report.exhibit_rows import exhibit_rows
from shipcall.report.exhibits import exhibit_svgs


@pytest.mark.parametrize(("stage", "shown"), [("shadow", shadow()), ("cohort", cohort())])
def test_every_picture_has_rows_with_the_same_columns(stage: str, shown: dict[str, object]) -> None:
    view = {"stage": stage, "exhibits": shown}
    numbers = exhibit_rows(view)
    for name in exhibit_svgs(view):
        assert numbers[name]
        assert len({tuple(row) for row in numbers[name]}) == 1


def test_decisions_are_counted_cell_by_cell() -> None:
    shown = {"decisions": {"classes": ["yes", "no"], "counts": [[5, 1], [2, 7]]}}
    rows = exhibit_rows({"stage": "shadow", "exhibits": shown})["decisions"]
    assert [tuple(row.values()) for row in rows] == [
        ("yes", "yes", 5),
        ("yes", "no", 1),
        ("no", "yes", 2),
        ("no", "no", 7),
    ]


def test_an_empty_cell_says_why() -> None:
    rows = exhibit_rows({"stage": "cohort", "exhibits": cohort()})["retention"]
    empty = [row for row in rows if row["difference"] is None]
    assert empty
    assert all(row["why_none"] for row in empty)
    assert all(not row["why_none"] for row in rows if row["difference"] is not None)


def test_without_exhibits_there_are_no_rows() -> None:
    assert exhibit_rows({"stage": "cohort", "exhibits": {}}) == {}
    absent = {"absent": "no_rows", "detail": "no unit began", "n": 0}
    assert exhibit_rows({"stage": "cohort", "exhibits": absent}) == {}
    assert exhibit_rows({"stage": "gate", "exhibits": {}}) == {}
