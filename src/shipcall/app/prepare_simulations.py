"""Simulations: drawn, shown, answered within a clock or without one, and scored."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from shipcall.app.prepare import Desk
from shipcall.core import UsageError, plain
from shipcall.practice.journal import Entry
from shipcall.practice.scoring.signs import sentences
from shipcall.preparation.diary import Diary, instant
from shipcall.preparation.forms.sheet import Filled, read_sheet
from shipcall.preparation.simulations import morning, postmortem, sales

View = dict[str, Any]
BEGUN, SIMULATED, HEARD = "simulation begun", "simulated", "simulation read"
"""What the diary says: shown with its clock, answered, and read by somebody."""
GRACE = 5.0
"""Seconds that a clock forgives."""
UNTIMED = "untimed"


class Shape(NamedTuple):
    """One simulation."""

    says: str
    minutes: float
    form: str
    """What an answer is: TOML or text."""
    shown: Callable[[int], View]
    told: Callable[[int, str], View]


class Given(NamedTuple):
    """What a person hands in."""

    text: str
    seed: int | None = None
    """Of the drawing that is answered; None: that of the answer, or the newest that was begun."""


def simulations() -> View:
    """List the simulations."""
    rows = [
        {"name": name, "says": one.says, "minutes": one.minutes} for name, one in SHAPES.items()
    ]
    return {"kind": "simulations", "simulations": rows}


def simulation_begun(desk: Desk, name: str, seed: int | None = None, *, timed: bool = True) -> View:
    """Draw a simulation, show it without its answers, and start its clock.

    Args:
        desk: Of the person.
        name: Of the simulation.
        seed: The same drawing again; None draws a new one.
        timed: False: no clock, and the answer is marked so.

    Raises:
        UsageError: If there is none of this name.
    """
    _refuse_unknown(name)
    drawn = secrets.randbelow(2**31) if seed is None else seed
    held = {"seed": drawn, "timed": timed}
    desk.write().add(BEGUN, name, held)
    return {**simulation_shown(name, drawn), "timed": timed}


def simulation_shown(name: str, seed: int) -> View:
    """Show a drawing, without a clock and without its answers; nothing is kept.

    Raises:
        UsageError: If there is none of this name.
    """
    _refuse_unknown(name)
    shape = SHAPES[name]
    head = {"kind": "simulation", "name": name, "says": shape.says, "minutes": shape.minutes}
    return {**head, "form": shape.form, "seed": seed, **shape.shown(seed)}


def simulation_left(desk: Desk, name: str, seed: int) -> float | None:
    """Say when the clock of a drawing ends, in seconds since 1970; None: no clock runs.

    Args:
        desk: Of the person.
        name: Of the simulation.
        seed: Of the drawing.
    """
    lines = _begun(desk.diary, name, seed)
    if not lines or not all(one.held["timed"] for one in lines):
        return None
    return float(lines[0].wall + 60 * SHAPES[name].minutes)


def simulation_told(desk: Desk, name: str, given: Given) -> View:
    """Score an answer and keep it; where a drawing was answered before, it says so.

    Args:
        desk: Of the person.
        name: Of the simulation.
        given: The answer.

    Raises:
        UsageError: If it is no answer to this simulation, or nobody knows to which drawing.
    """
    _refuse_unknown(name)
    diary = desk.diary
    seed = _seed(diary, name, given)
    score = SHAPES[name].told(seed, given.text)
    earlier = _answers(diary, name, seed)
    held = {
        "seed": seed,
        "text": given.text.strip(),
        "clock": _clock(desk, name, seed),
        "repeat": bool(earlier),
        "score": score,
    }
    desk.write().add(SIMULATED, name, held)
    return simulation_view(desk, name, seed)


def simulation_view(desk: Desk, name: str, seed: int | None = None) -> View:
    """Show the newest answer to a simulation with its score and who read it.

    Raises:
        UsageError: If nothing was answered.
    """
    _refuse_unknown(name)
    diary = desk.diary
    every = _answers(diary, name, seed)
    if not every or diary is None:
        raise UsageError(f"{name} was not answered yet. Begin: shipcall practice simulation {name}")
    newest = every[-1]
    readings = [e.held for e in diary.of(HEARD, name) if e.held["answer"] == newest.n]
    return {
        "kind": "simulation_told",
        "name": name,
        "at": instant(newest.wall),
        "seed": newest.held["seed"],
        "answer": newest.held["text"],
        "clock": newest.held["clock"],
        "repeat": newest.held["repeat"],
        "score": newest.held["score"],
        "readings": [plain(one) for one in readings],
        **_read_against(name, newest.held["text"]),
    }


def simulation_read(
    desk: Desk, name: str, marks: Mapping[str, Sequence[int]], *, reader: str = "self"
) -> View:
    """Put down which sentences of the newest text meet which criterion; for `sales`.

    Raises:
        UsageError: If it is another simulation, or a criterion or sentence is not there.
    """
    view = simulation_view(desk, name)
    criteria = [one["id"] for one in view["criteria"]]
    if not criteria:
        raise UsageError(f"{name} is scored and not read. Criteria belong to: sales.")
    strange = [criterion for criterion in marks if criterion not in criteria]
    if strange:
        raise UsageError(f"no criterion {strange[0]!r}. There are: {', '.join(criteria)}.")
    spoken = view["sentences"]
    outside = [at for places in marks.values() for at in places if not 1 <= at <= len(spoken)]
    if outside:
        raise UsageError(f"no sentence {outside[0]}; the text has {len(spoken)}.")
    met = [
        {"criterion": name, "quotes": [spoken[at - 1] for at in marks.get(name, ())]}
        for name in criteria
    ]
    newest = _answers(desk.diary, name, None)[-1]
    held = {"answer": newest.n, "reader": reader.strip() or "self", "met": met}
    desk.write().add(HEARD, name, held)
    return simulation_view(desk, name)


def _refuse_unknown(name: str) -> None:
    if name not in SHAPES:
        raise UsageError(f"no simulation {name!r}. There are: {', '.join(SHAPES)}.")


def _answers(diary: Diary | None, name: str, seed: int | None) -> list[Entry]:
    every = diary.of(SIMULATED, name) if diary else ()
    return [one for one in every if seed in (None, one.held["seed"])]


def _seed(diary: Diary | None, name: str, given: Given) -> int:
    said = _seed_within(name, given.text)
    if said is not None and given.seed is not None and said != given.seed:
        raise UsageError(f"the answer is to seed {said}, and --seed says {given.seed}.")
    begun = [int(one.held["seed"]) for one in diary.of(BEGUN, name)] if diary else []
    found = next((one for one in (said, given.seed, *begun[-1:]) if one is not None), None)
    if found is None:
        raise UsageError(
            f"which drawing is answered? Begin one: shipcall practice simulation {name}"
        )
    return found


def _seed_within(name: str, text: str) -> int | None:
    if name == "morning":
        return _sheet(name, text, morning.MorningAnswer).seed
    if name == "post-mortem":
        return _sheet(name, text, postmortem.PostMortemAnswer).seed
    return None


def _sheet(name: str, text: str, form: type[Filled]) -> Filled:
    return read_sheet(text, form, name=name, shows=f"shipcall practice simulation {name}")


def _begun(diary: Diary | None, name: str, seed: int) -> list[Entry]:
    return [one for one in diary.of(BEGUN, name) if one.held["seed"] == seed] if diary else []


def _clock(desk: Desk, name: str, seed: int) -> View:
    """How long it took since the drawing was first shown, and whether a clock ran."""
    lines = _begun(desk.diary, name, seed)
    if not lines or not all(one.held["timed"] for one in lines):
        return {"kept": UNTIMED, "seconds": None}
    seconds = max(0.0, desk.machine.now() - lines[0].wall)
    within = seconds <= 60 * SHAPES[name].minutes + GRACE
    return {"kept": "within" if within else "over", "seconds": round(seconds, 1)}


def _read_against(name: str, text: str) -> View:
    if name != "sales":
        return {"criteria": [], "sentences": []}
    every = [{"id": one.id, "says": one.says} for one in sales.criteria()]
    return {"criteria": every, "sentences": list(sentences(text))}


def _morning_shown(seed: int) -> View:
    inbox = morning.draw_inbox(seed)
    return {
        "story": inbox.story,
        "items": [{**plain(one), "chance": one.chance} for one in inbox.items],
        "template": morning.template(inbox),
    }


def _morning_told(seed: int, text: str) -> View:
    answer = _sheet("morning", text, morning.MorningAnswer)
    score: View = plain(morning.score_morning(morning.draw_inbox(seed), answer))
    return score


def _postmortem_shown(seed: int) -> View:
    incident = postmortem.draw_incident(seed)
    scene = incident.scene
    return {
        "title": scene.title,
        "story": scene.story,
        "counted": scene.counted,
        "before": postmortem.BEFORE,
        "events": [one.model_dump() for one in incident.shuffled],
        "statements": [{"id": one.id, "says": one.says} for one in incident.statements],
        "days": plain(incident.days),
        "template": postmortem.template(incident),
    }


def _postmortem_told(seed: int, text: str) -> View:
    incident = postmortem.draw_incident(seed)
    answer = _sheet("post-mortem", text, postmortem.PostMortemAnswer)
    score: View = plain(postmortem.score_incident(incident, answer))
    lints = [{**one, "why": postmortem.LINTS[one["rule"]]} for one in score["lints"]]
    true = [one.id for one in incident.scene.event]
    return {
        **score,
        "lints": lints,
        "order": true,
        "began": incident.began,
        "cause": incident.scene.cause,
        "rate": incident.rate,
    }


def _sales_shown(seed: int) -> View:
    sheet = sales.draw_sheet(seed)
    scene = sheet.scene
    return {
        "title": scene.title,
        "story": scene.story,
        "unit": scene.unit,
        "facts": plain(sheet.facts),
        "unknown": scene.unknown.says,
        "fallback": scene.fallback,
        "pace": sales.PACE,
    }


def _sales_told(seed: int, text: str) -> View:
    score: View = plain(sales.score_text(sales.draw_sheet(seed), text))
    flags = [{**one, "why": sales.RULES[one["rule"]]} for one in score["flags"]]
    return {**score, "flags": flags}


SHAPES: Mapping[str, Shape] = {
    "morning": Shape(
        "Nine things in an inbox at half past eight: what first, and what to do with each?",
        morning.MINUTES,
        "TOML",
        _morning_shown,
        _morning_told,
    ),
    "post-mortem": Shape(
        "Order an incident, say when it could be seen, and what is to be done.",
        postmortem.MINUTES,
        "TOML",
        _postmortem_shown,
        _postmortem_told,
    ),
    "sales": Shape(
        "Explain to sales in 60 seconds what a model can and cannot do.",
        sales.MINUTES,
        "text",
        _sales_shown,
        _sales_told,
    ),
}
"""Simulation -> what it is."""
