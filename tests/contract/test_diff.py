from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipcall.contract.amount import Amount
from shipcall.contract.contract import CheckSpec, Contract
from shipcall.contract.diff import Change, diff
from shipcall.contract.loosening import more_amount, shorter_waits, wider
from shipcall.contract.parse import parse_contract
from shipcall.contract.templates import KINDS_OF_TEMPLATE, template

EXAMPLE = (Path(__file__).parent / "design_example.toml").read_text(encoding="utf-8")
OPPOSITE = {
    "loosened": "tightened",
    "tightened": "loosened",
    "added": "removed",
    "removed": "added",
    "neutral": "neutral",
}


def contract(text: str = EXAMPLE) -> Contract:
    return parse_contract(text, file="release.toml")


def changed(before: str, after: str) -> tuple[Change, ...]:
    assert before in EXAMPLE
    return diff(contract(), contract(EXAMPLE.replace(before, after, 1)))


LOOSER = [
    ('may_lose  = "2%"', 'may_lose = "3%"', "check.rollout.hides.bar"),
    ("better_by = 0.002", "better_by = 0.001", "check.gate.ndcg.bar"),
    ("better_by = 0.002", "may_lose = 0.002", "check.gate.ndcg.bar"),
    ('may_lose  = "2%"', 'may_lose = "2%"\nneed = "not_refuted"', "check.rollout.hides.need"),
    ('may_lose  = "2%"', 'may_lose = "2%"\non_breach = "HOLD"', "check.rollout.hides.on_breach"),
    ("may_lose   = 0.010", "may_lose = 0.011", "slices.may_lose"),
    (', "country=NZ"]', "]", "slices.protected.country=NZ"),
    (', "tenure*device"]', "]", "slices.by.tenure*device"),
    (
        '"rollout.hides"\nstage     = "rollout"',
        '"rollout.hides"\nstage = "cohort"',
        "check.rollout.hides.stage",
    ),
    ("alpha = 0.05", "alpha = 0.06", "risk.alpha"),
    ("harm  = 0.05", "harm = 0.06", "risk.harm"),
    ("block = 0.05", "block = 0.06", "risk.block"),
    ("looks = 1", "looks = 2", "risk.looks"),
    ("attempts = 1", "attempts = 2", "risk.attempts"),
    ("detect_at = 2.0", "detect_at = 3.0", "risk.detect_at"),
    (
        "expect = { units = 48_210 }",
        "expect = { units = 48_209 }",
        "evidence.rankings.expect.units",
    ),
    (", expect = { units = 48_210 }", "", "evidence.rankings.expect.units"),
    (
        "expect = { units = 48_210 }",
        "expect = { units = 48_210 }, max_missing = 0.1",
        "evidence.rankings.max_missing",
    ),
    ("min_pairs     = 200_000", "min_pairs = 1", "shadow.min_pairs"),
    ("min_days      = 7", "min_days = 6", "shadow.min_days"),
    ("max_days      = 14", "max_days = 15", "shadow.max_days"),
    ("max_days      = 14", "", "shadow.max_days"),
    ('slices = "all"', 'slices = "protected"', "shadow.cover.slices"),
    ("at_most = 0.55", "at_most = 0.56", "shadow.disagreement.at_most"),
    ("at_most = 0.0005", "at_most = 0.0006", "shadow.safety.at_most"),
    ("safety        =", "#", "shadow.safety"),
    ("review_sample = 60", "review_sample = 59", "shadow.review_sample"),
    ("min_hours   = [24, 48, 72]", "min_hours = [24, 48, 71]", "rollout.min_hours"),
    ("min_hours   = [24, 48, 72]", "", "rollout.min_hours"),
    ('max_silence = "6h"', 'max_silence = "1d"', "rollout.max_silence"),
    ('max_silence = "6h"', "", "rollout.max_silence"),
    ('at_deadline = "NO SHIP"', 'at_deadline = "HOLD"', "rollout.at_deadline"),
    ("holdback    = 1", "holdback = 0.5", "rollout.holdback"),
    ("mid = 0.004", "mid = 0.003", "prediction.ndcg_at_10 -> useful_session.expect.mid"),
    (', "leadership"]', "]", "decision.signatures.leadership"),
    ("blind      = true", "blind = false", "decision.blind"),
]


@pytest.mark.parametrize(("before", "after", "path"), LOOSER)
def test_loosening_is_named_as_loosening(before: str, after: str, path: str) -> None:
    """Each row by hand: the second text makes it easier to ship than the first."""
    (change,) = changed(before, after)
    assert (change.kind, change.path) == ("loosened", path)
    assert change.sentence.startswith("Loosened: ")


