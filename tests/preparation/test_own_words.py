"""Every text that comes along for preparing and practice: our words, and no promise of a job."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "shipcall"
REFERENCE = ROOT.parent / "shared" / "reference" / "mission.md"
RUN = 6
"""Words in a row that no text of ours shares with the quotations."""
TEXTS = [
    *sorted((SOURCE / "preparation").rglob("*.toml")),
    *sorted((SOURCE / "preparation").rglob("*.md")),
    *sorted((SOURCE / "practice").rglob("*.toml")),
]
SHOWN = [
    *TEXTS,
    *sorted((SOURCE / "web" / "templates").glob("pr*.j2")),
    *sorted((SOURCE / "cli").glob("pr*.py")),
    *sorted((SOURCE / "app").glob("pr*.py")),
    *(ROOT / "docs" / "guides" / name for name in ("preparation.md", "thirty-days.md")),
    *(ROOT / "docs" / "guides" / name for name in ("stories.md", "simulations.md", "practice.md")),
    ROOT / "README.md",
]
PROMISES = (
    r"(land|get|win|secure)s? (the|your|a|that) (job|offer|role)",
    r"(ace|nail|crack|crush)(s|ed)? (the|your|an?) (interview|loop|round)",
    r"(chances?|odds|probability|likelihood) (of|that you|to) (be(ing)? hired|an offer|the job)",
    r"(hire|hiring|offer|success) (rate|probability)",
    r"(strong|no|lean|weak) hire\b",
    r"(interview|job)[- ]ready",
    r"readiness (score|of|percent|index)",
    r"(increases?|improves?|raises?|boosts?|doubles?) your (chances|odds)",
    r"you (will|would|should) (pass|be hired|get the)",
)
"""Ways to promise, or to seem to know, what a company will decide."""


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def test_no_run_of_words_is_taken_from_the_articles() -> None:
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE} is not there: our texts were not held against the quotations")
    theirs = runs(REFERENCE.read_text(encoding="utf-8"))
    assert len(TEXTS) > 150
    shared = {
        str(file.relative_to(SOURCE)): found
        for file in TEXTS
        if (found := runs(file.read_text(encoding="utf-8")) & theirs)
    }
    assert not shared


def test_nothing_promises_a_job() -> None:
    found = [
        (file.name, match.group())
        for file in SHOWN
        for promise in PROMISES
        for match in re.finditer(rf"\b{promise}", file.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "With this you will pass.",
        "It doubles your chances.",
        "Ace your interview in a month.",
        "The probability of an offer is 60 %.",
        "You are interview-ready.",
    ],
)
def test_a_promise_would_be_found(text: str) -> None:
    assert any(re.search(rf"\b{promise}", text, re.IGNORECASE) for promise in PROMISES)
