"""Annotation: cards with planted flaws."""

import json
from typing import Any

import pytest

from shipcall.core import UsageError
from shipcall.practice.annotation import (
    CARDS,
    Card,
    CardTemplate,
    Mark,
    draw_card,
    read_marks,
    reveal_card,
    score_card,
    view_card,
)

SMALL: dict[str, Any] = {
    "slug": "card-small",
    "title": "Small",
    "story": "Three lines.",
    "minutes": 2,
    "flaws": 1,
    "false_alarm": 1.5,
    "wrong_subset": 1.0,
    "kind": [
        {"name": "no_n", "title": "no n", "costs": 4.0},
        {"name": "old", "title": "old", "costs": 2.0},
    ],
    "subset": [{"name": "web", "title": "web"}, {"name": "shop", "title": "shop"}],
    "setting": [{"n": "30"}],
    "line": [
        {
            "under": "A",
            "sound": [{"text": "{n} rows", "rests_on": ["web"]}],
            "flawed": [{"text": "rows", "kind": "no_n", "rests_on": ["web", "shop"]}],
        },
        {
            "under": "B",
            "sound": [{"text": "new"}],
            "flawed": [{"text": "aged", "kind": "old", "why": "of {n}"}],
        },
        {"under": "C", "sound": [{"text": "odd", "why": "fine"}], "suspicious": True},
    ],
}


def _small(**changes: Any) -> CardTemplate:
    return CardTemplate.model_validate(SMALL | changes)


def _flawed(line: int) -> Card:
    """A drawing of the small card that is flawed there."""
    drawn = (draw_card(_small(), seed) for seed in range(50))
    return next(card for card in drawn if line in card.flaws)


@pytest.mark.parametrize("slug", CARDS.names())
def test_every_card_has_its_flaws_and_lines_that_only_look_like_them(slug: str) -> None:
    template = CARDS.load(slug)
    assert template.slug == slug
    for seed in range(40):
        card = draw_card(template, seed)
        assert len(card.flaws) == template.flaws
        assert sum(line.suspicious for line in card.lines) >= 3
        assert all("{" not in line.text for line in card.lines)


@pytest.mark.parametrize("slug", CARDS.names())
def test_every_kind_of_flaw_is_planted_sometimes(slug: str) -> None:
    template = CARDS.load(slug)
    planted = {kind for seed in range(200) for kind in draw_card(template, seed).flaws.values()}
    assert planted == {kind.name for kind in template.kind}


@pytest.mark.parametrize("slug", CARDS.names())
def test_every_flaw_and_every_odd_looking_line_has_its_reason(slug: str) -> None:
    for line in CARDS.load(slug).line:
        assert all(wording.why for wording in line.flawed)
        assert not line.suspicious or all(wording.why for wording in line.sound)
        assert not (line.suspicious and line.flawed)


@pytest.mark.parametrize("slug", CARDS.names())
def test_marking_every_line_pays_no_more_than_marking_none(slug: str) -> None:
    """Even who knows the name of every flaw, and marks all other lines as well."""
    for seed in range(20):
        card = draw_card(CARDS.load(slug), seed)
        kind = card.template.kind[0].name
        everything = [Mark(line=one.number, kind=one.kind or kind) for one in card.lines]
        assert score_card(card, everything).lost >= score_card(card, []).lost


def test_the_same_seed_draws_the_same_card() -> None:
    template = CARDS.load("card-voice-notes")
    assert draw_card(template, 7) == draw_card(template, 7)
    assert len({draw_card(template, seed).lines for seed in range(10)}) > 5


def test_a_view_tells_no_flaw() -> None:
    for seed in range(10):
        view = view_card(draw_card(CARDS.load("card-voice-notes"), seed))
        assert set(view["lines"][0]) == {"number", "under", "text"}
        assert "seed" not in view
        json.dumps(view)


def test_which_claims_are_asked_does_not_depend_on_the_flaws() -> None:
    template = CARDS.load("card-loan-sheet")
    asked = {tuple(view_card(draw_card(template, seed))["claims"]) for seed in range(40)}
    assert asked == {(2,)}


