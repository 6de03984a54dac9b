"""Sitting: a review of shadow pairs as a page shows it: one request, two answers, no names.

It is the review of `shipcall shadow FILE --review`: the same sample, the same notes on disk, the
same entry in the ledger, so one may begin here and go on there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app.board import demand_file, file_of, find, view_of
from shipcall.app.recalled import asked_number
from shipcall.app.review import Review, review_release
from shipcall.core import UsageError
from shipcall.release.history import calls_on, was_shown
from shipcall.release.review import Answer, Laid
from shipcall.report.differences import differences

View = dict[str, Any]

LISTS = ("top_k",)
"""What a model answered as a list of items, separated by spaces."""


def sitting_twin(root: Path, release: str) -> View:
    """Say how far a review is, as `shipcall shadow FILE --review --json` does at its end."""
    return review_release(file_of(root, release)).told


def sitting_view(root: Path, release: str, asked: Mapping[str, str]) -> View:
    """Show one pair of a review, or what there is to do instead.

    Nobody sees whose answer stands where before the review is recorded, and where the contract
    is blind, before a person called: telling after each pair would teach who writes how.

    Args:
        root: A folder of the workspace.
        release: Id of the release.
        asked: `pair`: the place of a pair that was answered before, from 1.

    Returns:
        `state`: closed (and `why`), start, pair, complete, short or recorded.
    """
    one = find(root, release)
    around = {"id": release, "page": view_of(one)}
    try:
        review = review_release(demand_file(one))
    except UsageError as wrong:
        return {"kind": "review", "state": "closed", "why": str(wrong), "pair": None, **around}
    state, opened = _state(review), _opened(review)
    last = len(opened) or 1
    place = min(asked_number(asked, "pair"), last) if asked.get("pair") else last
    shows = state == "pair" or (state in ("complete", "short", "recorded") and asked.get("pair"))
    named = state == "recorded" and _may_be_named(review)
    return {
        **review.told,
        **around,
        "state": state,
        "place": place,
        "places": last,
        "counts": dict(review.recorded) if named else None,
        "pair": _pair(review, opened[place - 1], named=named) if shows and opened else None,
    }


def _state(review: Review) -> str:
    if review.recorded:
        return "recorded"
    if review.read >= review.wanted:
        return "complete"
    if review.waiting is None:
        return "short"
    return "pair" if review.begun else "start"


def _opened(review: Review) -> list[Laid]:
    """Pairs that were answered, in the order in which they were laid, and the one that waits."""
    seen = [pair for pair in review.deck.laid if pair.request in review.answers]
    waits = None if review.recorded else review.waiting
    return [*seen, waits] if waits is not None else seen


def _may_be_named(review: Review) -> bool:
    entries, release = list(review.ledger.entries()), review.contract.release.id
    evidence = review.deck.evidence
    return (
        not review.contract.decision.blind
        or bool(calls_on(entries, release, evidence))
        or was_shown(entries, release, evidence)
    )


def _pair(review: Review, pair: Laid, *, named: bool) -> View:
    told = review.shown(pair)
    answer = review.answers.get(pair.request)
    names = list(dict.fromkeys([*told["left"], *told["right"]]))
    marked = {name: _held(name, told["left"].get(name), told["right"].get(name)) for name in names}
    return {
        "request": pair.request,
        "about": told["about"],
        "answer": None if answer is None else str(answer),
        "same": told["left"] == told["right"],
        "compared": all(part["compared"] for part in marked.values()),
        "sides": [
            {
                "side": side,
                "arm": arm if named else None,
                "answers": [{"name": name, **marked[name][side]} for name in names],
            }
            for side, arm in (("left", pair.left), ("right", pair.right))
        ],
    }


def _held(name: str, left: str | None, right: str | None) -> View:
    """Hold what stands left against what stands right; a side without an answer has none."""
    if left is None or right is None:
        return {"compared": True, "left": _alone(left), "right": _alone(right)}
    if name in LISTS:
        lists = left.split(), right.split()
        return {"compared": True, "left": _listed(*lists), "right": _listed(*lists[::-1])}
    found = differences(left, right)
    sides = {"left": found.one, "right": found.other}
    pieces = {
        side: {"listed": None, "pieces": [piece._asdict() for piece in side_pieces]}
        for side, side_pieces in sides.items()
    }
    return {"compared": found.compared, **pieces}


def _alone(text: str | None) -> View:
    return {"listed": None, "pieces": [] if text is None else [{"text": text, "own": False}]}


def _listed(items: list[str], other: list[str]) -> View:
    """Items in their order: only here, or elsewhere on the other side."""
    places = {item: place for place, item in enumerate(other, 1)}
    return {
        "pieces": [],
        "listed": [
            {"text": item, "own": item not in places, "there": places.get(item), "here": place}
            for place, item in enumerate(items, 1)
        ],
    }


def begin_sitting(root: Path, release: str) -> None:
    """Record that somebody begins to look at the pairs."""
    review_release(file_of(root, release)).begin()


def answer_pair(root: Path, release: str, request: str, answer: str) -> None:
    """Keep what a person says of a pair that was opened; it is on disk when this returns.

    Raises:
        UsageError: If the pair was not opened, the answer is none, or the review is recorded.
    """
    review = review_release(file_of(root, release))
    if answer not in list(Answer):
        raise UsageError(f"{answer!r} is no answer. Answers: {', '.join(Answer)}.")
    if review.recorded:
        raise UsageError("this review is recorded in the ledger; its answers stand.")
    if not review.begun or request not in [pair.request for pair in _opened(review)]:
        raise UsageError(f"pair {request!r} was not laid before you. Open the page again.")
    review.answer(request, Answer(answer))


def finish_sitting(root: Path, release: str) -> None:
    """Record the whole sample in the ledger.

    Raises:
        UsageError: If pairs are left to read.
    """
    told = review_release(file_of(root, release)).finish()
    if not told["recorded"]:
        raise UsageError(
            f"{told['read']:,} of {told['of']:,} pairs were read; read the others first."
        )
