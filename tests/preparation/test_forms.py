"""Forms: what is computed holds against arithmetic, and what is blank never passes."""

import json
import math
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from builders import scores_contract, write_contract
from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_forms import FORMED, SAYS, form_shown, form_told
from shipcall.cli.main import run, shipcall
from shipcall.core import ContractError, UsageError
from shipcall.preparation.forms.design_lints import RULES, DesignScore, score_design
from shipcall.preparation.forms.imof import (
    TEMPLATE,
    Design,
    load_prompt,
    numbered,
    prompt_slugs,
    written,
)
from shipcall.preparation.forms.portfolio import Portfolio, draw_portfolio, pool
from shipcall.preparation.forms.sheet import read_sheet
from shipcall.preparation.forms.toggle import (
    TRIED,
    Curve,
    Dial,
    ToggleAnswer,
    draw_dial,
    scenes,
    score_toggle,
)
from shipcall.preparation.forms.worth import (
    DvlAnswer,
    contested,
    income,
    knowing,
    left,
    score_order,
    worths,
)

STRONG = """
prompt = "grid-inspection"
[[input.source]]
name = "drone photos"
freshness = "30 days at most"
gaps = "masts in forests"
bias = "more photos where faults were found before"
[model]
function = "ranks masts by the chance of a fault within a year"
assumptions = ["a fault can be seen on a photo"]
[[output]]
action = "a crew inspects the first 40 masts"
threshold = 0.7
calibration = "reliability on 2,000 inspected masts, each spring"
fallback = "masts go to the yearly round"
[feedback]
stop = "no training while two regions differ by more than 5 points"
[[feedback.signal]]
name = "fault found"
meaning = "the crew repaired something"
delay = "14 days"
bias = "only inspected masts can have one"
teaches = "model"
[[loop]]
what = "what is inspected is learned from"
signal = "Fault  found"
stop = "a tenth of the masts is chosen by chance"
metric = "share of faults on masts chosen by chance"
threshold = "2 times that of last year"
window = "90 days"
action = "the planner orders a round"
[[dependency]]
what = "the flights"
source = "drone photos"
owner = "the flight team"
stale_after = "60 days"
metric = "age of the newest photo"
threshold = "45 days"
window = "1 day"
action = "call the flight team"
[[containment]]
what = "one region at a time"
metric = "missed faults"
threshold = "3"
window = "30 days"
action = "back to the yearly round"
[[monitoring]]
what = "calibration by region"
metric = "calibration error"
threshold = "0.05"
window = "30 days"
action = "raise the threshold"
"""


def design(text: str) -> DesignScore:
    return score_design(read_sheet(text, Design, name="imof"))


def paths(text: str) -> list[tuple[str, str]]:
    return [(one.rule, one.path) for one in design(text).lints]


def test_a_rows_curve_halves_its_errors_as_its_exponent_says() -> None:
    """(10,000 / 100) ** -0.5 = 0.1; with 100 rows or fewer every error is left."""
    rows, exponent = np.array([50.0, 100.0, 10_000.0]), np.array([0.5, 0.5, 0.5])
    assert left(rows, exponent).tolist() == pytest.approx([1.0, 1.0, 0.1])


def numbers(**told: float) -> dict[tuple[str, str], np.ndarray]:
    return {("one", name): np.array([value]) for name, value in told.items()}


def test_income_without_new_rows_is_volume_times_value_times_what_is_right() -> None:
    drawn = numbers(rows=10_000, exponent=0.5, returned=0, value=2, volume=1_000)
    assert income(drawn, "one").tolist() == pytest.approx([1_800.0])


def test_rows_that_come_back_are_learned_from_in_the_next_month() -> None:
    """With 100 + 100 m rows and exponent 1, 1 / (1 + m) is left: 100 (12 - H12), by hand."""
    drawn = numbers(rows=100, exponent=1, returned=1, value=1, volume=1_200)
    assert income(drawn, "one").tolist() == pytest.approx([100 * (12 - 86_021 / 27_720)])


def paired() -> Portfolio:
    """Two features of which the second loses 10 alone; the pipeline saves 30."""
    photos = [one for one in pool().idea if one.pipeline == "photos"]
    return Portfolio(
        seed=0,
        story="",
        features=tuple(photos),
        pair=(photos[0].slug, photos[1].slug),
        saves=30.0,
    )


