"""Schema: the grammar of a contract as JSON Schema, for editors and other programs."""

from typing import Any

from shipcall.contract.contract import Contract
from shipcall.contract.meanings import MEANINGS
from shipcall.metrics.kinds import KINDS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BARS = ("better_by", "may_lose", "at_least", "at_most", "within")
_DURATION = r"^[0-9]{1,6}(\.[0-9]{1,6})?[mhdw]$"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a contract.

    It decides on keys, types, choices and limits. What spans several keys, such as a check that
    names a metric, is judged by `parse` alone: a file that fits the schema can still have faults,
    a file that does not fit always has some.
    """
    schema = Contract.model_json_schema()
    sections: dict[str, Any] = schema.pop("$defs")
    root = {
        "$schema": _DIALECT,
        "title": "shipcall release contract",
        **{key: value for key, value in schema.items() if key != "title"},
        "$defs": sections,
    }
    _explain(root, "Contract")
    for name, section in sections.items():
        _explain(section, name)
    _name_kinds(sections)
    _allow_paths(root)
    sections["CheckSpec"]["oneOf"] = [{"required": [bar]} for bar in _BARS]
    return root


def _allow_paths(root: dict[str, Any]) -> None:
    """A bare path stands for a source with nothing but a path."""
    evidence = root["properties"]["evidence"]
    path = {"type": "string", "minLength": 1, "description": MEANINGS["Source"]["path"]}
    evidence["additionalProperties"] = {"anyOf": [path, evidence["additionalProperties"]]}


def _explain(section: dict[str, Any], model: str) -> None:
    for key, rules in section["properties"].items():
        rules.pop("title", None)
        rules["title"] = key
        rules["description"] = MEANINGS[model][key]
        _drop_null(rules)


def _drop_null(rules: dict[str, Any]) -> None:
    """TOML has no null: a key without a value is left out."""
    choices = [choice for choice in rules.get("anyOf", []) if choice != {"type": "null"}]
    default = rules.get("default")
    if isinstance(default, dict):
        rules["default"] = {key: value for key, value in default.items() if value is not None}
    if "default" in rules and default is None:
        del rules["default"]
    if len(choices) == 1:
        del rules["anyOf"]
        rules.update(choices[0])
    elif choices:
        rules["anyOf"] = choices


def _name_kinds(sections: dict[str, Any]) -> None:
    metric = sections["MetricSpec"]["properties"]
    metric["kind"]["oneOf"] = [
        {"const": kind.name, "description": kind.meaning} for kind in KINDS.values()
    ]
    silence = sections["Rollout"]["properties"]["max_silence"]
    for rules in (metric["window"], metric["delay"], silence):
        rules["pattern"] = _DURATION
