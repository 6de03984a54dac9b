"""Named relations: the same rows of the same types, and less to compile."""

import ibis
import pytest

from shipcall.core import EvidenceError
from shipcall.data.cells import as_number, as_value
from shipcall.data.connect import Engine

TEXTS = ["1", " 2.50", "-3e2", "true", "FALSE", "nan", "inf", "x", "", "1.0", "01.00", None]


@pytest.fixture
def engine() -> Engine:
    engine = Engine([])
    engine.run("CREATE TEMP TABLE texts (place INT, cell VARCHAR)")
    for place, cell in enumerate(TEXTS):
        told = "NULL" if cell is None else f"'{cell}'"
        engine.run(f"INSERT INTO texts VALUES ({place}, {told})")  # noqa: S608 - our own texts
    return engine


def test_text_is_the_number_and_the_value_that_it_says(engine: Engine) -> None:
    t = engine.table("texts")
    asked = t.select("place", number=as_number(t.cell), value=as_value(t.cell)).order_by("place")
    seen = engine.fetch(asked, "texts").to_pylist()
    numbers = [None if row["number"] is None else repr(row["number"]) for row in seen]
    assert numbers == [
        "1.0", "2.5", "-300.0", "1.0", "0.0", "nan", "inf", None, None, "1.0", "1.0", None
    ]  # fmt: skip
    assert [row["value"] for row in seen] == [
        "1", " 2.50", "-3e2", "1", "0", "nan", "inf", "x", "", "1", "01", None
    ]  # fmt: skip


def test_a_name_gives_the_rows_and_types_of_its_expression(engine: Engine) -> None:
    t = engine.table("texts")
    expression = t.mutate(number=as_number(t.cell), one=ibis.literal(1.0), whole=t.place.sum())
    named = engine.named(expression, "texts")
    assert named.schema() == expression.schema()
    found = engine.fetch(named.order_by("place"), "texts")
    assert found.schema == engine.fetch(expression.order_by("place"), "texts").schema
    assert found.num_rows == len(TEXTS)
    assert set(found.column("whole").to_pylist()) == {sum(range(len(TEXTS)))}


def test_an_expression_has_one_name(engine: Engine) -> None:
    t = engine.table("texts")
    first = engine.named(t.filter(t.place > 3), "texts")
    again = engine.named(t.filter(t.place > 3), "texts")
    other = engine.named(t.filter(t.place > 4), "texts")
    assert first.equals(again)
    assert not first.equals(other)
    assert engine.row(other.aggregate(n=other.count()), "texts") == {"n": len(TEXTS) - 5}


def test_what_cannot_be_run_under_a_name_is_trouble_with_the_evidence(engine: Engine) -> None:
    t = engine.table("texts")
    named = engine.named(t.select(number=t.cell.cast("int64")), "texts")
    with pytest.raises(EvidenceError, match="texts"):
        engine.fetch(named, "texts")
