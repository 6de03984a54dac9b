"""Kind `copied`: live requests that both models answered."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Tallies
from shipcall.practice.panels.copied import Copied, Sought
from shipcall.practice.panels.panel import Setting, Shown
from shipcall.practice.points import Point
from shipcall.practice.shelf import load_case
from shipcall.world.rollout.shadow import TABLE
from shipcall.world.truth import World

KIND = Copied()
UNSAFE_BASELINE, UNSAFE_CANDIDATE, FAILED = 0.1, 0.2, 0.05


def _world(**changes: Any) -> World:
    plain: dict[str, Any] = {
        "shipcall_world": 1,
        "name": "service",
        "seed": 4,
        "kind": "classifier",
        "start": "2026-10-05",
        "days": 4,
        "people": {"count": 3_000, "spread": 0.0},
        "trait": [{"column": "language", "levels": {"de": 0.8, "pl": 0.2}}],
        "model": {
            "baseline": {"unsafe": UNSAFE_BASELINE, "error": FAILED},
            "candidate": {"unsafe": UNSAFE_CANDIDATE, "own_spread": 0.8},
        },
        "shadow": {"days": 4.0, "sample": 0.2},
    }
    return World.model_validate(plain | changes)


def _setting(*worlds: World) -> Setting:
    state = load_case("C08").state[0]
    point = Point(state=state, values={}, chances=(1.0, 1.0, 1.0))
    return Setting(points=[point] * len(worlds), worlds=worlds, truth=0)


def _panel(**given: Any) -> Panel:
    told = {"name": "p", "title": "P", "minutes": 1, "asks": "?", "kind": "copied", "given": given}
    return Panel.model_validate(told)


def _law(setting: Setting, **given: Any) -> Tallies:
    found = KIND.stack(_panel(**given), setting)
    assert isinstance(found, Tallies)
    return found


def _seen(setting: Setting, **given: Any) -> Floats:
    panel, rng = _panel(**given), np.random.default_rng(0)
    return KIND.seen(panel, setting, KIND.stack(panel, setting), rng)


def _shown(setting: Setting, **given: Any) -> Shown:
    return KIND.shown(_panel(**given), _seen(setting, **given), setting)


def _rows(world: World) -> list[dict[str, Any]]:
    chunks = range(TABLE.chunks(world))
    rows = [row for chunk in chunks for row in TABLE.rows(world, chunk).to_pylist()]
    return sorted(rows, key=lambda row: row["at"])


def _answered(row: dict[str, Any]) -> bool:
    return bool(row["status_baseline"] == row["status_candidate"] == "ok")


def test_unsafe_answers_are_independent_given_that_both_answered() -> None:
    """By hand: .9 x .8, .9 x .2, .1 x .8, .1 x .2."""
    law = _law(_setting(_world()), of=["unsafe"])
    assert law.chances[0, 0] == pytest.approx([0.72, 0.18, 0.08, 0.02])


def test_runs_end_as_the_models_fail() -> None:
    """By hand: only the baseline fails, in 5 % of its runs; nothing is lost."""
    law = _law(_setting(_world()), of=["status"])
    assert law.chances[0, 0] == pytest.approx([0, 0, 0, 0, 0, FAILED, 0, 0, 1 - FAILED])


def test_several_parts_are_told_apart_jointly() -> None:
    """Breaking a rule has nothing to do with the decision, so the chances multiply."""
    setting = _setting(_world())
    agreement = _law(setting, of=["agreement"]).chances[0, 0]
    unsafe = _law(setting, of=["unsafe"]).chances[0, 0]
    joint = _law(setting, of=["agreement", "unsafe"]).chances[0, 0]
    assert joint == pytest.approx(np.outer(agreement, unsafe).ravel())


def test_every_point_has_its_own_chances_and_the_rows_of_the_drawn_world() -> None:
    other = _world(model={"baseline": {"unsafe": 0.5}, "candidate": {"unsafe": 0.5}})
    law = _law(_setting(_world(), other), of=["unsafe"])
    assert law.chances.shape == (2, 1, 4)
    assert law.chances[1, 0] == pytest.approx([0.25, 0.25, 0.25, 0.25])
    assert law.n == [sum(_answered(row) for row in _rows(_world()))]


def test_unsafe_counts_are_those_of_the_file() -> None:
    counted = Counter(
        (row["language"], row["safety_baseline"], row["safety_candidate"])
        for row in _rows(_world())
        if _answered(row)
    )
    expected = [
        counted[language, before, after]
        for language in ("de", "pl")
        for before in (0.0, 1.0)
        for after in (0.0, 1.0)
    ]
    assert _seen(_setting(_world()), of=["unsafe"], by="language").tolist() == expected


def test_statuses_are_those_of_the_file() -> None:
    failed = sum(row["status_baseline"] == "model_error" for row in _rows(_world()))
    row = _shown(_setting(_world()), of=["status"]).rows[0]
    assert (row["failed baseline"], row["failed candidate"]) == (failed, 0)
    assert row["requests"] == len(_rows(_world()))


def test_differences_are_read_from_the_earliest_on() -> None:
    differ = [
        row["decision_candidate"]
        for row in _rows(_world())
        if _answered(row)
        and row["decision_baseline"] != row["decision_candidate"]
        and row["language"] == "pl"
    ][:9]
    seen = _seen(_setting(_world()), of=["differences"], where={"language": "pl"}, read=9)
    assert seen.tolist() == [differ.count("no"), differ.count("yes")]


def test_windows_of_days_add_up() -> None:
    setting = _setting(_world())
    whole = _seen(setting, of=["agreement"])
    first, rest = (_seen(setting, of=["agreement"], days=days) for days in ([0, 1.5], [1.5, 4]))
    assert (first + rest == whole).all()
    assert min(first.sum(), rest.sum()) > 0


def test_a_window_keeps_the_law_of_the_whole() -> None:
    setting = _setting(_world())
    whole, first = (_law(setting, of=["unsafe"], **days) for days in ({}, {"days": [0, 1]}))
    assert (whole.chances == first.chances).all()
    assert first.n[0] < whole.n[0]


def test_a_world_that_starts_at_noon_counts_days_from_noon() -> None:
    setting = _setting(_world(start="2026-10-05T12:00:00Z"))
    within = _seen(setting, of=["status"], days=[0, 4])
    assert within.sum() == _seen(setting, of=["status"]).sum()


def test_no_unsafe_answer_still_leaves_room_for_some() -> None:
    """Exact upper end of no event among n: 1 - 0.025^(1/n)."""
    quiet = _world(model={"baseline": {"unsafe": 0.0}, "candidate": {"unsafe": 0.0}})
    readings = {one.name: one for one in _shown(_setting(quiet), of=["unsafe"]).readings}
    n = len(_rows(quiet))
    assert readings["unsafe candidate"].value == 0
    assert readings["unsafe candidate"].high == pytest.approx(1 - 0.025 ** (1 / n))
    assert readings["unsafe"].low < 0 < readings["unsafe"].high


def test_readings_of_slices_are_named_after_them() -> None:
    shown = _shown(_setting(_world()), of=["agreement", "unsafe"], by="language")
    names = {one.name for one in shown.readings}
    assert {"differ language=de", "unsafe language=pl", "unsafe candidate language=pl"} <= names
    assert [row["where"] for row in shown.rows] == ["language=de", "language=pl"]


def test_where_nothing_is_copied_nothing_can_be_read() -> None:
    skipping = _world(shadow={"days": 4.0, "sample": 0.2, "skipped": {"language": "pl"}})
    shown = _shown(_setting(skipping), of=["unsafe"], by="language")
    assert {one.name.rpartition("=")[2] for one in shown.readings} == {"de"}
    assert shown.rows[1]["requests"] == 0
    assert shown.rows[1]["more unsafe"] is None


def test_a_slice_that_is_never_copied_tells_nothing() -> None:
    skipping = _world(shadow={"days": 4.0, "sample": 0.2, "skipped": {"language": "pl"}})
    law = _law(_setting(skipping), of=["unsafe"], by="language")
    assert law.chances[0, 1] == pytest.approx([0.25] * 4)
    assert law.n[1] == 0


def test_differences_are_written_out_one_by_one() -> None:
    given: dict[str, Any] = {
        "of": ["differences"],
        "read": 30,
        "says": {"no": "refused", "yes": "answered"},
        "texts": {"baseline": ["only before"], "candidate": ["only after"]},
    }
    setting = _setting(_world())
    seen, rows = _seen(setting, **given), _shown(setting, **given).rows
    assert [row["number"] for row in rows] == list(range(1, 31))
    assert sum(row["request"] == "only before" for row in rows) == seen[0]
    assert {(row["request"], row["baseline"], row["candidate"]) for row in rows} == {
        ("only before", "answered", "refused"),
        ("only after", "refused", "answered"),
    }
    assert rows == _shown(setting, **given).rows


def test_texts_go_with_differences_of_both_kinds_only() -> None:
    texts = {"baseline": ["a"], "candidate": ["b"]}
    with pytest.raises(ValidationError, match="texts are for"):
        Sought.model_validate({"of": ["agreement"], "texts": texts})
    with pytest.raises(ValidationError, match="some for each"):
        Sought.model_validate({"of": ["differences"], "texts": {"baseline": ["a"]}})


def test_an_unknown_slice_is_refused() -> None:
    with pytest.raises(ValueError, match="no level 'fr'"):
        _law(_setting(_world()), of=["unsafe"], where={"language": "fr"})
