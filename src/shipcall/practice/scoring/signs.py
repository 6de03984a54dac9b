"""Signs: words that hint at a sound reason in any text, and the sentences that hold them.

A sign is a hint, never a grade: somebody can write all of them and say nothing, or say it in
words that are not listed here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_WORDS = 120

NUMBER = "a number"
SLICE = "a slice, by name"
OF_MODEL = "a metric of the model"
OF_PRODUCT = "a metric of the product"
TRIGGER = "a trigger with metric, bar, window and action"
UNCERTAINTY = "how sure it is"
NEXT_STEP = "the next step"
LENGTH = f"at most {MOST_WORDS} words"

SLICE_WORDS = ("slice", "segment", "locale", "cohort")
MODEL_WORDS = (
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
PRODUCT_WORDS = (
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
UNSURE_WORDS = (
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
NEXT_WORDS = (
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
        SLICE: SLICE_WORDS,
        OF_MODEL: MODEL_WORDS,
        OF_PRODUCT: PRODUCT_WORDS,
        UNCERTAINTY: UNSURE_WORDS,
        NEXT_STEP: NEXT_WORDS,
    }
    found = {**quoted(general, spoken), **rule_in((*MODEL_WORDS, *PRODUCT_WORDS), spoken)}
    return {sign: found.get(sign) for sign in (*general, TRIGGER)}


def sentences(text: str) -> Iterator[str]:
    """Cut a text into sentences; a point inside a number ends none."""
    for piece in re.split(r"(?<=[.!?;])\s+|\n+", text):
        if piece.strip():
            yield piece.strip()


def quoted(signs: Mapping[str, Sequence[str]], spoken: Sequence[str]) -> dict[str, str]:
    """Find the signs of a text.

    Args:
        signs: Sign -> words, any of which hints at it; what NUMBER stands with is not read.
        spoken: Sentences.

    Returns:
        Sign -> first sentence with it.
    """
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


def rule_in(named: Sequence[str], spoken: Sequence[str]) -> dict[str, str]:
    """Find the first sentence with a metric of these names, a bar, a window and an action."""
    for sentence in spoken:
        low = sentence.lower()
        parts = (_BAR.search(low), _WINDOW.search(low), _ACTION.search(low))
        if all(parts) and says(sentence, named):
            return {TRIGGER: sentence}
    return {}
