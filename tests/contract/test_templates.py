import pytest

from shipcall.contract.parse import parse_contract
from shipcall.contract.templates import KINDS_OF_TEMPLATE, proposed_mapping, template
from shipcall.core.errors import UsageError

SCORES = ("arm", "item", "repeat", "metric", "value", "status", "latency_ms", "cost", "tokens")


@pytest.mark.parametrize("kind", KINDS_OF_TEMPLATE)
def test_a_template_is_a_contract_of_its_kind(kind: str) -> None:
    contract = parse_contract(template(kind), file=f"{kind}.toml")
    assert contract.release.kind == kind
    assert contract.stages == ("gate", "shadow", "rollout")
    assert {spec.level for spec in contract.metric.values()} >= {"model", "product", "safety"}


@pytest.mark.parametrize("kind", KINDS_OF_TEMPLATE)
def test_every_key_of_a_template_is_explained_where_it_first_appears(kind: str) -> None:
    """A sentence in quotes, a `why` or a `mode` explains itself."""
    lines = template(kind).splitlines()
    sections = [line for line in lines if line.startswith("[")]
    commented = {line.split("#")[0].strip() for line in sections if "#" in line}
    assert {line.split("#")[0].strip() for line in sections} == commented
    first: dict[str, str] = {}
    for line in lines:
        key, equals, rest = line.partition("=")
        if equals and not line.startswith("#"):
            first.setdefault(key.strip(), rest)
    bare = [key for key, rest in first.items() if "#" not in rest and '"' not in rest]
    assert [key for key in bare if key not in ("disagreement", "safety", "latency")] == []


def test_an_unknown_kind_of_template_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="ranker, classifier, llm, regressor"):
        template("vision")


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (
            ["row_id", "y_true", "old_score", "new_score", "userId", "ts", "country"],
            {
                "unit": "row_id",
                "label": "y_true",
                "baseline": "old_score",
                "candidate": "new_score",
                "cluster": "userId",
                "at": "ts",
            },
        ),
        (
            ["Unit", "LABEL", "champion_prob", "challenger_prob"],
            {
                "unit": "Unit",
                "label": "LABEL",
                "baseline": "champion_prob",
                "candidate": "challenger_prob",
            },
        ),
        (["unit", "id", "label"], {"unit": "unit", "label": "label"}),
        (["colour", "size"], {}),
        ([], {}),
    ],
)
def test_columns_of_predictions_are_guessed_from_their_names(
    columns: list[str], mapping: dict[str, str]
) -> None:
    """The right answer is what a person would say who sees only the names."""
    names = ("unit", "label", "baseline", "candidate", "cluster", "weight", "at")
    assert proposed_mapping(columns, "predictions", names=names) == mapping


def test_columns_of_scores_are_guessed_as_evaluation_tools_name_them() -> None:
    columns = ["model", "question_id", "epoch", "scorer_name", "score", "status", "total_tokens"]
    assert proposed_mapping(columns, "scores", names=SCORES) == {
        "arm": "model",
        "item": "question_id",
        "repeat": "epoch",
        "metric": "scorer_name",
        "value": "score",
        "status": "status",
        "tokens": "total_tokens",
    }


def test_no_column_is_proposed_twice() -> None:
    found = proposed_mapping(["id", "score", "grade"], "scores", names=("item", "unit", "value"))
    assert sorted(found.values()) == sorted(set(found.values()))
    assert found == {"item": "id", "value": "score"}


def test_the_formats_of_this_version_are_known_without_naming_their_columns() -> None:
    assert proposed_mapping(["id", "label"], "predictions") == {"unit": "id", "label": "label"}
    assert proposed_mapping(["id", "label"], "no such format") == {}
