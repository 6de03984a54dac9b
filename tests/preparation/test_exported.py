"""A plan as a calendar by the rules of RFC 5545, as Markdown, and the cards as Anki reads them."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipcall.app.prepare_plan import begin_plan, export_plan
from shipcall.core import UsageError
from shipcall.preparation.aim import Aim, aimed
from shipcall.preparation.cards import every_card
from shipcall.preparation.exported import FOLD, anki, calendar, escaped, folded, markdown
from shipcall.preparation.plan import Known, Plan, plan
from shipcall.preparation.skills import needs

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
COMPANY = "Ünïcode, Söhne; & \\ Co. " + "lang" * 10


def made() -> tuple[Aim, Plan]:
    aim = aimed(COMPANY, TODAY + timedelta(days=12), today=TODAY)
    return aim, plan(aim, TODAY, Known(needs=needs(aim.loops, []), cases=[]))


def unfolded(text: str) -> list[str]:
    """RFC 5545, 3.1: a line end followed by a space or tab is taken out."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(value: str) -> str:
    """RFC 5545, 3.3.11, read from left to right."""
    out, signs = "", iter(value)
    for sign in signs:
        if sign == "\\":
            following = next(signs)
            assert following in {"\\", ";", ",", "n", "N"}
            out += "\n" if following in {"n", "N"} else following
        else:
            assert sign not in {";", ","}
            out += sign
    return out


def test_a_calendar_has_only_whole_lines_of_at_most_75_octets() -> None:
    text = calendar(*made(), now=NOW)
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode("utf-8")) <= FOLD


def test_a_calendar_is_one_object_with_an_event_for_every_day_and_the_interview() -> None:
    lines = unfolded(calendar(*made(), now=NOW))
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    assert any(line.startswith("PRODID:") for line in lines)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 13
    for name in ("UID:", "DTSTAMP:20261122T093000Z", "DTSTART;VALUE=DATE:", "DTEND;VALUE=DATE:"):
        assert sum(line.startswith(name) for line in lines) == 13


def test_no_two_events_share_a_uid_and_a_day_keeps_its_own() -> None:
    uids = [line for line in unfolded(calendar(*made(), now=NOW)) if line.startswith("UID:")]
    again = [
        line
        for line in unfolded(calendar(*made(), now=NOW + timedelta(days=3)))
        if line.startswith("UID:")
    ]
    assert len(set(uids)) == 13
    assert uids == again


def test_a_whole_day_ends_where_the_next_begins() -> None:
    lines = unfolded(calendar(*made(), now=NOW))
    starts = [line[-8:] for line in lines if line.startswith("DTSTART")]
    ends = [line[-8:] for line in lines if line.startswith("DTEND")]
    assert starts[0] == "20261122"
    assert ends[:-1] == starts[1:]


def test_texts_come_back_as_they_were() -> None:
    lines = unfolded(calendar(*made(), now=NOW))
    said = [unescaped(line.partition(":")[2]) for line in lines if line.startswith("SUMMARY")]
    assert said[-1] == f"Interview: {COMPANY}"


@given(st.text())
def test_any_text_survives_escaping_and_folding(text: str) -> None:
    kept = "".join(
        one
        for one in text.replace("\r\n", "\n")
        if one == "\n" or (ord(one) >= 32 and one != "\x7f")
    )
    if any(0xD800 <= ord(one) <= 0xDFFF for one in kept):
        return
    parts = list(folded(f"SUMMARY:{escaped(text)}"))
    assert all(len(part.encode("utf-8")) <= FOLD for part in parts)
    whole = parts[0] + "".join(part[1:] for part in parts[1:])
    assert unescaped(whole.removeprefix("SUMMARY:")) == kept


def test_markdown_has_a_box_for_every_task_and_ticks_what_is_done() -> None:
    aim, days = made()
    first = days.days[0].tasks[0].id
    text = markdown(aim, days, done=[first])
    assert text.count("- [ ] ") + text.count("- [x] ") == sum(len(d.tasks) for d in days.days)
    assert text.count("- [x] ") == 1
    assert text.splitlines()[0].startswith("# Ünïcode, Söhne; & \\\\ Co.")


def test_anki_gets_every_card_once_in_the_columns_its_headers_name() -> None:
    lines = anki(*made()).splitlines()
    heads = [line for line in lines if line.startswith("#")]
    assert heads[:2] == ["#separator:tab", "#html:false"]
    assert heads[-2:] == ["#guid column:1", "#tags column:4"]
    rows = list(csv.reader(lines[len(heads) :], delimiter="\t"))
    assert all(len(row) == 4 for row in rows)
    assert [row[0].removeprefix("shipcall-") for row in rows] == list(every_card())
    backs = [" ".join(card.back.split()) for _, card in every_card().values()]
    assert [row[2] for row in rows] == backs


@pytest.mark.parametrize(("kind", "begins"), [("ics", "BEGIN"), ("markdown", "# "), ("anki", "#s")])
def test_each_kind_is_written_to_a_file(tmp_path: Path, kind: str, begins: str) -> None:
    begin_plan(tmp_path, "Valve", "3d")
    file = tmp_path / "out" / "plan"
    export_plan(tmp_path, kind, file)
    assert file.read_text(encoding="utf-8").startswith(begins)


def test_another_kind_is_refused_with_what_there_is(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Valve", "3d")
    with pytest.raises(UsageError, match="ics, markdown, anki"):
        export_plan(tmp_path, "pdf", tmp_path / "x")
    assert not (tmp_path / "x").exists()