def test_a_shared_pipeline_counts_where_the_other_then_pays_for_itself() -> None:
    portfolio = paired()
    one, other = portfolio.slugs
    flat = {"rows": 10_000.0, "exponent": 0.5, "returned": 0.0, "value": 1.0, "volume": 100.0}
    costs = {one: 40.0, other: 100.0}
    drawn = {
        (slug, name): np.array([value])
        for slug in (one, other)
        for name, value in {**flat, "cost": costs[slug]}.items()
    }
    assert worths(portfolio, drawn).tolist() == [pytest.approx([50 + 20, -10 + 30])]
    assert worths(replace(portfolio, pair=None), drawn).tolist() == [pytest.approx([50, -10])]


def test_knowing_an_even_number_that_decides_is_worth_a_quarter() -> None:
    """Worth x or 0 with x even on (-1, 1): E[max(x, 0)] = 1/4, and nothing without knowing."""
    x = np.random.default_rng(1).uniform(-1, 1, size=20_000)
    assert knowing(x, np.column_stack([x, 0 * x])).worth == pytest.approx(0.25, abs=0.01)


def test_knowing_a_number_that_decides_nothing_is_hardly_ever_shown_to_be_worth_something() -> None:
    """One in 740 lies above three errors; among 300, at most 4 but once in 1,000 times."""
    rng = np.random.default_rng(2)
    gains = [knowing(rng.uniform(size=2_000), rng.normal(size=(2_000, 4))) for _ in range(300)]
    assert sum(one.worth > 3 * one.error for one in gains) <= 4
    assert abs(np.mean([one.worth for one in gains])) < 4 * np.mean(
        [one.error for one in gains]
    ) / math.sqrt(300)


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return contested(3)


def test_the_same_seed_draws_the_same_portfolio_and_the_same_score(portfolio: Portfolio) -> None:
    answer = DvlAnswer(order=portfolio.slugs, probability=0.6)
    assert contested(3) == portfolio
    assert score_order(portfolio, answer) == score_order(portfolio, answer)


@pytest.mark.parametrize("seed", range(12))
def test_every_portfolio_leaves_something_to_decide(seed: int) -> None:
    drawn = contested(seed)
    assert 3 <= len(drawn.features) <= 5
    score = score_order(drawn, DvlAnswer(order=drawn.slugs, probability=0.5))
    assert score.features[0].worth > 0
    assert max(one.first for one in score.features) < 0.93
    assert sum(one.first for one in score.features) == pytest.approx(1)
    assert max(one.worth for one in score.unknowns) <= score.all_known * 1.05
    assert 0 <= score.chosen.share <= 1


def test_the_best_order_loses_nothing_and_the_worst_all_that_is_at_stake(
    portfolio: Portfolio,
) -> None:
    score = score_order(portfolio, DvlAnswer(order=portfolio.slugs, probability=0.5))
    order = [one.slug for one in score.features]
    best = score_order(portfolio, DvlAnswer(order=tuple(order), probability=0.5))
    worst = score_order(portfolio, DvlAnswer(order=tuple(order[::-1]), probability=0.5))
    assert best.chosen.loses == 0
    assert best.pairs == best.best_pairs
    assert worst.chosen.share == 1
    assert worst.chosen.loses == pytest.approx(worst.stake)


def test_no_probability_scores_better_than_the_true_one(portfolio: Portfolio) -> None:
    def lost(stated: float) -> float:
        answer = DvlAnswer(order=portfolio.slugs, probability=stated)
        return score_order(portfolio, answer).bits_lost

    score = score_order(portfolio, DvlAnswer(order=portfolio.slugs, probability=0.5))
    true = next(one.first for one in score.features if one.slug == portfolio.slugs[0])
    within = min(max(true, 0.01), 0.99)
    assert lost(true) == pytest.approx(lost(within))
    assert all(lost(true) <= lost(stated) for stated in (0.0, 0.1, 0.5, 0.9, 1.0))
    assert math.isfinite(lost(0.0))


def test_an_order_that_leaves_a_feature_out_is_refused(portfolio: Portfolio) -> None:
    with pytest.raises(UsageError, match="Name each of these once"):
        score_order(portfolio, DvlAnswer(order=portfolio.slugs[1:], probability=0.5))


def test_pain_says_nothing_about_worth() -> None:
    pains = [(one.slug, one.pain) for seed in range(40) for one in draw_portfolio(seed).features]
    for idea in pool().idea:
        assert len({pain for slug, pain in pains if slug == idea.slug}) > 1


def test_a_design_with_everything_is_asked_nothing() -> None:
    score = design(STRONG)
    assert not score.lints
    assert set(score.holds) == set(RULES)
    assert all(one.written == one.fields for one in score.parts)


