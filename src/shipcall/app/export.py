"""Exports of a recorded verdict."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shipcall.app.release import recorded_view
from shipcall.core import UsageError
from shipcall.report.html import html_report
from shipcall.report.markdown import markdown_report

EXPORTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "html": html_report,
    "markdown": markdown_report,
}


def export_verdict(kind: str, file: Path, output: Path | None) -> str:
    """Write the newest recorded verdict in one of EXPORTS.

    Args:
        kind: Key of EXPORTS.
        file: The contract file.
        output: Where to; None only returns the text.
    """
    text = EXPORTS[kind](recorded_view(file))
    if output is not None:
        write_whole(output, text)
    return text


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it appears whole or not at all.

    Raises:
        UsageError: If it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".shipcall-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as wrong:
        raise UsageError(f"{path} cannot be written: {wrong.strerror}.") from wrong
