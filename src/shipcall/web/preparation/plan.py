"""Plan: begin, the diagnostic, today, the days until then, where one stands, real interviews.

Before anything was begun a page says how to begin; its JSON twin says so as an error, as the
command does. A diagnostic goes on where it stopped, in the browser as in the terminal.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from shipcall.app import prepare_diagnostic as told
from shipcall.app import prepare_plan, prepare_tracker
from shipcall.app.practise import go
from shipcall.app.practise_room import open_room
from shipcall.app.prepare_loops import loops_view
from shipcall.core import UsageError
from shipcall.preparation.aim import HOURS
from shipcall.preparation.clock import Clock
from shipcall.report.practice.readings import panel_table
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.halls import hall_of
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, number, turn, whole

Form = Mapping[str, str]
SHELF, DIAGNOSTIC, TODAY = "/prepare", "/prepare/diagnostic", "/prepare/today"


def begin_page(root: Path, asked: Asked) -> View:
    """Ask for company and day; what was said before stands in the fields."""
    del asked
    return {"kind": "aim_form", "begin": aim_form(root)}


def aim_form(root: Path) -> View:
    """Give what the fields hold that ask for company and day."""
    aim, clock = _aim(root), desk_of(root).clock
    return {
        "aim": aim,
        "today": clock.today.isoformat(),
        "clock": clock_now(clock),
        "hours": aim["hours"] if aim else HOURS,
        "loops": loops_view()["loops"],
    }


def clock_now(clock: Clock) -> str:
    """Say what a clock shows: 2026-11-22 18:05, 9:00 ahead of UTC."""
    wall = clock.now()
    hours, seconds = divmod(abs(clock.offset(wall)), 3600)
    away = f"{hours}:{seconds // 60:02d} {'ahead of' if clock.offset(wall) > 0 else 'behind'} UTC"
    shown = datetime.fromtimestamp(wall, UTC) + timedelta(seconds=clock.offset(wall))
    return f"{shown:%Y-%m-%d %H:%M}, {away if clock.offset(wall) else 'UTC'}"


def _aim(root: Path) -> View | None:
    try:
        return prepare_plan.aim_view(root)
    except UsageError:
        return None


def begin(root: Path, asked: Asked, form: Form) -> str:
    """Put down the aim, and lead to the diagnostic unless it is through."""
    del asked
    loops = [name.removeprefix("loop.") for name in form if name.startswith("loop.")]
    hours = number(form.get("hours") or str(HOURS), what="hours")
    with turn():
        prepare_plan.begin_plan(
            root,
            form["company"],
            form["interview"],
            hours=hours,
            loops=loops,
            zone=form.get("zone", ""),
        )
    through = told.diagnostic_view(root)["phase"] in {"write", "done"}
    return SHELF if through else DIAGNOSTIC


def diagnostic_twin(root: Path, asked: Asked) -> View:
    """Give where the diagnostic stands."""
    del asked
    return told.diagnostic_view(root)


def diagnostic_page(root: Path, asked: Asked) -> View:
    """Show the part that comes next; of a decision its story, and panels once its clock runs."""
    view = diagnostic_twin(root, asked)
    play = view["next"].get("play") if view["next"] else None
    back = asked.get("shown", "") if view["phase"] == "cards" else ""
    here = view["next"]["id"] if view["phase"] == "cards" else ""
    return {
        **lined(view),
        "begun": _aim(root) is not None,
        "desk": lined(_desk(root, str(play))) if play else None,
        "back": lined(told.back_of(here)) if back and back == here else None,
    }


def _desk(root: Path, play: str) -> View | None:
    """The desk of a spot decision; None: it cannot go on, and is drawn anew."""
    try:
        view = hall_of(root).view(play)
    except UsageError:
        return None
    return view if view["kind"] == "practice_desk" else None


def diagnostic_pieces(view: View) -> Mapping[str, Any]:
    """Lay the panels of a spot decision out as tables."""
    desk = view["desk"]
    seen = desk["seen"] if desk and desk["phase"] == "open" else []
    return {"panels": [{**one, "table": panel_table(one)} for one in seen]}


def diagnosed(root: Path, asked: Asked, form: Form) -> str:
    """Draw a diagnostic with its first decision; a second press of the button draws no other."""
    del asked, form

    def work() -> None:
        with turn():
            if told.diagnostic_view(root)["phase"] == "ready":
                told.begin_diagnostic(root)
            _lay_out(root)

    return _deciding(root, "Drawing a decision", work)


def spot(root: Path, asked: Asked, form: Form) -> str:
    """Let the clock of the decision run whose story was read; draw it where none lies there."""
    del asked, form

    def work() -> None:
        with turn():
            read = _play(root)
            desk = told.spot_begun(root)
            if desk["id"] == read and desk["phase"] == "ready":
                go(open_room(root), read)

    return _deciding(root, "Drawing a decision", work)


def spot_done(root: Path, asked: Asked, form: Form) -> str:
    """Keep call and chance, lock, score, and lay the next story out.

    A sheet that was sent twice, or from a window left open, says nothing of the next decision.
    """
    del asked
    chance = number(form["chance"], what="the chance") / 100

    def work() -> None:
        with turn():
            if form.get("play") in {None, _play(root)}:
                told.spot_answered(root, form["call"], chance)
                _lay_out(root)

    return _deciding(root, "Scoring your call", work)


def _deciding(root: Path, title: str, work: Callable[[], None]) -> str:
    return hall_of(root).job(title, DIAGNOSTIC, work, back=DIAGNOSTIC)


def _play(root: Path) -> str:
    """The play of the decision that comes next; empty where none was drawn."""
    following = told.diagnostic_view(root)["next"]
    return str((following or {}).get("play") or "")


def _lay_out(root: Path) -> None:
    """Draw the decision that comes next, so that its story can be read before its clock runs."""
    if told.diagnostic_view(root)["phase"] == "spots" and not _play(root):
        told.spot_begun(root)


def claim(root: Path, asked: Asked, form: Form) -> str:
    """Keep the chance of a claim; a second press of the button says nothing of the next one."""
    del asked
    chance = number(form["chance"], what="the chance") / 100
    return _kept(root, form["id"], lambda: told.claim_answered(root, chance))


def card(root: Path, asked: Asked, form: Form) -> str:
    """Keep how a card was recalled."""
    del asked
    return _kept(root, form["id"], lambda: told.card_answered(root, form["grade"]))


def apart(root: Path, asked: Asked, form: Form) -> str:
    """Keep which answer was taken for the weak one; a second press of the button says nothing."""
    del asked
    weak = whole(form["weak"], what="which answer")
    with turn():
        if told.diagnostic_view(root)["phase"] == "apart":
            told.told_apart(root, weak)
    return DIAGNOSTIC


def _kept(root: Path, name: str, keep: Callable[[], View]) -> str:
    with turn():
        following = told.diagnostic_view(root)["next"]
        if following and following.get("id") == name:
            keep()
    return DIAGNOSTIC


def today_page(root: Path, asked: Asked) -> View:
    """Show today's work."""
    return _or_begin(lambda: prepare_plan.today_view(root, _day(asked)))


