"""Tiny: a case of three points, small enough to be worked out by hand. It is no case of the shelf.

point   harm  cause   advance  hold             back
trap     2    rot      -20     see `Option`      0
twin    -1    sound     10     see `Option`      0
other    0    log        0     see `Option`      3 (the log is repaired)
"""

from typing import Any

from shipcall.practice.language import Case
from shipcall.practice.play import Play, draw_play

PANELS = ("tickets", "flags", "effect", "changes", "notes")


def tiny(**changes: Any) -> Case:
    """Give the case, with some of its top-level keys changed."""
    return Case.model_validate(_PLAIN | changes)


def tiny_play(seed: int = 1, *, truth: int | None = None, **changes: Any) -> Play:
    """Draw it; truth 0 is the trap, 1 its twin, 2 the other state."""
    return draw_play(tiny(**changes), seed, truth=truth)


def _noted(name: str, minutes: float, **line: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.capitalize(),
        "minutes": minutes,
        "asks": f"What do the {name} say?",
        "kind": "noted",
        "given": {"line": [{"name": name, "title": name.capitalize()} | line]},
    }


_PLAIN: dict[str, Any] = {
    "id": "C99",
    "slug": "tiny",
    "title": "A tiny release",
    "minutes": 5,
    "looking": 7,
    "stage": None,
    "as_of": "2026-11-02T09:00:00Z",
    "story": {"The release": "A filter with another text cleaning serves a tenth of the mails."},
    "points": "a thousand mails that people need not read",
    "world": {
        "kind": "classifier",
        "write": ["predictions"],
        "items": {"count": 400},
        "model": {"baseline": {"skill": 1.0}, "candidate": {"skill": 1.5}},
        "trait": [{"column": "country", "levels": {"US": 0.7, "NZ": 0.3}}],
    },
    "parameter": [
        {
            "name": "harm",
            "title": "Mails lost, in hundredths of a share",
            "sets": {"model.candidate.skill": -0.5},
        }
    ],
    "state": [
        {
            "name": "loses",
            "title": "The filter loses mails.",
            "cause": "rot",
            "chances": [0.3, 0.2, 0.4],
            "role": "trap",
            "values": {"harm": [2.0]},
        },
        {
            "name": "gains",
            "title": "The filter finds more.",
            "cause": "sound",
            "chances": [0.5, 0.6, 0.4],
            "role": "twin",
            "values": {"harm": [-1.0]},
        },
        {
            "name": "counts",
            "title": "The log counts mails twice.",
            "cause": "log",
            "chances": [0.2, 0.2, 0.2],
        },
    ],
    "cause": [
        {"name": "rot", "title": "The model got worse"},
        {"name": "sound", "title": "Nothing is wrong"},
        {"name": "log", "title": "The log is wrong"},
    ],
    "panel": [
        _noted("tickets", 4, law="count", of={"1": 2.0, "harm": 0.5}),
        _noted("flags", 2, law="share", n=9, of={"1": -1.0, "harm": 1.0}),
        _noted("effect", 3, law="number", of={"harm": 1.0}, error=0.8),
        _noted("changes", 1, law="number", of={}, by_cause={"log": 3.0}, error=1.0),
        {
            "name": "notes",
            "title": "Notes",
            "minutes": 1,
            "asks": "What did people say?",
            "kind": "words",
            "text": ["Everybody is pleased with the launch slide."],
        },
    ],
    "worth": {"all": {"harm": -10.0}},
    "option": [
        {"name": "advance", "title": "Serve half", "call": "ADVANCE", "now": 1.0},
        {
            "name": "hold",
            "title": "Stay another week",
            "call": "HOLD",
            "now": 0.1,
            "later": 0.8,
            "error": 4.0,
            "costs": 1.0,
        },
        {
            "name": "back",
            "title": "Take it back",
            "call": "ROLL BACK",
            "bonus": {"log": 3.0},
        },
    ],
    "verdict": {"ADVANCE": "advance", "HOLD": "hold", "ROLL BACK": "back"},
    "claim": [
        {"name": "worse", "text": "More mails are lost.", "of": {"harm": 1.0}},
        {"name": "logging", "text": "The log is wrong.", "causes": ["log"]},
    ],
    "forecast": {
        "text": "Mails lost next week",
        "unit": "pp",
        "of": {"harm": 1.0},
        "error": 0.5,
        "edges": [-1.5, -0.5, 0.5, 1.5],
    },
    "trigger": {
        "text": "Which rule takes the filter back by itself?",
        "metric": "mails lost",
        "unit": "pp",
        "days": 10,
        "scope": [
            {"name": "all", "title": "Everybody", "of": {"harm": 1.0}, "error": 2.0},
            {"name": "nz", "title": "New Zealand", "of": {"harm": 1.5}, "error": 4.0},
        ],
        "loses": {"harm": 2.0},
        "false_costs": 15.0,
        "windows": [1, 3, 5],
    },
    "size": {
        "text": "Mails of each arm to tell a half from three quarters",
        "kind": "two_proportions",
        "level": 0.025,
        "power": 0.9,
        "base": 0.5,
        "difference": 0.25,
    },
    "spot": ["effect"],
    "weak": [
        {"panel": "tickets", "reading": "tickets", "lies": "above", "bar": 20, "option": "back"},
        {"option": "advance"},
    ],
    "gate": [
        {
            "panel": "effect",
            "reading": "effect",
            "lies": "surely_above",
            "bar": 0.0,
            "option": "back",
        },
        {"option": "advance"},
    ],
    "checklist": [
        {"panel": "changes", "reading": "changes", "lies": "above", "bar": 1.5, "option": "back"},
        {"panel": "effect", "reading": "effect", "lies": "above", "bar": 0.5, "option": "back"},
        {"panel": "effect", "reading": "effect", "lies": "above", "bar": -0.2, "option": "hold"},
        {"option": "advance"},
    ],
    "telling": {
        "criteria": [
            {"text": "Names New Zealand", "words": ["new zealand", "nz"]},
            {"text": "Says who reads the log", "words": ["on call", "owner of the log"]},
        ],
        "weak": "It looks fine.",
        "strong": "Mails lost rose by 2 pp (0.4 to 3.6), so we take it back.",
        "follow_ups": ["Who may lift the rule?"],
    },
    "debrief": {
        "trap": "The launch slide counts mails, not people.",
        "twin": "Tickets would have been as few as before.",
        "distinguishes": "effect",
        "rule": "Ask what was lost before you ask what was won.",
        "ethics": "Who reads a lost mail?",
        "data_source": "Who writes the log?",
        "sales": "We keep what works.",
    },
}
