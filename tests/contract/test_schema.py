import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shipcall.contract.contract import Contract
from shipcall.contract.meanings import MEANINGS
from shipcall.contract.parse import parse_contract
from shipcall.contract.schema import json_schema
from shipcall.contract.templates import KINDS_OF_TEMPLATE, template
from shipcall.core.errors import ContractError

HERE = Path(__file__).parent
EXAMPLE = (HERE / "design_example.toml").read_text(encoding="utf-8")
TEXTS = {"example": EXAMPLE, **{kind: template(kind) for kind in KINDS_OF_TEMPLATE}}
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def plain(value: Any) -> Any:
    """JSON has no dates."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def objections(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(plain(tomllib.loads(text)))]


def tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from tables(inner)
    if isinstance(value, list):
        for inner in value:
            yield from tables(inner)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", TEXTS)
def test_templates_and_the_example_fit_the_schema(name: str) -> None:
    """Judged by jsonschema, which knows nothing of the models."""
    assert objections(TEXTS[name]) == []


def test_unknown_keys_do_not_fit_anywhere() -> None:
    """A key is put into every table with fixed keys, one at a time."""
    data = plain(tomllib.loads(EXAMPLE))
    open_tables = (data["evidence"], data["metric"])
    mappings = ("country", "at")
    tried = 0
    for table in list(tables(data)):
        if any(table is one for one in open_tables) or set(table) & set(mappings):
            continue
        table["nobody_knows"] = 1
        assert not VALIDATOR.is_valid(data)
        del table["nobody_knows"]
        tried += 1
    assert tried > 30
    assert VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("better_by = 0.002", "better_by = -0.002"),
        ("better_by = 0.002", 'better_by = "2 percent"'),
        ("better_by = 0.002", ""),
        ("better_by = 0.002", "better_by = 0.002\nmay_lose = 0.1"),
        ('kind = "ndcg"', 'kind = "ndgc"'),
        ('role      = "goal"', 'role = "gaol"'),
        ("min_units  = 400", 'min_units = "400"'),
        ("alpha = 0.05", "alpha = 0.5"),
        ('window = "7d"', 'window = "a week"'),
        ("rankings     =", "ranking ="),
        ("shipcall = 1", "shipcall = 2"),
        ("activity     = ", "activity = 3 # "),
    ],
)
def test_what_does_not_fit_the_schema_has_faults(before: str, after: str) -> None:
    assert before in EXAMPLE
    text = EXAMPLE.replace(before, after, 1)
    assert objections(text)
    with pytest.raises(ContractError):
        parse_contract(text, file="r")


def test_every_key_is_explained_and_nothing_else_is() -> None:
    schema = json_schema()
    sections = {"Contract": schema, **schema["$defs"]}
    assert set(sections) == set(MEANINGS)
    for name, section in sections.items():
        assert list(section["properties"]) == list(MEANINGS[name]), name
        for key, rules in section["properties"].items():
            assert rules["title"] == key
            assert rules["description"].endswith("."), (name, key)


def test_nothing_can_be_null() -> None:
    assert not [table for table in tables(json_schema()) if table.get("type") == "null"]


def test_the_schema_is_made_anew_for_each_caller() -> None:
    json_schema()["properties"].clear()
    assert set(json_schema()["properties"]) == set(Contract.model_fields)