def test_a_blank_design_holds_no_rule_but_counts_every_part() -> None:
    blank = score_design(Design())
    assert not blank.holds
    assert [one.path for one in blank.lints] == [one.part for one in blank.parts]
    assert all(one.written == 0 < one.fields for one in blank.parts)


def test_the_form_as_it_is_given_out_is_as_good_as_blank() -> None:
    assert design(TEMPLATE) == score_design(Design())


@pytest.mark.parametrize(
    ("said", "instead", "found"),
    [
        ('fallback = "masts go to the yearly round"', "", ("no-fallback", "output.1.fallback")),
        (
            'fallback = "masts go to the yearly round"',
            'fallback = "A crew inspects the first 40  masts"',
            ("fallback-is-action", "output.1.fallback"),
        ),
        (
            'calibration = "reliability on 2,000 inspected masts, each spring"',
            'calibration = "tbd"',
            ("no-calibration", "output.1.calibration"),
        ),
        (
            'bias = "only inspected masts can have one"',
            "",
            ("no-bias", "feedback.signal.1.bias"),
        ),
        ('threshold = "0.05"', 'threshold = "low"', ("no-number", "monitoring.1.threshold")),
        ('window = "1 day"', 'window = "a day"', ("no-number", "dependency.1.window")),
        ('action = "raise the threshold"', "", ("blank-field", "monitoring.1.action")),
        ('owner = "the flight team"', 'owner = "..."', ("no-owner", "dependency.1.owner")),
        ('stale_after = "60 days"', "", ("no-number", "dependency.1.stale_after")),
        (
            'stop = "a tenth of the masts is chosen by chance"',
            "",
            ("never-stops", "loop.1.stop"),
        ),
        (
            'stop = "no training while two regions differ by more than 5 points"',
            "",
            ("never-stops", "feedback.stop"),
        ),
        ('teaches = "model"', "", ("no-channel", "feedback.signal.1.teaches")),
    ],
)
def test_each_gap_is_found_at_its_place_and_nothing_else(
    said: str, instead: str, found: tuple[str, str]
) -> None:
    assert said in STRONG
    changed = STRONG.replace(said, instead, 1)
    assert paths(changed) == [found]
    assert found[0] not in design(changed).holds


def test_names_that_lead_nowhere_are_found_from_both_ends() -> None:
    lost = STRONG.replace('source = "drone photos"', 'source = "weather"')
    assert paths(lost) == [
        ("unknown-name", "dependency.1.source"),
        ("source-unwatched", "input.source.1.name"),
    ]
    unseen = STRONG.replace('signal = "Fault  found"', 'signal = "clicks"')
    assert paths(unseen) == [
        ("unknown-name", "loop.1.signal"),
        ("loop-unseen", "feedback.signal.1.name"),
    ]


def test_what_is_found_is_quoted_as_it_was_written() -> None:
    [one] = design(STRONG.replace('threshold = "0.05"', 'threshold = " low "')).lints
    assert one.quote == "low"


@pytest.mark.parametrize("text", ["", " ", "-", "…", "TODO", "?!"])
def test_a_place_holder_is_not_written(text: str) -> None:
    assert not written(text)


def test_a_number_is_one_in_digits() -> None:
    assert numbered("within 3 days")
    assert not numbered("within three days")


@pytest.mark.parametrize("slug", prompt_slugs())
def test_a_prompt_is_named_as_its_file(slug: str) -> None:
    assert load_prompt(slug).slug == slug
    assert len(prompt_slugs()) == 6


CURVE = Curve(name="one", units=10, gain=2.0, speed=1.0, harm=1.0, power=2.0)


def test_a_curve_starts_at_nothing_and_ends_at_gain_less_harm() -> None:
    """At half: 2 (1 - e^-0.5) / (1 - e^-1) - 1/4 = 0.994918…, by hand."""
    found = CURVE.worth(np.array([0.0, 50.0, 100.0]))
    half = 2 * (1 - math.exp(-0.5)) / (1 - math.exp(-1)) - 0.25
    assert found.tolist() == pytest.approx([0.0, half, 1.0])
    assert half == pytest.approx(0.994918, abs=1e-6)


def dial(*, personal: bool) -> Dial:
    """Two lines: one rises by 1 for each unit, the other falls by 3."""
    scene = next(one for one in scenes() if one.personal is personal)
    rises = replace(CURVE, name="rises", units=300, gain=2.0, speed=1e-9, harm=1.0, power=1.0)
    falls = replace(CURVE, name="falls", units=50, gain=1.0, speed=1e-9, harm=4.0, power=1.0)
    return Dial(seed=0, scene=scene, curves=(rises, falls), trial=())


