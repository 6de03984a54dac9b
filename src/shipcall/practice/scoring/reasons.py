"""Reasons: what can be told about the reasons for a play's call, without anybody's opinion."""

import re
import tomllib
from collections.abc import Mapping, Sequence

from shipcall.practice.language import Case
from shipcall.practice.play import Play
from shipcall.practice.scoring.score import ReasonScore
from shipcall.practice.scoring.signs import (
    LENGTH,
    MODEL_WORDS,
    MOST_WORDS,
    NEXT_STEP,
    NEXT_WORDS,
    NUMBER,
    OF_MODEL,
    OF_PRODUCT,
    PRODUCT_WORDS,
    SLICE,
    SLICE_WORDS,
    TRIGGER,
    UNCERTAINTY,
    UNSURE_WORDS,
    quoted,
    rule_in,
    sentences,
)
from shipcall.practice.shelf import contract_text

_COMMON = (
    "baseline",
    "candidate",
    "version",
    "minus",
    "under",
    "answer",
    "answers",
    "nightly",
    "sample",
)
_NO_SLICES = ("all", "everybody", "everyone", "overall")


def reason_score(play: Play, text: str) -> ReasonScore | None:
    """Look for signs of a sound reason in a text, and quote where each was found.

    Args:
        play: The play; its slices and metrics are looked for by name.
        text: What was written.

    Returns:
        None where nothing was written.
    """
    if not text.strip():
        return None
    spoken = list(sentences(text))
    quotes = {
        **quoted(_signs(play), spoken),
        **_trigger(play.case, spoken),
        **quoted({one.text: one.words for one in play.case.telling.criteria}, spoken),
    }
    words = len(text.split())
    asked = [*_signs(play), TRIGGER, *(one.text for one in play.case.telling.criteria)]
    found = {sign: sign in quotes for sign in asked} | {LENGTH: words <= MOST_WORDS}
    return ReasonScore(words=words, found=found, quotes=quotes)


def _signs(play: Play) -> Mapping[str, Sequence[str]]:
    """Sign -> words, any of which hints at it."""
    case = play.case
    return {
        NUMBER: (),
        SLICE: (*SLICE_WORDS, *_slices(play)),
        OF_MODEL: (*MODEL_WORDS, *_contract_words(case, "model")),
        OF_PRODUCT: (*PRODUCT_WORDS, *_contract_words(case, "product")),
        UNCERTAINTY: UNSURE_WORDS,
        NEXT_STEP: NEXT_WORDS,
    }


def _trigger(case: Case, spoken: Sequence[str]) -> dict[str, str]:
    """The first sentence with every part of a rule that rolls back by itself."""
    named = (*MODEL_WORDS, *PRODUCT_WORDS, *_contract_words(case))
    named = (*named, *_stems(case.trigger.metric)) if case.trigger else named
    return rule_in(named, spoken)


def _slices(play: Play) -> Sequence[str]:
    """Columns and levels of the people of the case, and where its trigger may look."""
    traits = play.setting.drawn.trait
    scopes = play.case.trigger.scope if play.case.trigger else []
    names = [
        *(trait.column for trait in traits),
        *(level for trait in traits for level in trait.levels),
        *(word for scope in scopes for word in (scope.name, scope.title)),
    ]
    return [name for name in names if len(name) > 1 and name.lower() not in _NO_SLICES]


def _contract_words(case: Case, *levels: str) -> Sequence[str]:
    """Words that name metrics of the case's contract, of these levels or of any."""
    metrics = tomllib.loads(contract_text(case) or "").get("metric", {})
    named = [name for name, spec in metrics.items() if not levels or spec.get("level") in levels]
    return [word for name in named for word in (name.replace("_", " "), *_stems(name))]


def _stems(name: str) -> Sequence[str]:
    """Words of a name, without their endings: "finished" is met as "finish" too."""
    words = re.findall(r"[a-z]{5,}", name.lower())
    return [re.sub(r"(ed|ing|s)$", "", word) for word in words if word not in _COMMON]
