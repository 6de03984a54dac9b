from pathlib import Path

import pytest

from judged import graded_release, own_key
from shipcall.app import recalled as recalling
from shipcall.app.recalled import Recalled, place_of, recall
from shipcall.app.release import call_release
from shipcall.app.slices import PAGE, SORTS, slice_book, slices_view
from shipcall.core import UsageError


def recall_file(file: Path) -> Recalled:
    return recall(*place_of(file))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a release that tests only look at."""
    with own_key(tmp_path_factory.mktemp("key")):
        return graded_release(tmp_path_factory.mktemp("graded"))


def ids(file: Path, **asked: str) -> list[str]:
    return [row["id"] for row in slices_view(recall_file(file), asked)["rows"]]


def test_every_slice_of_the_verdict_is_there(file: Path) -> None:
    """2 countries and 2 x 2 crosses."""
    view = slices_view(recall_file(file), {})
    assert view["counts"]["all"] == len(view["rows"]) == 6
    assert [one["column"] for one in view["columns"]] == ["country", "country*device"]
    assert view["counts"]["protected"] == 1


def test_one_metric_makes_no_map(file: Path) -> None:
    assert slices_view(recall_file(file), {})["map"] == []


@pytest.mark.parametrize("sort", SORTS)
def test_an_order_loses_no_slice(file: Path, sort: str) -> None:
    assert sorted(ids(file, sort=sort)) == sorted(ids(file))


def test_slices_can_be_ordered_by_name_and_by_size(file: Path) -> None:
    assert ids(file, sort="name") == sorted(ids(file))
    assert ids(file, sort="size")[0] == "slice.country=NZ"


def test_the_worst_slice_has_the_least_room_to_its_bar(file: Path) -> None:
    rows = slices_view(recall_file(file), {"sort": "worst"})["rows"]
    values = [row["estimate"]["value"] for row in rows if row["estimate"]]
    assert values == sorted(values)


def test_filters_narrow_the_rows_and_leave_the_counts(file: Path) -> None:
    view = slices_view(recall_file(file), {"column": "country", "q": "nz"})
    assert [row["slice"] for row in view["rows"]] == ["country=NZ"]
    assert (view["counts"]["kept"], view["counts"]["all"]) == (1, 6)


def test_an_answer_keeps_the_slices_with_that_answer(file: Path) -> None:
    every = slices_view(recall_file(file), {})["rows"]
    for answer in {row["answer"] for row in every}:
        kept = slices_view(recall_file(file), {"answer": answer})["rows"]
        assert {row["answer"] for row in kept} == {answer}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"column": "moon"}, "slices by 'moon'"),
        ({"answer": "perhaps"}, "pass, can't tell, fail"),
        ({"sort": "colour"}, "closest, worst"),
        ({"page": "0"}, "no whole number"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    file: Path, asked: dict[str, str], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        slices_view(recall_file(file), asked)


def test_a_page_holds_a_hundred_slices_and_a_page_too_far_none(file: Path) -> None:
    assert PAGE == 100
    assert slices_view(recall_file(file), {"page": "2"})["rows"] == []


def test_the_correction_is_named_with_its_level(file: Path) -> None:
    (family,) = slices_view(recall_file(file), {})["correction"]
    assert (family["method"], family["slices"]) == ("max-t", 6)
    assert 0 < family["breach_at"] < 0.05


def test_slices_that_could_not_be_judged_are_counted_by_reason(tmp_path: Path) -> None:
    """12 units: 4 of BR and 8 of NZ, crossed with two devices 2 each of BR, fewer than 4."""
    file = graded_release(tmp_path, units=12)
    told = slices_view(recall_file(file), {})["untestable"]
    absent = [r for r in slices_view(recall_file(file), {})["rows"] if r["standing"] == "ABSENT"]
    assert sum(one["slices"] for one in told) == len(absent) > 0
    assert {one["code"] for one in told} == {row["absent"]["code"] for row in absent}


def test_a_verdict_that_waits_for_a_call_shows_no_slice(tmp_path: Path) -> None:
    file = graded_release(tmp_path, rest="[decision]\nblind = true\n")
    view = slices_view(recall_file(file), {})
    assert view["kind"] == "covered"
    assert "rows" not in view
    call_release(file, "HOLD", probability=0.5, why="a test")
    assert slices_view(recall_file(file), {})["kind"] == "slices"


def test_a_verdict_is_read_once_until_the_ledger_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = graded_release(tmp_path)
    first = recall_file(file)
    assert slice_book(first) is slice_book(recall_file(file))
    call_release(file, "HOLD", probability=0.5, why="a test")
    assert recall_file(file) is not first
    read = []
    monkeypatch.setattr(recalling, "recorded", lambda *told: read.append(told))
    recall_file(file)
    assert not read