SAID: dict[str, Any] = {
    "owner": "Ada",
    "changed_by": "every reader",
    "consent": "asked once, in a sentence",
    "way_out": "a switch",
    "revisit": {"metric": "leavers", "threshold": "2 %", "window": "28 days", "action": "halve it"},
}


def toggle(default: float, **told: Any) -> ToggleAnswer:
    return ToggleAnswer.model_validate({"default": default, **SAID, **told})


def test_a_default_costs_each_slice_what_its_own_best_is_better() -> None:
    """300 units gain 1 and 50 units lose 3 at 100: together 300 - 150, apart 300 + 0."""
    score = score_toggle(dial(personal=True), toggle(50))
    assert [one.worth for one in score.slices] == pytest.approx([150, -75])
    assert [one.loses for one in score.slices] == pytest.approx([150, 75])
    assert [one.best_setting for one in score.slices] == [100, 0]
    assert score.best_setting == 100
    assert score.best_common == pytest.approx(150)
    assert score.best_apart == pytest.approx(300)
    assert score.loses == pytest.approx(75)
    assert score.share == pytest.approx(0.5)
    assert [(one.rule, one.path) for one in score.lints] == [("slice-harmed", "default")]


def test_a_default_for_each_slice_can_beat_any_that_is_the_same_for_all() -> None:
    score = score_toggle(dial(personal=True), toggle(100, own={"falls": 0}))
    assert score.worth == pytest.approx(score.best_apart)
    assert score.loses == pytest.approx(-150)
    assert not score.lints


def test_a_default_for_a_slice_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no slice 'planners'"):
        score_toggle(dial(personal=True), toggle(100, own={"planners": 0}))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"owner": ""}, ("no-owner", "owner")),
        ({"changed_by": "tbd"}, ("nobody-changes", "changed_by")),
        ({"revisit": {**SAID["revisit"], "metric": ""}}, ("no-revisit", "revisit.metric")),
        ({"revisit": {**SAID["revisit"], "window": "soon"}}, ("no-number", "revisit.window")),
        ({"consent": ""}, ("no-consent", "consent")),
        ({"way_out": ""}, ("no-way-out", "way_out")),
    ],
)
def test_each_gap_of_a_record_is_found(told: dict[str, Any], found: tuple[str, str]) -> None:
    score = score_toggle(dial(personal=True), toggle(0, **told))
    assert [(one.rule, one.path) for one in score.lints] == [found]


def test_consent_is_asked_for_only_where_data_of_persons_is_read() -> None:
    bare = toggle(0, consent="", way_out="")
    assert not score_toggle(dial(personal=False), bare).lints
    assert len(score_toggle(dial(personal=True), bare).lints) == 2


def test_a_trial_holds_the_curve_in_nine_of_ten_intervals() -> None:
    """90 % intervals of 8 settings in 250 drawings; 4 binomial errors of 0.0067 around."""
    held = [
        one.low <= float(curve.worth(np.array(one.setting))) <= one.high
        for seed in range(250)
        for drawn in [draw_dial(seed)]
        for one in drawn.trial
        for curve in drawn.curves
        if curve.name == one.slice
    ]
    assert len(held) == 250 * 2 * len(TRIED)
    assert float(np.mean(held)) == pytest.approx(0.9, abs=0.027)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def put(folder: Path, text: str) -> Path:
    file = folder / "answer.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["imof", "dvl", "trade-off"])
def test_the_form_that_is_shown_can_be_handed_in_and_stands_in_the_diary(
    name: str, desk: Desk, tmp_path: Path
) -> None:
    shown = form_shown(name, 3)
    told = form_told(desk, name, put(tmp_path, shown["template"]))
    assert desk.diary is not None
    [entry] = desk.diary.of(FORMED, name)
    assert entry.held["score"] == told["score"]


@pytest.mark.parametrize("name", list(SAYS))
def test_looking_at_a_form_is_the_same_again_and_writes_nothing(name: str, desk: Desk) -> None:
    assert form_shown(name, 3) == form_shown(name, 3)
    assert not desk.folder.exists()


def test_what_was_drawn_is_not_told_before_an_answer() -> None:
    assert not {"curves", "score"} & set(form_shown("trade-off", 3))
    assert "gain" not in json.dumps(form_shown("trade-off", 3)["slices"])
    assert "score" not in form_shown("dvl", 3)
    assert "remember" not in form_shown("imof", 3)["prompt"]