def plan_page(root: Path, asked: Asked) -> View:
    """Show the days until the interview."""
    return _or_begin(lambda: prepare_plan.plan_view(root, _day(asked)))


def _or_begin(show: Callable[[], View]) -> View:
    try:
        return show()
    except UsageError as wrong:
        if "nothing was begun" not in str(wrong):
            raise
        return {"kind": "nothing_begun", "aim": None}


def _day(asked: Asked) -> date | None:
    text = asked.get("as_of", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text[:40]!r} is no day; write it as 2026-12-20.") from None


def tick(root: Path, asked: Asked, form: Form) -> str:
    """Tick a task that was done on paper, and stay on the page where it was ticked."""
    del asked
    with turn():
        prepare_plan.tick(root, form["task"])
    return f"{SHELF if form.get('back') == SHELF else TODAY}#work"


def tracker_page(root: Path, asked: Asked) -> View:
    """Show where somebody stands."""
    return prepare_tracker.tracker_view(root, _day(asked))


def interviews_page(root: Path, asked: Asked) -> View:
    """Show the log of real interviews, with a form to add one."""
    del asked
    return prepare_tracker.interviews_view(root)


def interviews_shown(root: Path, asked: Asked) -> View:
    """The same, with the day it is for the field."""
    return {**lined(interviews_page(root, asked)), "today": desk_of(root).clock.today.isoformat()}


def interviewed(root: Path, asked: Asked, form: Form) -> str:
    """Write one interview down."""
    del asked
    on = _day({"as_of": form.get("on", "")})
    names = ("company", "asked", "said", "change", "ended")
    fields = {name: form.get(name, "").replace("\r\n", "\n") for name in names}
    with turn():
        prepare_tracker.interview_written(root, on=on, round_=form.get("round", ""), **fields)
    return "/prepare/interviews"


def ended(root: Path, asked: Asked, form: Form) -> str:
    """Write down how one ended."""
    del asked
    number_ = whole(form["of"], what="the interview")
    with turn():
        prepare_tracker.interview_ended(root, number_, form["ended"])
    return "/prepare/interviews"


def _file(kind: str) -> Callable[[Path, Asked], str]:
    return lambda root, asked: prepare_plan.exported_text(root, kind, _day(asked))


def _page(
    name: str, title: str, template: str, view: Callable[[Path, Asked], View], **more: Any
) -> Page:
    return Page(
        path=f"/prepare/{name}",
        title=title,
        template=f"prepare_{template}.html.j2",
        view=view,
        nav="practice",
        **more,
    )


PAGES: tuple[Page, ...] = (
    _page("begin", "Begin", "begin", begin_page),
    _page(
        "diagnostic",
        "Where you begin",
        "diagnostic",
        diagnostic_page,
        twin=diagnostic_twin,
        more=diagnostic_pieces,
    ),
    _page(
        "today",
        "Today",
        "day",
        today_page,
        twin=lambda root, asked: prepare_plan.today_view(root, _day(asked)),
    ),
    _page(
        "plan",
        "The days until then",
        "plan",
        plan_page,
        twin=lambda root, asked: prepare_plan.plan_view(root, _day(asked)),
        files={".ics": _file("ics"), ".md": _file("markdown"), ".txt": _file("anki")},
    ),
    _page("tracker", "Where you stand", "tracker", tracker_page),
    _page("interviews", "Real interviews", "interviews", interviews_shown, twin=interviews_page),
)
ACTIONS: tuple[Action, ...] = (
    Action(path="/prepare/begin", act=begin, fields=("company", "interview")),
    Action(path=f"{DIAGNOSTIC}/begin", act=diagnosed),
    Action(path=f"{DIAGNOSTIC}/spot", act=spot),
    Action(path=f"{DIAGNOSTIC}/call", act=spot_done, fields=("call", "chance")),
    Action(path=f"{DIAGNOSTIC}/claim", act=claim, fields=("id", "chance")),
    Action(path=f"{DIAGNOSTIC}/card", act=card, fields=("id", "grade")),
    Action(path=f"{DIAGNOSTIC}/apart", act=apart, fields=("weak",)),
    Action(path="/prepare/today/tick", act=tick, fields=("task",)),
    Action(path="/prepare/interviews", act=interviewed, fields=("company", "asked")),
    Action(path="/prepare/interviews/ended", act=ended, fields=("of", "ended")),
)