def test_a_found_flaw_costs_nothing_and_a_missed_one_its_price() -> None:
    card = _flawed(1)
    found = score_card(card, [Mark(line=1, kind="no_n")], {1: ["web", "shop"]})
    assert (found.lost, found.at_stake, found.lost_behind) == (0, 4, 0)
    missed = score_card(card, [], {1: ["web", "shop"]})
    assert (missed.lost, missed.missed) == (4, (Mark(line=1, kind="no_n"),))


def test_the_right_line_under_another_name_loses_half() -> None:
    score = score_card(_flawed(1), [Mark(line=1, kind="old")])
    assert (score.lost, score.located) == (2, (Mark(line=1, kind="no_n"),))
    assert score.false_alarms == ()


def test_trying_every_name_on_one_line_costs_a_false_alarm_for_each_too_many() -> None:
    score = score_card(_flawed(1), [Mark(line=1, kind="old"), Mark(line=1, kind="no_n")])
    assert (score.lost, score.false_alarms) == (1.5, (Mark(line=1, kind="old"),))


def test_a_mark_on_a_sound_line_is_a_false_alarm_once() -> None:
    again = [Mark(line=3, kind="old"), Mark(line=3, kind="old")]
    score = score_card(_flawed(1), again)
    assert score.lost == 4 + 1.5


def test_subsets_left_out_and_added_cost_alike() -> None:
    score = score_card(_flawed(2), [], {1: ["shop"]})
    assert score.behind[0].missing == ("web",)
    assert score.behind[0].extra == ("shop",)
    assert score.lost_behind == 2


def test_a_claim_left_open_counts_as_no_subset() -> None:
    assert score_card(_flawed(1), []).lost_behind == 2


@pytest.mark.parametrize(
    ("behind", "told"), [({2: ["web"]}, "not asked about"), ({1: ["moon"]}, "no subset")]
)
def test_unknown_claims_and_subsets_are_refused(behind: dict[int, list[str]], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        score_card(_flawed(1), [], behind)


def test_marks_are_read_as_they_are_typed() -> None:
    assert read_marks(_flawed(1), " 1 no_n\n\n3   old \n") == [
        Mark(line=1, kind="no_n"),
        Mark(line=3, kind="old"),
    ]


@pytest.mark.parametrize(
    ("typed", "told"), [("9 old", "1 to 3"), ("x old", "no line"), ("1 bad", "no_n, old")]
)
def test_what_is_no_mark_is_refused(typed: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_marks(_flawed(1), typed)


def test_the_reveal_gives_reasons_filled_in() -> None:
    told = reveal_card(_flawed(2))
    assert told["lines"] == [
        {"number": 2, "text": "aged", "flaw": "old", "why": "of 30"},
        {"number": 3, "text": "odd", "flaw": None, "why": "fine"},
    ]
    assert told["claims"] == {1: ["web"]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"flaws": 2}, "nothing to choose"),
        ({"kind": [*SMALL["kind"][1:], {"name": "x", "title": "x", "costs": 1}]}, "known flaw"),
        ({"subset": []}, "unknown subset"),
        ({"setting": [{}]}, "'n'"),
        (
            {"line": [{"under": "A", "sound": [{"text": "a", "kind": "old"}]}] * 3},
            "sound wording",
        ),
        (
            {
                "line": [
                    SMALL["line"][0] | {"flawed": [{"text": "rows", "kind": "no_n"}]},
                    *SMALL["line"][1:],
                ]
            },
            "all wordings rest",
        ),
    ],
)
def test_a_card_that_cannot_be_drawn_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises((ValueError, KeyError), match=told):
        _small(**changes)


def test_an_unknown_card_and_a_broken_file_are_refused() -> None:
    with pytest.raises(UsageError, match="card-voice-notes"):
        CARDS.load("card-none")
    with pytest.raises(UsageError, match="is no card"):
        CARDS.read("slug = ", name="card-x")
    with pytest.raises(UsageError, match="is no card"):
        CARDS.read('slug = "card-x"', name="card-x")