def test_a_contract_is_linted_and_its_chances_are_those_of_the_plan(
    desk: Desk, tmp_path: Path
) -> None:
    file = write_contract(tmp_path, scores_contract(400, bar="better_by = 0.02"))
    told = form_told(desk, "contract", file)
    planned = CliRunner().invoke(shipcall, ["plan", str(file), "--json"], catch_exceptions=False)
    assert told["score"]["chances"] == json.loads(planned.output)["chances"]
    assert {one["code"] for one in told["score"]["lints"]} >= {"W215", "W216"}


def test_a_contract_with_faults_is_refused_with_all_of_them_and_not_kept(
    desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(ContractError):
        form_told(desk, "contract", put(tmp_path, 'metric = "none"\n'))
    assert not desk.folder.exists()


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("dvl", "order = [", "no TOML"),
        ("dvl", 'order = ["a"]\nprobability = 2', "probability: "),
        ("dvl", 'order = ["a"]\nprobability = 0.5', "which drawing"),
        ("imof", 'prompt = "nothing"', "no prompt 'nothing'"),
        ("imof", "[[input.source]]\nfresh = 3", r"input\.source\.1\.fresh"),
        ("trade-off", "seed = 1\ndefault = 101", "default: "),
        ("trade-off", "seed = 1\ndefault = nan", "default: "),
        ("dvl", 'order = ["a"]\nprobability = nan', "probability: "),
        ("dvl", f"seed = {'1' * 5_000}", "no TOML"),
        ("imof", f"x = {'[' * 20_000}", "no TOML"),
        ("imof", "x" * 60_000, "at most 50,000 characters"),
        ("imof", '"\\u001b[31m" = 1', r"'\\x1b"),
        ("dvl", 'seed = 1\norder = ["\\u001b[31m"]\nprobability = 0.5', r"'\\x1b"),
        ("sonnet", "", "no form 'sonnet'"),
    ],
)
def test_an_answer_that_cannot_be_read_says_where_and_is_not_kept(
    name: str, text: str, match: str, desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=match):
        form_told(desk, name, put(tmp_path, text))
    assert not desk.folder.exists()


def test_an_answer_to_another_drawing_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = put(tmp_path, form_shown("dvl", 3)["template"])
    with pytest.raises(UsageError, match="answer is to seed 3"):
        form_told(desk, "dvl", file, 4)


def test_bytes_that_are_no_text_are_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "answer.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        form_told(desk, "imof", file)


def at(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.chdir(folder)
    found = CliRunner().invoke(shipcall, ["practice", "form", *arguments], catch_exceptions=False)
    assert found.exit_code == 0
    return found.output


@pytest.mark.parametrize("name", ["imof", "dvl", "trade-off"])
def test_a_person_reads_a_form_fills_it_in_and_reads_what_came(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = at(tmp_path, monkeypatch, name, "--seed", "3")
    lines = asked.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Put your answer")) + 1
    end = next(n for n, line in enumerate(lines) if line.startswith("Then: "))
    text = "\n".join(line.strip() for line in lines[start:end])
    assert tomllib.loads(text)
    put(tmp_path, text)
    told = at(tmp_path, monkeypatch, name, "--answer", "answer.toml")
    assert "readiness" not in told
    assert all(len(line) <= 100 for line in [*lines, *told.splitlines()])


def test_a_person_reads_the_chances_of_a_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = at(tmp_path, monkeypatch, "contract", "--seed", "3")
    assert "shipcall plan contract.toml" in asked
    file = write_contract(tmp_path, scores_contract(400, bar="better_by = 0.02"))
    told = at(tmp_path, monkeypatch, "contract", "--answer", str(file))
    assert "W216" in told
    assert "what the draws leave open, 95 %" in told
    assert "the gain that is hoped for" in told


def test_a_contract_without_chances_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "no such pilot"

    def unplanned(*_: object, **__: object) -> None:
        raise UsageError(reason)

    monkeypatch.setattr("shipcall.app.prepare_forms.plan_release", unplanned)
    file = write_contract(tmp_path, scores_contract(400))
    told = at(tmp_path, monkeypatch, "contract", "--answer", str(file))
    assert f"Its chances are not known: {reason}" in told
    assert "goes on" not in told


def test_forms_are_listed_and_json_is_the_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = at(tmp_path, monkeypatch)
    assert all(name in listed for name in SAYS)
    found = at(tmp_path, monkeypatch, "dvl", "--seed", "3", "--json")
    assert json.loads(found) == form_shown("dvl", 3)


def test_a_form_that_is_not_there_is_a_fault_of_usage(tmp_path: Path) -> None:
    assert run(["practice", "form", "sonnet"]) == 2
    assert run(["practice", "form", "dvl", "--answer", str(tmp_path / "gone.toml")]) == 2
