"""Readable JSON: what every door prints, so that a page and a command give the same bytes."""

import json
from collections.abc import Mapping
from typing import Any


def json_bytes(thing: Mapping[str, Any]) -> bytes:
    """Write JSON for people and programs: sorted keys, one space of indent, UTF-8, one line end."""
    text = json.dumps(thing, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n"
