"""Address: names inside an address, so that no name can be taken for a part of it.

Releases and checks are called as their owners like: "a/gate", "v2.json", "50%". Such a name is
escaped whole when an address is built, and an address is matched as it was sent: a slash inside
a name (%2F) parts nothing. Servers hand over addresses with their escapes undone; that is undone
here. A name that is "." or ".." has no address: browsers resolve it whatever its escapes.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

ENDINGS = (".json", ".html", ".md", ".svg", ".csv")
"""What an address may end in to give something else than the page."""


def address_of(*parts: Any) -> str:
    """Build an address of ours from its parts, each escaped whole.

    Examples:
        >>> address_of("releases", "a/b", "check", "c.json")
        '/releases/a%2Fb/check/c%2Ejson'
    """
    return "/" + "/".join(_escaped(str(part)) for part in parts)


def names_in(parts: Mapping[str, str]) -> dict[str, str]:
    """Undo the escapes of the parts of an address, each by itself."""
    return {name: unquote(part, errors="replace") for name, part in parts.items()}


class AsSent:
    """Lets an application match addresses with their escapes in place."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application behind it."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the address as it was sent where applications look for it."""
        if scope["type"] == "http":
            sent = scope.get("raw_path") or quote(scope["path"]).encode()
            scope = {**scope, "path": sent.decode("latin-1")}
        await self._app(scope, receive, send)


def _escaped(part: str) -> str:
    whole = quote(part, safe="")
    return whole.replace(".", "%2E") if part.endswith(ENDINGS) else whole
