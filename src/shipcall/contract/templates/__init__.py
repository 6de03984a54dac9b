"""Templates: filled contracts to start from, and a guess at the columns of a file."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import files

from shipcall.core.errors import UsageError
from shipcall.formats import FORMATS

KINDS_OF_TEMPLATE = ("ranker", "classifier", "llm", "regressor")
"""The kinds of model that have a template."""

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "unit": ("id", "row_id", "item_id", "example_id", "sample_id", "uuid", "key", "index"),
    "item": ("id", "item_id", "question_id", "prompt_id", "task_id", "sample_id", "doc_id"),
    "query": ("query_id", "request_id", "session_id", "qid"),
    "cluster": ("user_id", "customer_id", "account_id", "household_id", "group_id", "patient_id"),
    "label": ("y", "y_true", "target", "truth", "ground_truth", "outcome", "actual", "class"),
    "relevance": ("rel", "grade", "judgement", "qrel"),
    "baseline": ("score_a", "model_a", "pred_a", "y_pred_a"),
    "candidate": ("score_b", "model_b", "pred_b", "y_pred_b"),
    "arm": ("model", "variant", "system"),
    "at": ("time", "timestamp", "ts", "date", "datetime", "created_at", "served_at"),
    "weight": ("w", "sample_weight"),
    "repeat": ("epoch", "trial", "run", "attempt", "seed"),
    "metric": ("measure", "metric_name", "scorer_name"),
    "value": ("score", "grade", "result", "reward", "correct"),
    "status": ("state", "outcome_status"),
    "latency_ms": ("latency", "duration_ms", "elapsed_ms"),
    "cost": ("price", "cost_usd", "cost_eur"),
    "tokens": ("total_tokens", "n_tokens"),
}
_WORDS: Mapping[str, frozenset[str]] = {
    "baseline": frozenset({"baseline", "old", "control", "champion", "prod", "production"}),
    "candidate": frozenset({"candidate", "new", "treatment", "challenger"}),
    "label": frozenset({"label", "truth", "target"}),
    "cluster": frozenset({"cluster", "user", "customer", "household", "account", "patient"}),
    "at": frozenset({"timestamp", "time", "date"}),
}
_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_CLOSE = 0.85


def template(kind: str) -> str:
    """The text of a filled contract for one kind of model; it passes `check`.

    Args:
        kind: One of `KINDS_OF_TEMPLATE`.

    Raises:
        UsageError: On another kind.
    """
    if kind not in KINDS_OF_TEMPLATE:
        raise UsageError(f"no template {kind!r}; there are: {', '.join(KINDS_OF_TEMPLATE)}")
    return files(__name__).joinpath(f"{kind}.toml").read_text(encoding="utf-8")


def proposed_mapping(
    columns: Sequence[str], format_name: str, *, names: Collection[str] | None = None
) -> dict[str, str]:
    """Guess from names alone which column of a file is which column of a format.

    A person has to confirm it: no value is looked at. No column is proposed twice, and a column
    whose name says nothing is left out.

    Args:
        columns: Names of the file's columns.
        format_name: The format that the file should become.
        names: Names of the format's columns; by default those of `FORMATS`.

    Returns:
        Column of the format -> column of the file, in the order of the format; names that are
        already right are in it, too.

    Examples:
        >>> proposed_mapping(["row_id", "y_true", "old_score", "new_score"], "predictions")
        {'unit': 'row_id', 'label': 'y_true', 'baseline': 'old_score', 'candidate': 'new_score'}
    """
    known = FORMATS.get(format_name)
    wanted = tuple(names) if names is not None else known.names if known else ()
    guesses = sorted(_guesses(columns, wanted), key=lambda guess: (-guess[0], guess[1], guess[2]))
    chosen: dict[int, int] = {}
    for _, name, column in guesses:
        if name not in chosen and column not in chosen.values():
            chosen[name] = column
    return {wanted[name]: columns[chosen[name]] for name in sorted(chosen)}


def _guesses(columns: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[float, int, int]]:
    for name_at, name in enumerate(wanted):
        for column_at, column in enumerate(columns):
            score = _likeness(name, column)
            if score > 0:
                yield score, name_at, column_at


def _likeness(name: str, column: str) -> float:
    words = [word.lower() for word in _BOUNDARY.split(column) if word]
    plain = "_".join(words)
    if column == name:
        return 5.0
    if plain == name:
        return 4.0
    if plain in _OTHER_NAMES.get(name, ()):
        return 3.0 - _OTHER_NAMES[name].index(plain) / 100
    if _WORDS.get(name, frozenset()) & set(words):
        return 2.0
    close = difflib.SequenceMatcher(None, plain, name).ratio()
    return close if close >= _CLOSE else 0.0
