"""Forms: an answer with a fixed shape is shown, read from a file, scored and kept."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shipcall.app.assumptions import Assumptions
from shipcall.app.planning import plan_release
from shipcall.app.prepare import Desk
from shipcall.app.release import check_release
from shipcall.core import ContractError, ShipcallError, UsageError, plain
from shipcall.preparation.diary import instant
from shipcall.preparation.forms.design_lints import RULES, score_design
from shipcall.preparation.forms.imof import TEMPLATE, Design, load_prompt, prompt_slugs
from shipcall.preparation.forms.portfolio import Portfolio
from shipcall.preparation.forms.sheet import MOST, read_sheet
from shipcall.preparation.forms.toggle import ToggleAnswer, draw_dial, score_toggle
from shipcall.preparation.forms.worth import DvlAnswer, contested, score_order
from shipcall.release.foresight.outlook import Progress

View = dict[str, Any]
FORMED = "formed"
"""What the diary says of a form that was answered."""


def forms() -> View:
    """List the forms."""
    return {"kind": "forms", "forms": [{"name": name, "says": SAYS[name]} for name in SAYS]}


def form_shown(name: str, seed: int | None = None) -> View:
    """Show what a form asks, with an answer to be filled in.

    Args:
        name: Of the form.
        seed: The same drawing again; None draws a new one.

    Raises:
        UsageError: If there is no such form.
    """
    _refuse_unknown(name)
    drawn = secrets.randbelow(2**31) if seed is None else seed
    return {"kind": "form", "form": name, "says": SAYS[name], **_SHOWN[name](drawn)}


class Given(NamedTuple):
    """What a person hands in."""

    file: Path
    seed: int | None
    """As asked for beside the answer."""
    progress: Progress | None = None


def form_told(
    desk: Desk,
    name: str,
    file: Path,
    seed: int | None = None,
    *,
    progress: Progress | None = None,
) -> View:
    """Hold an answer against what can be computed or pointed at, and keep it in the diary.

    Args:
        desk: Of the person.
        name: Of the form.
        file: The answer.
        seed: Of the drawing, where the answer does not name it.
        progress: Told what is being worked out, where that takes its time.

    Raises:
        UsageError: If there is no such form, or the answer cannot be read or does not fit it.
        ContractError: If the answer is a contract with faults; every fault at once.
    """
    _refuse_unknown(name)
    told = _TOLD[name](Given(file, seed, progress))
    desk.write().add(FORMED, name, told)
    return {"kind": "form_told", "form": name, **told}


def forms_kept(desk: Desk) -> list[View]:
    """List the answers to forms that stand in the diary: number, form and when; oldest first."""
    diary = desk.diary
    kept = diary.of(FORMED) if diary else ()
    return [{"n": one.n, "form": one.what, "at": instant(one.wall)} for one in kept]


def form_kept(desk: Desk, name: str, n: int) -> View:
    """Show again how an answer did, as `form_told` gave it.

    Args:
        desk: Of the person.
        name: Of the form.
        n: Its number in the diary, from `forms_kept`.

    Raises:
        UsageError: If no answer to this form has this number.
    """
    diary = desk.diary
    for one in diary.of(FORMED, name) if diary else ():
        if one.n == n:
            return {"kind": "form_told", "form": name, **one.held}
    raise UsageError(f"no answer {n} to {name!r} is kept here.")


def _refuse_unknown(name: str) -> None:
    if name not in SAYS:
        raise UsageError(f"no form {name!r}. There are: {', '.join(SAYS)}.")


def _text(file: Path) -> str:
    """The text of an answer.

    Raises:
        UsageError: If it cannot be read.
    """
    try:
        if file.stat().st_size > 4 * MOST:
            raise UsageError(f"{file} is too large for an answer of {MOST:,} characters.")
        return file.read_text(encoding="utf-8-sig")
    except OSError as wrong:
        raise UsageError(f"{file} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise UsageError(f"{file} is no text in UTF-8. Save it as such.") from wrong


def _seed(name: str, told: int | None, asked: int | None) -> int:
    """Which drawing is answered."""
    if told is not None and asked is not None and told != asked:
        raise UsageError(f"the answer is to seed {told}, and --seed says {asked}. Leave one out.")
    found = told if told is not None else asked
    if found is None:
        raise UsageError(
            f"which drawing is answered? Put `seed = NUMBER` into the answer; "
            f"`shipcall practice form {name}` shows the number."
        )
    return found


def _dvl_shown(seed: int) -> View:
    return _portfolio_view(contested(seed))


def _portfolio_view(portfolio: Portfolio) -> View:
    order = ", ".join(f'"{slug}"' for slug in portfolio.slugs)
    view: View = plain(
        {
            "seed": portfolio.seed,
            "story": portfolio.story,
            "features": [one.model_dump(mode="json") for one in portfolio.features],
            "pair": portfolio.pair,
            "saves": portfolio.saves,
            "template": f"seed = {portfolio.seed}\norder = [{order}]\nprobability = 0.5\n",
        }
    )
    return view


def _dvl_told(given: Given) -> View:
    answer = read_sheet(_text(given.file), DvlAnswer, name="dvl")
    portfolio = contested(_seed("dvl", answer.seed, given.seed))
    score = score_order(portfolio, answer)
    return {"seed": portfolio.seed, "answer": answer.model_dump(mode="json"), "score": plain(score)}


def _imof_shown(seed: int) -> View:
    view = _prompt_view(seed)
    return {**view, "template": TEMPLATE.replace("{prompt}", view["prompt"]["slug"])}


def _prompt_view(seed: int) -> View:
    slugs = prompt_slugs()
    prompt = load_prompt(slugs[seed % len(slugs)])
    shown = prompt.model_dump(mode="json", exclude={"remember"})
    return {"seed": seed, "prompts": slugs, "prompt": shown}


def _imof_told(given: Given) -> View:
    design = read_sheet(_text(given.file), Design, name="imof")
    prompt, score = load_prompt(design.prompt), score_design(design)
    lints = [{**plain(one), "why": RULES[one.rule]} for one in score.lints]
    return {
        "prompt": prompt.slug,
        "answer": design.model_dump(mode="json"),
        "score": {**plain(score), "lints": lints},
        "remember": list(prompt.remember),
    }


_TOGGLE_TEMPLATE = """\
seed = {seed}
default = 50            # 0 to 100, for all
owner = ""              # who answers for it
changed_by = ""         # who may turn the dial
consent = ""
way_out = ""

