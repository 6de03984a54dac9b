import tomllib
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipcall.contract.positions import Path, dotted, scan

EXAMPLE = (File(__file__).parent / "design_example.toml").read_text(encoding="utf-8")


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from paths_of(inner, (*path, at))


def test_every_key_the_reader_finds_has_a_place_of_its_own() -> None:
    """The reader of the standard library says which paths exist."""
    found = scan(EXAMPLE)
    for path in paths_of(tomllib.loads(EXAMPLE)):
        assert path in found.keys, dotted(path)
        place = found.key(path)
        assert place is not None
        if isinstance(path[-1], str):
            assert place.source[place.column - 1 :].lstrip("[").startswith(path[-1])


@pytest.mark.parametrize(
    ("text", "path", "line", "column"),
    [
        ("a = 1", ("a",), 1, 1),
        ("[t]\n  a = 1", ("t", "a"), 2, 3),
        ("[t]\n  a = 1", ("t", "b"), 1, 1),
        ("[[c]]\nx=1\n[[c]]\nx=2", ("c", 1, "x"), 4, 1),
        ("[[c]]\n[c.d]\ny=1\n[[c]]\n[c.d]\ny=2", ("c", 1, "d", "y"), 6, 1),
        ("m = { a = 1, b = { c = 2 } }", ("m", "b", "c"), 1, 20),
        ("m = [\n  1, # one\n  2,\n]", ("m", 1), 3, 3),
        ("m = [{ a = 1 },\n { a = 2 }]", ("m", 1, "a"), 2, 4),
        ("'a b'.\"c.d\" = 1", ("a b", "c.d"), 1, 1),
        ('"\\u0061" = 1', ("a",), 1, 1),
        ('x = """\na = 1\n"""\nb = 2', ("b",), 4, 1),
        ("x = '''it''''\nb = 2", ("b",), 2, 1),
        ('x = "# no comment" # one\nb = 2', ("b",), 2, 1),
        ("# [no]\n[t] # [t]\na=1", ("t", "a"), 3, 1),
        ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2, 1),
        ("a = \nb = 2", ("b",), 2, 1),
        ("what is this\nb = 2", ("b",), 2, 1),
    ],
)
def test_a_key_is_found_where_it_stands(text: str, path: Path, line: int, column: int) -> None:
    """Counted by hand."""
    place = scan(text).key(path)
    assert place is not None
    assert (place.line, place.column) == (line, column)


def test_a_value_is_found_behind_its_key() -> None:
    found = scan('[t]\nlong_key = "v"')
    place = found.value(("t", "long_key"))
    assert place is not None
    assert (place.line, place.column, place.source) == (2, 12, 'long_key = "v"')


def test_nothing_around_a_path_is_no_place() -> None:
    assert scan("a = 1").key(("b", "c")) is None


def test_a_second_key_and_a_second_table_are_noticed() -> None:
    found = scan("[t]\na = 1\na = 2\n[t]\n[[c]]\na=1\n[[c]]\na=1")
    assert [(repeat.path, found.at(repeat.again).line) for repeat in found.repeats] == [
        (("t", "a"), 3),
        (("t",), 4),
    ]


def test_a_line_too_long_to_print_is_left_out() -> None:
    place = scan("a = [" + "1," * 500 + "]").key(("a",))
    assert place is not None
    assert not place.source


def test_paths_are_written_as_people_read_them() -> None:
    assert dotted(("check", 0, "within", 1)) == "check[0].within[1]"


NAMES = st.text(st.sampled_from("abc_-1"), min_size=1, max_size=3)
TABLES = st.recursive(
    st.integers(0, 9) | st.sampled_from([True, "te#xt", 'qu"ote', "a = 1\n[b]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + " ,\n".join(written(v) for v in value) + "]"
    if isinstance(value, str):
        escaped = value.replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return str(value).lower()


@given(st.dictionaries(NAMES, TABLES, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_document_has_a_place_for_every_path(data: dict[str, Any]) -> None:
    text = "\n".join(f"{key} = {written(value)} # c" for key, value in data.items())
    assert tomllib.loads(text) == data
    found = scan(text)
    assert set(found.keys) == set(paths_of(data))
    assert not found.lost
    assert not found.repeats


@given(st.text(st.sampled_from("a=.[]{}\"'\\\n#, 1"), max_size=60))
@settings(max_examples=400, deadline=None)
def test_scanning_ends_on_any_text(text: str) -> None:
    found = scan(text)
    assert all(0 <= offset <= len(text) for offset in found.keys.values())
