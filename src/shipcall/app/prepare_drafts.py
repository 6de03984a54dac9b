"""Drafts: what was written of an answer and not locked yet, until it is locked.

One file for each question, beside the diary; pages and terminal go on from the same words.
"""

from shipcall.app.prepare import Desk
from shipcall.app.writing import write_whole
from shipcall.preparation.question import load_question


def draft_of(desk: Desk, name: str) -> str:
    """Give what was written of an answer so far; empty if nothing was, or it was locked.

    Raises:
        UsageError: If there is no such question.
    """
    file = desk.draft(load_question(name).id)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def keep_draft(desk: Desk, name: str, text: str) -> None:
    """Keep what was written so far; nothing is no draft.

    Raises:
        UsageError: If there is no such question, or the file cannot be written.
    """
    file = desk.draft(load_question(name).id)
    if text:
        write_whole(file, text.encode("utf-8", "replace").decode("utf-8"))
        file.chmod(0o600)
    else:
        file.unlink(missing_ok=True)
