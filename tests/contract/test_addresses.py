"""Addresses in a contract: read where they stand, refused with their line, never with a secret."""

import pytest

from builders import scores_contract
from shipcall.contract.parse import parse_contract
from shipcall.core import ContractError, Fault

TEXT = scores_contract(500, bar="may_lose = 0.2")
PATH = '"scores.csv"'


def with_path(path: str) -> str:
    assert PATH in TEXT
    return TEXT.replace(PATH, path)


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ContractError) as raised:
        parse_contract(text, file="release.toml")
    return raised.value.faults


@pytest.mark.parametrize(
    "path",
    [
        '"postgresql://eval@db/warehouse?table=eval.scores"',
        '"duckdb:///runs.duckdb?table=scores"',
        '{ baseline = "duckdb:///a.duckdb?table=one", candidate = "b.csv" }',
    ],
)
def test_an_address_stands_where_a_path_stands(path: str) -> None:
    assert parse_contract(with_path(path), file="release.toml").evidence["scores"].where


@pytest.mark.parametrize(
    "path",
    [
        '"s3://bucket/scores.parquet"',
        '"postgresql://db/warehouse"',
        '{ baseline = "duckdb:///a.duckdb", candidate = "b.csv" }',
    ],
)
def test_what_is_no_address_is_a_fault_with_its_line(path: str) -> None:
    (fault,) = faults(with_path(path))
    assert fault.code == "E131"
    assert fault.line is not None
    assert path.partition("//")[0].strip('"{') in fault.source


@pytest.mark.parametrize(
    "path",
    [
        '"postgresql://eval:hunter2@db/warehouse?table=t"',
        '"postgresql://eval@db/warehouse?table=t&password=hunter2"',
        '{ baseline = "postgresql://eval:hunter2@db/w?table=t", candidate = "b.csv" }',
        '"postgresql://eval:hunter2@db/w?table=t',
        '["postgresql://eval:hunter2@db/w?table=t"]',
    ],
)
def test_no_fault_repeats_a_password_whatever_else_is_wrong(path: str) -> None:
    for text in (with_path(path), with_path(path) + "\nnonsense = 1\n"):
        told = faults(text)
        assert told
        assert "hunter2" not in "".join(map(str, told))


def test_a_password_in_a_place_of_its_own_is_masked_as_well() -> None:
    text = TEXT.replace("[unit]", 'path = "postgresql://eval:hunter2@db/w?table=t"\n[unit]', 1)
    assert "hunter2" not in "".join(map(str, faults(text)))
