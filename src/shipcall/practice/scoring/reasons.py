"""Reasons: what can be told about a text without anybody's opinion, each sign with its sentence.

A sign is a hint, never a grade: somebody can write all of them and say nothing, or say it in
words that are not listed here.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from shipcall.practice.language import Case
from shipcall.practice.play import Play
from shipcall.practice.scoring.score import ReasonScore
from shipcall.practice.shelf import contract_text

MOST_WORDS = 120

NUMBER = "a number"
SLICE = "a slice, by name"
OF_MODEL = "a metric of the model"
OF_PRODUCT = "a metric of the product"
TRIGGER = "a trigger with metric, bar, window and action"
UNCERTAINTY = "how sure it is"
NEXT_STEP = "the next step"
LENGTH = f"at most {MOST_WORDS} words"

_SLICE_WORDS = ("slice", "segment", "locale", "cohort")
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
_MODEL_WORDS = (
    "accuracy",
    "precision",
    "recall",
    "auc",
    "ndcg",
    "f1",
    "calibration",
    "ece",
    "win rate",
    "error rate",
    "offline",
    "false positive",
    "false negative",
    "false alarm",
    "hallucination",
    "drift",
    "log loss",
    "kl",
)
_PRODUCT_WORDS = (
    "retention",
    "session",
    "click",
    "ctr",
    "conversion",
    "revenue",
    "churn",
    "engagement",
    "ticket",
    "complaint",
    "satisfaction",
    "useful",
    "hide",
    "drop-off",
    "subscription",
    "support",
)
_UNSURE_WORDS = (
    "interval",
    "between",
    "bound",
    "likely",
    "probab",
    "chance",
    "uncertain",
    "confiden",
    "sure",
    "not shown",
    "can't tell",
    "cannot tell",
    "plus or minus",
    "±",
    "+-",
)
_NEXT_WORDS = (
    "next",
    "then",
    "until",
    "tomorrow",
    "will",
    "extend",
    "another",
    "more week",
    "more day",
    "go on",
    "go to",
    "follow up",
    "again",
    "come back",
)
_COUNT = r"(\d[\d.,]*+|half|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_TIME = r"(minute|hour|day|week|month)"
_TURN = r"(above|below|over|under|beyond|up|down|more|less|fewer|worse|lower|higher)"
_BAR = re.compile(
    rf"(\b{_TURN}\b|exceed\w*|at least|reach\w*|[<>≥≤])\D{{0,20}}?\d[\d.,]*+\s*+(?!{_TIME})|"
    rf"\b{_COUNT}[\s-]*(%|percent|points?|pp|ms|bits?)[\w\s]{{0,20}}\b{_TURN}\b"
)
_WINDOW = re.compile(
    rf"\b({_COUNT}|per|each|every)[\s-]*{_TIME}|\d\s*[hd]\b|daily|weekly|hourly|in a row"
)
_ACTION = re.compile(
    r"\bback\b|rollback|revert|switch(es|ed)? off|turn(s|ed)? off|\bstop|\bpause|\bhold"
)


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
        **_quoted(_signs(play), spoken),
        **_trigger(play.case, spoken),
        **_quoted({one.text: one.words for one in play.case.telling.criteria}, spoken),
    }
    words = len(text.split())
    asked = [*_signs(play), TRIGGER, *(one.text for one in play.case.telling.criteria)]
    found = {sign: sign in quotes for sign in asked} | {LENGTH: words <= MOST_WORDS}
    return ReasonScore(words=words, found=found, quotes=quotes)


def text_signs(text: str) -> dict[str, str | None]:
    """Look for the same signs in a text that belongs to no play: what holds for any release.

    Args:
        text: What was written.

    Returns:
        Sign -> the first sentence with it, or None.
    """
    spoken = list(sentences(text))
    general = {
        NUMBER: (),
        SLICE: _SLICE_WORDS,
        OF_MODEL: _MODEL_WORDS,
        OF_PRODUCT: _PRODUCT_WORDS,
        UNCERTAINTY: _UNSURE_WORDS,
        NEXT_STEP: _NEXT_WORDS,
    }
    found = {**_quoted(general, spoken), **_rule((*_MODEL_WORDS, *_PRODUCT_WORDS), spoken)}
    return {sign: found.get(sign) for sign in (*general, TRIGGER)}


def sentences(text: str) -> Iterator[str]:
    """Cut a text into sentences; a point inside a number ends none."""
    for piece in re.split(r"(?<=[.!?;])\s+|\n+", text):
        if piece.strip():
            yield piece.strip()


def _signs(play: Play) -> Mapping[str, Sequence[str]]:
    """Sign -> words, any of which hints at it."""
    case = play.case
    return {
        NUMBER: (),
        SLICE: (*_SLICE_WORDS, *_slices(play)),
        OF_MODEL: (*_MODEL_WORDS, *_contract_words(case, "model")),
        OF_PRODUCT: (*_PRODUCT_WORDS, *_contract_words(case, "product")),
        UNCERTAINTY: _UNSURE_WORDS,
        NEXT_STEP: _NEXT_WORDS,
    }


def _quoted(signs: Mapping[str, Sequence[str]], spoken: Sequence[str]) -> dict[str, str]:
    """Sign -> first sentence with a sign of it."""
    found = {}
    for sign, words in signs.items():
        holds = [
            sentence
            for sentence in spoken
            if (re.search(r"\d", sentence) if sign == NUMBER else says(sentence, words))
        ]
        if holds:
            found[sign] = holds[0]
    return found


def says(sentence: str, words: Iterable[str]) -> bool:
    """Does a sentence hold any of these words, or one that begins with it?"""
    low = sentence.lower()
    return any(re.search(rf"(?<!\w){re.escape(word.lower())}", low) for word in words)


def _trigger(case: Case, spoken: Sequence[str]) -> dict[str, str]:
    """The first sentence with every part of a rule that rolls back by itself."""
    named = (*_MODEL_WORDS, *_PRODUCT_WORDS, *_contract_words(case))
    named = (*named, *_stems(case.trigger.metric)) if case.trigger else named
    return _rule(named, spoken)


def _rule(named: Sequence[str], spoken: Sequence[str]) -> dict[str, str]:
    """The first sentence with a metric of these names, a bar, a window and an action."""
    for sentence in spoken:
        low = sentence.lower()
        parts = (_BAR.search(low), _WINDOW.search(low), _ACTION.search(low))
        if all(parts) and says(sentence, named):
            return {TRIGGER: sentence}
    return {}


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
