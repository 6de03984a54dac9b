"""Practice, looked back on: every play of a workspace listed, counted, exported or removed."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from shipcall.app.place import FOLDER
from shipcall.app.practise_room import Room, instant, kept, removed
from shipcall.app.practise_view import case_view
from shipcall.app.prepare import PLACE
from shipcall.app.writing import write_whole
from shipcall.core import UsageError, plain
from shipcall.practice.finished import finished_from
from shipcall.practice.journal import SUFFIX, Entry, read_journal
from shipcall.practice.portfolio import portfolio_markdown
from shipcall.practice.session import Session
from shipcall.practice.shelf import load_case, slugs
from shipcall.practice.tracker import due, tracker
from shipcall.preparation.diary import FILE, Diary

View = dict[str, Any]


def cases(room: Room) -> View:
    """List all cases, how often each was finished here, which are due, and what goes on."""
    found = kept(room)
    done = [one.case for one in found.finished]
    shelf = [load_case(slug) for slug in slugs()]
    return {
        "kind": "practice_cases",
        "cases": [case_view(case, played=done.count(case.id)) for case in shelf],
        "due": due(found.finished, date.fromisoformat(room.today)),
        "unfinished": unfinished(room)["plays"],
        "finished": [
            {
                "id": one.id,
                "case": one.case,
                "mode": one.mode,
                "at": one.at,
                "grade": one.score["decision"]["grade"],
                "rated": one.rated,
            }
            for one in found.finished
        ],
        "damaged": list(found.damaged),
    }


def unfinished(room: Room) -> View:
    """List the plays that go on, newest last."""
    found = kept(room)
    return {
        "kind": "practice_unfinished",
        "plays": [
            {
                "id": one.terms.id,
                "case": one.terms.case,
                "mode": one.terms.mode,
                "phase": one.phase,
                "began": instant(one.began),
            }
            for one in found.unfinished
        ],
        "damaged": list(found.damaged),
    }


def me(room: Room) -> View:
    """Tell what the revealed plays say about the person, each with how little it says."""
    found = kept(room)
    told_of = tracker(found.finished, date.fromisoformat(room.today))
    return {"kind": "practice_me", "damaged": list(found.damaged)} | told_of


def portfolio_text(view: View) -> str:
    """Write one revealed play as Markdown, from what `practise.told` gave."""
    return portfolio_markdown(finished_from(view["finished"]), view["debrief"])


def round_of(room: Room, plays: Iterable[str]) -> View:
    """Sum up some spot decisions: what each lost on the panels that were shown.

    Args:
        room: The room.
        plays: Ids; those that were not revealed here are left out.
    """
    wanted = list(plays)
    done = {one.id: one for one in kept(room).finished if one.id in wanted}
    rows = [
        {
            "id": name,
            "case": done[name].case,
            "option": done[name].score["decision"]["option"],
            "as_looked": done[name].score["decision"]["as_looked"],
        }
        for name in wanted
        if name in done
    ]
    mean = sum(row["as_looked"] for row in rows) / len(rows) if rows else None
    return {"plays": rows, "mean": mean}


def export(room: Room, file: Path) -> View:
    """Write every play and the diary into one JSON file; what is sealed stays sealed."""
    found = kept(room)
    plays = [
        {
            "id": one.terms.id,
            "entries": [asdict(entry) for entry in _entries(room, one)],
            "finished": plain(one.finished),
        }
        for one in found.sessions
    ]
    form: View = {
        "shipcall_practice": 1,
        "plays": plays,
        "diary": _diary(room),
        "damaged": list(found.damaged),
    }
    text = json.dumps(form, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(file, text)
    return {
        "kind": "practice_export",
        "file": str(file),
        "plays": len(plays),
        "diary": len(form["diary"]),
        "damaged": list(found.damaged),
    }


def _diary(room: Room) -> list[View]:
    """What was done to prepare, with the log of real interviews; empty where there is nothing."""
    folder = room.root / FOLDER / PLACE
    there = (folder / FILE).exists()
    return [asdict(entry) for entry in Diary.open(folder).entries] if there else []


def delete(room: Room, *, sure: bool) -> View:
    """Remove every play of this workspace, its journals and its folders; the diary stays.

    Raises:
        UsageError: If the person is not sure.
    """
    count = len(list(room.journals.glob(f"*{SUFFIX}")))
    if not sure:
        raise UsageError(
            f"plays kept below {room.root}: {count}. They and their folders would be removed for "
            "good. Nothing was. Keep a copy with `shipcall practice export FILE`, then add --yes."
        )
    return {"kind": "practice_deleted", "plays": count, "removed": removed(room)}


def _entries(room: Room, session: Session) -> Iterable[Entry]:
    return read_journal(room.journal_path(session.terms.id)).entries
