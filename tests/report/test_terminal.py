import re

import pytest

from report.views import KINDS, VERDICTS, load, many_slices
from shipcall.core import UsageError
from shipcall.report.findings import grouped
from shipcall.report.terminal import render
from shipcall.report.text import display_width

ESCAPE = re.compile(r"\x1b\[[\d;]*m")


@pytest.mark.parametrize("name", VERDICTS)
def test_the_call_stands_in_the_last_block_with_shape_and_word(name: str) -> None:
    view = load(name)
    last = render(view).split("\u2500\n")[-1]
    shapes = {"SHIP": "\u25cf", "HOLD": "\u25c6", "NO SHIP": "\u25a0", "ROLL BACK": "\u25a0"}
    shape = shapes[view["call"]]
    assert last.startswith(f"{shape} {view['call']}")
    assert "Next: shipcall" in last


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    text = render(load(name), width=width, slices="all")
    assert max(display_width(line) for line in text.split("\n")) <= width


@pytest.mark.parametrize("name", KINDS)
def test_a_stream_that_is_not_utf8_gets_ascii_and_no_control_characters(name: str) -> None:
    text = render(load(name), unicode=False)
    assert text.isascii()
    assert not [char for char in text if ord(char) < 32 and char != "\n"]


@pytest.mark.parametrize("name", KINDS)
def test_nothing_from_the_evidence_can_steer_the_terminal(name: str) -> None:
    text = render(load(name), slices="all")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_colour_only_when_asked_and_never_without_its_word() -> None:
    view = load("hold")
    coloured = render(view, colour=True)
    assert "\x1b[" in coloured
    assert ESCAPE.sub("", coloured) == render(view)


def test_every_check_has_needs_estimate_interval_and_answer() -> None:
    text = render(load("ship"))
    row = next(line for line in text.split("\n") if line.startswith("gate.resolved"))
    for part in ("better by 2pp", "+5.12 pp", "[+3.01, +7.22]", "2,400", "\u25cf pass"):
        assert part in row


@pytest.mark.parametrize("name", VERDICTS)
def test_whatever_made_the_call_is_on_the_screen(name: str) -> None:
    view = load(name)
    text = render(view)
    named = {f["id"]: f["slice"] for f in grouped(view["findings"]).slices}
    for check in view["because"]:
        found = named.get(check, check)
        assert found[:12] in text or view["call"] == "SHIP"


def test_a_protected_slice_without_data_is_never_left_out() -> None:
    text = render(load("hold"))
    assert "country=NZ (protected)" in text
    assert "41 of 400  \u25cb no data" in text
    assert "5 slices could not be assessed" in text


def test_a_can_t_tell_that_does_not_hold_the_release_says_so() -> None:
    text = render(load("hold"))
    assert "can't tell *" in text
    assert "so this does not hold the release" in text


def test_slices_are_counted_or_listed_in_full() -> None:
    view = load("hold")
    assert "country=US" not in render(view)
    everything = render(view, slices="all")
    for made in grouped(view["findings"]).slices:
        assert made["slice"] in everything


def test_sanity_is_one_line_when_fine_and_spelled_out_when_not() -> None:
    assert "sanity: 4 of 4 pass (units, duplicates, unmatched, errored)" in render(load("hold"))
    bad = render(load("untrusted"))
    assert "sanity: 3 of 4 do not pass" in bad
    assert "12 rows are there twice." in bad
    assert "Bring the column" in bad


def test_sanity_that_nobody_checked_is_not_fine() -> None:
    assert "sanity: nothing was checked" in render(load("hostile"))


def test_an_unsealed_contract_is_named_on_top() -> None:
    assert "NOT SEALED" in render(load("untrusted")).split("\n")[1]


def test_amendments_and_lints_are_shown() -> None:
    text = render(load("hold"))
    assert "(loosening)" in text
    assert "W207, W211" in text


def test_why_says_both_ends_with_their_error_in_plain_words() -> None:
    text = render(load("hold"), why="gate.calibration")
    assert "0.0212; the true candidate's value lies below it at most 1 in 400 (0.0025)" in text
    assert "0.0335; the true candidate's value lies above it at most 1 in 20 (0.05)" in text
    assert "a wrong pass at most 1 in 20 (0.05), a wrong fail at most 1 in 400 (0.0025)" in text
    assert "48,210 independent units" in text
    assert "about 31,000 more units" in text
    assert "line 53 of the contract" in text
    assert "one of the checks that made the call HOLD" in text


def test_why_of_absent_evidence_names_reason_and_next_step() -> None:
    text = render(load("untrusted"), why="gate.ndcg")
    assert "1,377 of 48,210 units have no candidate row." in text
    assert "rows_missing" in text
    assert "Declare the range of the metric" in text
    assert text.rstrip().split("\n")[-2].startswith("\u25cb no data")


def test_why_of_an_unknown_check_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"gate\.ndcg"):
        render(load("hold"), why="gate.ndgc")


def test_the_next_command_survives_a_hostile_file_name() -> None:
    assert "'my '\"'\"'file'\"'\"'; rm -rf ~.toml'" in render(load("hostile"), width=140)


def test_a_comparison_says_that_it_decides_nothing() -> None:
    text = render(load("comparison"))
    assert "\u25c7 exploratory" in text
    assert "there is no call" in text
    assert "61 units better and 33 worse" in text
    row = next(line for line in text.split("\n") if "topic=tax" in line)
    assert "\u25cb no data" in row


def test_a_plan_says_what_each_check_can_see_and_names_the_blind_ones() -> None:
    text = render(load("plan"))
    assert "93 %" in text
    assert "would more often fail to pass than pass" in text
    assert "slices.country=NZ" in text.split("\u2500\n")[-1]


def test_two_thousand_slices_still_fit_a_screen() -> None:
    assert len(render(many_slices(2000)).split("\n")) < 80


def test_a_verdict_without_slices_or_checks_says_so() -> None:
    view = load("hold")
    view["findings"], view["because"], view["unproven"] = [], [], []
    text = render(view)
    assert "no check was promised" in text
    assert "Next: shipcall seal" in text


def test_why_of_a_watched_check_says_that_it_never_moves_the_call() -> None:
    assert "it is watched and never moves the call" in render(load("hold"), why="watch.dwell")


def test_why_of_a_count_says_that_it_was_not_sampled() -> None:
    text = render(load("untrusted"), why="sanity.rankings.duplicates")
    assert "it was counted, not sampled" in text
