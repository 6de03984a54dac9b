"""The portfolio: one revealed play as Markdown, and nothing of an unrevealed one."""

from dataclasses import replace

import pytest

from practice.plays import FULL, account, finished
from practice.tiny import tiny_play
from shipcall.core import UsageError, plain
from shipcall.practice.debrief import debrief
from shipcall.practice.finished import Finished
from shipcall.practice.portfolio import portfolio_markdown
from shipcall.practice.scoring.sheets import score_sheet
from shipcall.practice.sheet import Sheet


def page(sheet: Sheet, rule: str = "", *opened: str) -> str:
    play, did = tiny_play(3, truth=0), account(*opened, sheet=sheet)
    view = debrief(play, did, score_sheet(play, sheet, did.opened))
    kept = replace(finished(1), sheet=plain(sheet), rule=rule)
    return portfolio_markdown(kept, view)


def test_a_play_tells_call_ladder_evidence_and_rule() -> None:
    text = page(FULL, "Ask what was lost.", "flags", "effect")
    assert text.startswith("# A tiny release\n\nPractice case C99, 2026-11-20;")
    assert "**HOLD**: Stay another week." in text
    assert "| oracle | ROLL BACK | 0 % |" in text
    assert "| Flags | 2 |" in text
    assert "> Ask what was lost." in text
    assert "One play says little about a person" in text


def test_what_was_left_open_gets_no_section() -> None:
    text = page(Sheet())
    assert "**No call**" in text
    assert "## Chances I gave" not in text
    assert "## The rule I carry" not in text
    assert "No panel was opened." in text


def test_markup_in_a_persons_words_stays_text() -> None:
    text = page(replace(FULL, reason="<script>x</script> | *all*\n# head"), "`rm` \x1b[2J")
    assert "<script>" not in text
    assert "&lt;script>x&lt;/script> \\| \\*all\\*" in text
    assert "> \\# head" in text
    assert "\x1b" not in text
    assert "\\`rm\\`" in text


@pytest.mark.parametrize("lack", [{"at": ""}, {"so": {}}], ids=["no time", "no truth"])
def test_an_unrevealed_play_is_refused(lack: dict[str, object]) -> None:
    form = {name: getattr(finished(1), name) for name in Finished.__dataclass_fields__}
    play = tiny_play(3, truth=0)
    view = debrief(play, account(), score_sheet(play, FULL, []))
    with pytest.raises(UsageError, match="was not revealed"):
        portfolio_markdown(Finished(**(form | lack)), view)
