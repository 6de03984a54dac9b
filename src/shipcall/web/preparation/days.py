"""Days: parts of a working day to go through, each with a clock or without one."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from shipcall.app import prepare_simulations as told
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, now, turn, whole
from shipcall.web.preparation.frames import toml_of

Form = Mapping[str, str]
ONE = "/prepare/simulation/{id}"
_typed: dict[tuple[Path, str, int], dict[str, str]] = {}
"""Answers as they were last typed, until they are read."""


def days_page(root: Path, asked: Asked) -> View:
    """List the simulations."""
    del root, asked
    return told.simulations()


def day_twin(root: Path, asked: Asked) -> View:
    """Give a drawing as it is shown, or the newest answer as `simulation NAME --last` gives it."""
    name = asked["id"]
    if not asked.get("seed"):
        return told.simulation_view(desk_of(root), name)
    return told.simulation_shown(name, whole(asked["seed"], what="seed"))


def day_page(root: Path, asked: Asked) -> View:
    """Show a drawing with its form and clock, or the newest answer with its score."""
    view, name = day_twin(root, asked), asked["id"]
    seed = view["seed"]
    shown = lined(told.simulation_shown(name, seed))
    typed = _typed.get((root, name, seed), {})
    left = told.simulation_left(desk_of(root), name, seed) if "answer" not in view else None
    return {
        **lined(view),
        "heading": HEADINGS[name],
        "shown": shown,
        "left": None if left is None else max(0, round(left - now())),
        "typed": {field: {"text": text} for field, text in typed.items()},
        "reader": asked.get("as"),
    }


HEADINGS = {
    "morning": "A morning",
    "post-mortem": "A post-mortem",
    "sales": "A minute with sales",
}


def begun(root: Path, asked: Asked, form: Form) -> str:
    """Draw a simulation and start its clock, unless it is asked to leave that out."""
    seed = whole(form["seed"], what="seed") if form.get("seed", "").strip() else None
    with turn():
        view = told.simulation_begun(
            desk_of(root), asked["id"], seed, timed=form.get("clock") != "none"
        )
    return f"{_address(asked['id'])}?{urlencode({'seed': view['seed']})}"


def answered(root: Path, asked: Asked, form: Form) -> str:
    """Score an answer; one that cannot be read stays in its fields."""
    name, seed = asked["id"], whole(form["seed"], what="seed")
    _typed[root, name, seed] = dict(form)
    text = _WRITTEN.get(name, _said)(form, seed)
    with turn():
        told.simulation_told(desk_of(root), name, told.Given(text, seed))
    _typed.pop((root, name, seed), None)
    return _address(name) + "#score"


def _said(form: Form, seed: int) -> str:
    del seed
    return form.get("text", "").replace("\r\n", "\n")


def _decided(form: Form, seed: int) -> str:
    ways = {name.removeprefix("do."): way for name, way in form.items() if name.startswith("do.")}
    decide = ", ".join(toml_of({name: way}).strip() for name, way in ways.items())
    order = [name for name in _ordered(form) if ways.get(name) != "leave"]
    return f"seed = {seed}\n{toml_of({'order': order})}decide = {{ {decide} }}\n"


def _ordered(form: Form) -> list[str]:
    """Names by the places that were typed; those without one are in no place."""
    places = {
        name.removeprefix("place."): whole(text, what=name.removeprefix("place."))
        for name, text in form.items()
        if name.startswith("place.") and text.strip()
    }
    return sorted(places, key=lambda name: places[name])


def _led(form: Form, seed: int) -> str:
    causes = [name.removeprefix("cause.") for name in form if name.startswith("cause.")]
    seen = form.get("seen", "").strip()
    lines = [f"seed = {seed}\n", toml_of({"order": _ordered(form), "causes": causes})]
    lines += [f"seen = {whole(seen, what='the day')}\n"] if seen else []
    for cause in causes:
        fields = {
            name: form.get(f"{name}.{cause}", "") for name in ("what", "owner", "metric", "by")
        }
        if any(text.strip() for text in fields.values()):
            lines.append("[[action]]\n" + toml_of({**fields, "against": cause}))
    return "".join(lines)


_WRITTEN = {"morning": _decided, "post-mortem": _led}


def read(root: Path, asked: Asked, form: Form) -> str:
    """Put down which sentences of a text meet which criterion."""
    marks = dict[str, list[int]]()
    for field, text in form.items():
        kind, _, criterion = field.partition(".")
        if kind == "met" and text.strip():
            places = text.replace(",", " ").split()
            marks[criterion] = [whole(place, what="a sentence") for place in places]
    with turn():
        told.simulation_read(desk_of(root), asked["id"], marks, reader=form.get("reader", "self"))
    return _address(asked["id"]) + "#read"


def _address(name: str) -> str:
    return address_of("prepare", "simulation", name)


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/simulations",
        title="Simulations",
        template="prepare_days.html.j2",
        view=days_page,
        nav="practice",
    ),
    Page(
        path=ONE,
        title="{heading}",
        template="prepare_simulation.html.j2",
        view=day_page,
        twin=day_twin,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path=f"{ONE}/begin", act=begun),
    Action(path=f"{ONE}/answer", act=answered, fields=("seed",)),
    Action(path=f"{ONE}/read", act=read),
)