@pytest.mark.parametrize(("before", "after", "path"), LOOSER)
def test_the_way_back_is_tightening(before: str, after: str, path: str) -> None:
    (change,) = diff(contract(EXAMPLE.replace(before, after, 1)), contract())
    assert (change.kind, change.path) == ("tightened", path)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ('baseline   = "home-ranker-v41"', 'baseline = "v40"', "release.baseline"),
        ("3b0c91e5…", "ffff", "harness.eval_set.sha256"),
        ("k = 10", "k = 5", "metric.ndcg_at_10.k"),
        ('window = "7d"', 'window = "1d"', "metric.useful_session.window"),
        ('cluster = "user_id"', 'cluster = "session_id"', "unit.cluster"),
        ('may_lose  = "2%"', "may_lose = 0.5", "check.rollout.hides.bar"),
        ('may_lose  = "2%"', "at_most = 0.5", "check.rollout.hides.bar"),
        (
            'slice     = { country = "NZ" }',
            'slice = { country = "AU" }',
            "check.rollout.hides.nz.slice",
        ),
        ('metric     = "ndcg_at_10"', 'metric = "useful_session"', "slices.metric"),
        ('at = "served_at"', 'at = "logged_at"', "evidence.shadow_pairs.columns.at"),
        ("min_hours   = [24, 48, 72]", "min_hours = [48, 24, 72]", "rollout.min_hours"),
    ],
)
def test_another_promise_is_called_redefined(before: str, after: str, path: str) -> None:
    (change,) = changed(before, after)
    assert (change.kind, change.path) == ("neutral", path)
    assert change.sentence.startswith("Redefined: ")


def test_words_that_promise_nothing_are_changed() -> None:
    (change,) = changed('owner      = "feed-ml"', 'owner = "feed"')
    assert change.sentence == "Changed: release.owner goes from feed-ml to feed."


def test_a_removed_promise_is_told_once_and_as_loosening() -> None:
    start = EXAMPLE.index('[[check]]\nid        = "rollout.hides"\n')
    end = EXAMPLE.index('[[check]]\nid        = "rollout.hides.nz"')
    (change,) = diff(contract(), contract(EXAMPLE[:start] + EXAMPLE[end:]))
    assert change == Change(
        path="check.rollout.hides",
        old="guardrail 'rollout.hides'",
        new=None,
        kind="loosened",
        sentence="Loosened: guardrail 'rollout.hides' was removed.",
    )


def test_removed_slices_are_told_once_and_as_loosening() -> None:
    text = EXAMPLE[: EXAMPLE.index("[slices]")] + EXAMPLE[EXAMPLE.index("[shadow]") :]
    (change,) = diff(contract(), contract(text))
    assert (change.kind, change.path) == ("loosened", "slices")


def test_a_weakened_role_is_loosening() -> None:
    text = EXAMPLE.replace("better_by = 0.0\n", "may_lose = 0.0\n")
    weaker = text.replace(
        'role      = "goal"\nmetric    = "useful', 'role = "watch"\nmetric = "useful'
    )
    (change,) = diff(contract(text), contract(weaker))
    assert (change.kind, change.path) == ("loosened", "check.rollout.useful.role")


def test_a_metric_or_evidence_that_comes_is_added() -> None:
    (metric,) = changed("[[check]]", '[metric.new]\nlevel="cost"\nkind="cost"\n[[check]]')
    assert (metric.kind, metric.path) == ("added", "metric.new")
    (source,) = changed("activity     =", 'stream = "s"\nactivity =')
    assert (source.kind, source.path) == ("added", "evidence.stream")


def test_a_smaller_least_number_of_units_is_named_for_what_it_does_on_both_sides() -> None:
    changes = changed("min_units  = 400", "min_units = 300")
    assert [change.kind for change in changes] == ["loosened", "tightened"]
    assert "protected" in changes[0].sentence
    unprotected = EXAMPLE.replace('["tenure=new", "country=NZ"]', "[]")
    (only,) = diff(
        contract(unprotected), contract(unprotected.replace("min_units  = 400", "min_units = 500"))
    )
    assert only.kind == "loosened"


@pytest.mark.parametrize("kind", KINDS_OF_TEMPLATE)
def test_a_contract_does_not_differ_from_itself(kind: str) -> None:
    assert diff(contract(template(kind)), contract(template(kind))) == ()
    assert diff(contract(), contract()) == ()


def test_order_and_spelling_are_no_change() -> None:
    spelt = EXAMPLE.replace('may_lose  = "2%"', 'may_lose = "2.0 %"').replace("0.010", "1e-2")
    spelt = spelt.replace('"country", "tenure"', '"tenure", "country"')
    start, end = EXAMPLE.index("[[check]]"), EXAMPLE.index("[slices]")
    checks = EXAMPLE[start:end].split("[[check]]")[1:]
    turned = EXAMPLE[:start] + "".join(f"[[check]]{c}" for c in reversed(checks)) + EXAMPLE[end:]
    assert diff(contract(), contract(spelt)) == ()
    assert diff(contract(), contract(turned)) == ()


