from pathlib import Path

import pytest

from shipcall.contract.lint import Lint, lint
from shipcall.contract.parse import parse_contract
from shipcall.contract.templates import KINDS_OF_TEMPLATE, template
from shipcall.metrics.kinds import KINDS

EXAMPLE = (Path(__file__).parent / "design_example.toml").read_text(encoding="utf-8")
BARE = """
shipcall = 1
[release]
id = "r"
kind = "classifier"
owner = "o"
baseline = "a"
candidate = "b"
change = "weights"
[unit]
id = "u"
"""


def questions(text: str) -> tuple[Lint, ...]:
    return lint(parse_contract(text, file="release.toml"), text=text)


def codes(text: str) -> list[str]:
    return [one.code for one in questions(text)]


def test_a_bare_contract_is_asked_about_everything_it_leaves_out() -> None:
    """Counted off the list in the design: levels, blocks, goal, slices, prediction, data, …"""
    assert codes(BARE) == [
        "W201",
        "W202",
        "W203",
        "W204",
        "W205",
        "W206",
        "W210",
        "W212",
        "W213",
        "W215",
        "W216",
        "W217",
        "W218",
        "W224",
        "W225",
    ]


def test_the_example_of_the_design_is_asked_only_for_its_whole_hash() -> None:
    (one,) = questions(EXAMPLE)
    assert one.code == "W219"
    assert one.line == 1 + EXAMPLE.splitlines().index(
        'eval_set = { name = "home-offline-2026-10", sha256 = "3b0c91e5…" }'
    )


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('level = "safety"', 'level = "product"', "W203"),
        ('"rollout"\nrole      = "guardrail"', '"gate"\nrole = "guardrail"', "W207"),
        ("safety        = ", "# ", "W209"),
        ('kind = "proportion", window = "7d"', 'kind = "mean", window = "7d"', "W211"),
        ('sources    = ["events-2026-06", "ratings-7"]', "", "W212"),
        ('detector    = "rollout.useful"', 'detector = "nobody"', "W214"),
        ("feedback = ", "# ", "W215"),
        ("when confidence is below 0.85 the popular list, logged for labelling.", "", "W216"),
        ('owner    = "ranking-research"', "", "W217"),
        ("eval_set = ", "# ", "W218"),
        (
            'better = "lower", kind = "proportion", window = "1d"',
            'kind = "mae", window = "1d"',
            "W220",
        ),
        ('kind = "proportion", window = "1d"', 'kind = "mean", window = "3d"', "W221"),
        ("min_days      = 7", "min_days = 3", "W222"),
        (", expect = { units = 48_210 }", "", "W223"),
        ("hypothesis = ", "# ", "W224"),
        ("Session features lift useful sessions", "As good as it gets for all of us", "W224"),
        ("value      = ", "# ", "W225"),
        ("[slices]", '[metric.idle]\nlevel="cost"\nkind="cost"\n[slices]', "W226"),
    ],
)
def test_each_gap_is_asked_about(before: str, after: str, code: str) -> None:
    assert before in EXAMPLE
    assert code in set(codes(EXAMPLE.replace(before, after))) - set(codes(EXAMPLE))


def test_sections_that_are_gone_are_asked_about() -> None:
    without = EXAMPLE[: EXAMPLE.index("[[prediction]]")] + EXAMPLE[EXAMPLE.index("[risk]") :]
    assert "W210" in codes(without)
    unsliced = EXAMPLE[: EXAMPLE.index("[slices]")] + EXAMPLE[EXAMPLE.index("[shadow]") :]
    assert "W206" not in codes(unsliced)
    assert "W206" in codes(unsliced.replace('slice     = { country = "NZ" }', ""))


def test_shadow_mode_without_a_bar_is_asked_about() -> None:
    text = EXAMPLE
    for key in ("disagreement  =", "safety        =", "latency       ="):
        text = text.replace(key, "#")
    assert "W208" in codes(text)


def test_a_short_shadow_mode_with_a_reason_is_not_asked_about() -> None:
    text = EXAMPLE.replace("min_days      = 7", 'min_days = 3\nwhy_short = "no weekly cycle"')
    assert "W222" not in codes(text)


def test_kinds_that_cannot_be_measured_are_named_once_each() -> None:
    contract = parse_contract(EXAMPLE, file="r")
    found = lint(contract, text=EXAMPLE, measurable={"proportion", "quantile"})
    named = [one for one in found if one.code == "W227"]
    assert [one.path for one in named] == [("metric", "ndcg_at_10", "kind")]
    assert "ndcg" in named[0].why
    assert not [one for one in lint(contract, measurable=KINDS) if one.code == "W227"]


def test_lints_say_why_and_what_to_do_and_where() -> None:
    for one in questions(BARE):
        assert one.title
        assert one.why
        assert one.fix
    found = {
        one.code: one for one in questions(EXAMPLE.replace("min_days      = 7", "min_days = 3"))
    }
    line = found["W222"].line
    assert line is not None
    assert EXAMPLE.splitlines()[line - 1].startswith("min_days")


def test_a_placeholder_is_not_a_hash() -> None:
    text = EXAMPLE.replace("3b0c91e5…", "0" * 64)
    assert codes(text) == ["W219"]
    assert codes(EXAMPLE.replace("3b0c91e5…", "0123456789abcdef" * 4)) == []


@pytest.mark.parametrize("kind", KINDS_OF_TEMPLATE)
def test_a_template_is_asked_for_nothing_but_the_hash_nobody_can_know(kind: str) -> None:
    assert codes(template(kind)) == ["W218"]
