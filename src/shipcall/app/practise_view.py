"""Views of practice: one plain dictionary for the desk, one for a panel. Nothing of the truth."""

from typing import Any

from shipcall.core import plain
from shipcall.practice.answers import asked, open_parts, value_of
from shipcall.practice.desk import Desk
from shipcall.practice.language import Case, Panel
from shipcall.practice.play import Play
from shipcall.practice.sheet import Sheet

View = dict[str, Any]


def desk_view(desk: Desk) -> View:
    """Everything a person sees of a play before the reveal, apart from panels that are open.

    Numbers in lists are those a person may type. Shares are 0 to 1, times in seconds on the
    clock of the play, prices in evidence-minutes.
    """
    case, session, terms = desk.case, desk.session, desk.session.terms
    return {
        "kind": "practice_desk",
        "id": terms.id,
        "mode": terms.mode,
        "phase": session.phase,
        "case": {
            "id": case.id,
            "slug": case.slug,
            "title": case.title,
            "story": dict(case.story),
            "points": case.points,
        },
        "clock": _clock(desk),
        "evidence": {
            "minutes_left": plain(desk.minutes_left),
            "minutes": case.looking,
            "of_all": plain(sum(panel.minutes for panel in case.panel)),
        },
        "panels": [_menu_line(n, panel, desk) for n, panel in enumerate(_offered(desk), 1)],
        "options": options_view(case, session.current),
        "parts": _parts(desk),
        "unanswered": open_parts(case, terms.mode, session.current, terms.claim),
        "rated": not (terms.repeat or terms.mode == "learn" or session.hints),
        "chosen": terms.chosen,
        "second": session.second is not None,
        "hints": session.hints,
        "folder": terms.folder,
        "filed": session.filed,
        "commitment": terms.commitment,
    }


def panel_view(play: Play, name: str) -> View:
    """One panel as it is seen: text, rows, and readings with their 95 % intervals."""
    panel, shown = play.case.panel_of(name), play.shown(name)
    return {
        "kind": "practice_panel",
        "name": name,
        "title": panel.title,
        "asks": panel.asks,
        "minutes": panel.minutes,
        "text": list(shown.text),
        "rows": [plain(dict(row)) for row in shown.rows],
        "readings": [plain(reading) for reading in shown.readings],
    }


def options_view(case: Case, sheet: Sheet) -> list[View]:
    """The options of a case, numbered."""
    return [
        {
            "number": n,
            "name": option.name,
            "title": option.title,
            "call": option.call.value,
            "chosen": sheet.option == option.name,
        }
        for n, option in enumerate(case.option, 1)
    ]


def case_view(case: Case, *, played: int) -> View:
    """One line in the list of cases."""
    return {
        "id": case.id,
        "slug": case.slug,
        "title": case.title,
        "minutes": case.minutes,
        "looking": case.looking,
        "panels": len(case.panel),
        "spot": bool(case.spot),
        "played": played,
    }


def _clock(desk: Desk) -> View:
    seconds, limit = desk.seconds, desk.limit
    return {
        "seconds": plain(seconds),
        "limit": limit,
        "left": None if limit is None else plain(limit - seconds),
        "runs": desk.session.since is not None,
        "ran_out": desk.session.ran_out,
        "extra_time": desk.session.terms.extra_time,
    }


def _offered(desk: Desk) -> list[Panel]:
    spot = desk.session.terms.mode == "spot"
    return [panel for panel in desk.case.panel if not spot or panel.name in desk.case.spot]


def _menu_line(number: int, panel: Panel, desk: Desk) -> View:
    session = desk.session
    opened = panel.name in session.opened
    free = opened or session.phase == "retrying" or session.terms.mode == "spot"
    return {
        "number": number,
        "name": panel.name,
        "title": panel.title,
        "asks": panel.asks,
        "minutes": panel.minutes,
        "opened": opened,
        "fits": free or panel.minutes <= desk.minutes_left + 1e-9,
        "holds": list(panel.holds),
    }


def _parts(desk: Desk) -> list[View]:
    """The parts of the sheet, each with what is asked and what was said."""
    case, terms, sheet = desk.case, desk.session.terms, desk.session.current
    parts = asked(case, terms.mode, terms.claim)
    return [
        {"part": part, "said": _said(sheet, part), "asked": _asked(case, part, terms.claim)}
        for part in parts
    ]


def _said(sheet: Sheet, part: str) -> Any:
    """What was answered; a contract as its text, of which line breaks are kept."""
    said = value_of(sheet, part)
    return {"text": said} if part == "contract" and said is not None else said


def _asked(case: Case, part: str, claim: str | None) -> Any:
    """What a part asks, as far as the case says it."""
    if part == "causes":
        return [{"name": one.name, "title": one.title} for one in case.cause]
    if part == "claims":
        wanted = [one for one in case.claim if claim is None or one.name == claim]
        return [{"name": one.name, "title": one.text} for one in wanted]
    return _ASKED[part](case) if part in _ASKED else None


def _forecast(case: Case) -> View | None:
    if (told := case.forecast) is None:
        return None
    return {"text": told.text, "unit": told.unit, "edges": list(told.edges)}


def _trigger(case: Case) -> View | None:
    if (told := case.trigger) is None:
        return None
    return {
        "text": told.text,
        "metric": told.metric,
        "unit": told.unit,
        "days": told.days,
        "false_costs": told.false_costs,
        "scopes": [{"name": scope.name, "title": scope.title} for scope in told.scope],
    }


def _size(case: Case) -> View | None:
    if (told := case.size) is None:
        return None
    return {"text": told.text, "level": told.level, "power": told.power}


def _why(case: Case) -> View:
    return {"text": case.telling.asks}


_ASKED = {"forecast": _forecast, "trigger": _trigger, "size": _size, "why": _why}