def test_two_predictions_of_one_pair_are_two() -> None:
    start, end = EXAMPLE.index("[[prediction]]"), EXAMPLE.index("[risk]")
    twice = EXAMPLE[:end] + EXAMPLE[start:end] + EXAMPLE[end:]
    (change,) = diff(contract(twice), contract())
    assert change.kind == "removed"


AMOUNTS = st.sampled_from([0, 0.01, 0.02, "1%", "3%", "1pp"])
NUMBERS = st.sampled_from([0.1, 0.2, 0.5])
BARS = (
    st.fixed_dictionaries({"better_by": AMOUNTS})
    | st.fixed_dictionaries({"may_lose": AMOUNTS})
    | st.fixed_dictionaries({"at_least": NUMBERS})
    | st.fixed_dictionaries({"at_most": NUMBERS})
    | st.fixed_dictionaries({"within": st.sampled_from([0.1, 0.2, (0.1, 0.5), (0.2, 0.4)])})
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    start = contract(draw(st.sampled_from([EXAMPLE, template("llm")])))
    ids = draw(st.lists(st.sampled_from("abc"), unique=True, max_size=3))
    checks = [
        CheckSpec(
            id=name,
            stage=draw(st.sampled_from(["gate", "rollout"])),
            role=draw(st.sampled_from(["goal", "guardrail", "sanity", "watch"])),
            metric=draw(st.sampled_from(["m", "n"])),
            need=draw(st.sampled_from([None, "shown", "not_refuted"])),
            on_breach=draw(st.sampled_from([None, "HOLD", "ROLL BACK"])),
            **draw(BARS),
        )
        for name in ids
    ]
    risk = start.risk.model_copy(update={"alpha": draw(NUMBERS), "looks": draw(st.integers(1, 3))})
    update: dict[str, Any] = {"check": checks, "risk": risk}
    for section in ("slices", "shadow", "rollout", "training_data", "harness"):
        if draw(st.booleans()):
            update[section] = None
    if "slices" not in update and start.slices is not None:
        by = draw(st.lists(st.sampled_from(["x", "y"]), unique=True, min_size=1))
        some = {
            "by": by,
            "min_units": draw(st.integers(0, 3)),
            "protected": draw(st.just([]) | st.just(["x=1"])),
        }
        update["slices"] = start.slices.model_copy(update=some)
    if "rollout" not in update and start.rollout is not None:
        steps = draw(st.sampled_from([[1.0, 100.0], [1.0, 10.0, 100.0], [5.0, 100.0]]))
        update["rollout"] = start.rollout.model_copy(update={"stages": steps})
    return start.model_copy(update=update)


@given(contracts())
@settings(max_examples=60, deadline=None)
def test_no_contract_differs_from_itself(one: Contract) -> None:
    assert diff(one, one) == ()


@given(contracts(), contracts())
@settings(max_examples=100, deadline=None)
def test_swapping_the_two_turns_every_change_round(one: Contract, other: Contract) -> None:
    there, back = diff(one, other), diff(other, one)
    assert [(c.path, c.old, c.new, c.kind) for c in there] == [
        (c.path, c.new, c.old, OPPOSITE[c.kind]) for c in back
    ]


@given(contracts(), contracts())
@settings(max_examples=40, deadline=None)
def test_other_risks_or_other_checks_are_always_a_change(one: Contract, other: Contract) -> None:
    if one.risk != other.risk or {c.id for c in one.check} != {c.id for c in other.check}:
        assert diff(one, other)


def test_amounts_of_different_things_cannot_be_compared_unless_one_is_nothing() -> None:
    relative = Amount(0.02, relative=True, text="2%")
    absolute = Amount(0.01, relative=False, text="0.01")
    nothing = Amount(0.0, relative=False, text="0")
    assert more_amount(relative, absolute) is None
    assert more_amount(nothing, relative) == 1
    assert more_amount(relative, nothing) == -1


def test_rooms_are_compared_by_what_they_contain() -> None:
    assert wider((0.9, 1.1), (0.8, 1.1)) == 1
    assert wider((0.9, 1.1), (0.95, 1.05)) == -1
    assert wider((0.9, 1.1), (0.8, 1.0)) is None
    assert wider(0.1, 0.2) == 1
    assert wider(0.1, (0.9, 1.1)) is None


def test_waits_are_compared_step_by_step() -> None:
    assert shorter_waits((24, 48), (24, 24)) == 1
    assert shorter_waits((24,), (24, 24)) == -1
    assert shorter_waits((24, 48), (48, 24)) is None
    assert shorter_waits((24, 48), (24, 48)) == 0