[own]                   # a default of its own for a slice: {slice} = 40

[revisit]
metric = ""
threshold = ""
window = ""
action = ""
"""


def _toggle_shown(seed: int) -> View:
    dial = draw_dial(seed)
    sizes = {curve.name: curve.units for curve in dial.curves}
    scene = dial.scene.model_dump(
        mode="json", include={"slug", "title", "story", "low", "high", "unit", "personal"}
    )
    return {
        "seed": seed,
        "scene": scene,
        "slices": [
            {"name": one.name, "says": one.says, "units": sizes[one.name]}
            for one in dial.scene.slice
        ],
        "trial": plain(dial.trial),
        "template": _TOGGLE_TEMPLATE.format(seed=seed, slice=dial.curves[0].name),
    }


def _toggle_told(given: Given) -> View:
    answer = read_sheet(_text(given.file), ToggleAnswer, name="trade-off")
    dial = draw_dial(_seed("trade-off", answer.seed, given.seed))
    return {
        "seed": dial.seed,
        "scene": dial.scene.slug,
        "answer": answer.model_dump(mode="json"),
        "score": plain(score_toggle(dial, answer)),
    }


_CONTRACT_TEMPLATE = """\
shipcall new classifier
shipcall check contract.toml
shipcall plan contract.toml
"""


def _contract_shown(seed: int) -> View:
    return {**_prompt_view(seed), "template": _CONTRACT_TEMPLATE}


def _contract_told(given: Given) -> View:
    """Lint a contract and say how often it would make each call, as `check` and `plan` do."""
    checked = check_release(given.file)
    try:
        planned = plan_release(given.file, Assumptions(), progress=given.progress)
    except ContractError:
        raise
    except ShipcallError as wrong:
        planned = {"chances": [], "unknown": str(wrong)}
    score = {
        "contract": checked["contract"],
        "lints": checked["lints"],
        "chances": planned["chances"],
        "unknown": planned["unknown"],
    }
    return {"file": given.file.name, "release": checked["release"]["id"], "score": plain(score)}


SAYS: Mapping[str, str] = {
    "imof": "Design a model: input, model, output, feedback, and four parts of its system.",
    "dvl": "Order features by data, value and leverage; say how sure you are of the first.",
    "trade-off": "Set a dial between two goods; say who may turn it and when it is looked at.",
    "contract": "Write a contract; see its lints and how often it would make each call.",
}
"""Form -> what it asks."""

_SHOWN: Mapping[str, Callable[[int], View]] = {
    "imof": _imof_shown,
    "dvl": _dvl_shown,
    "trade-off": _toggle_shown,
    "contract": _contract_shown,
}
_TOLD: Mapping[str, Callable[[Given], View]] = {
    "imof": _imof_told,
    "dvl": _dvl_told,
    "trade-off": _toggle_told,
    "contract": _contract_told,
}
