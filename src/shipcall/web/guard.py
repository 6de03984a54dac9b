"""Guard: only this machine's own pages are answered, and a page may load nothing from elsewhere.

A browser on this machine can be made to ask a local server for things. So the name in `Host` is
one of ours, exactly; whatever writes comes from one of our own pages, and carries a token that
only they know.
"""

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_RULES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may do. Nothing inline, nothing evaluated, nothing from elsewhere."""
SAFE = ("GET", "HEAD", "OPTIONS")
COOKIE = "shipcall-access"
ENTER = "/-/enter"
"""Where the access token is traded for the cookie."""

_HEADERS = {
    "content-security-policy": CONTENT_RULES,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # without it browsers send "Origin: null" with our forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses foreign hosts and origins, and puts the policy on every answer."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], access: str | None = None) -> None:
        """Take the application behind it.

        Args:
            app: What is guarded.
            hosts: Exact values of `Host`, with the port. They matter where nothing else protects:
                a token is asked under any name, as visitors and proxies have names of their own.
            access: Beyond loopback every request carries this; None: anybody on this machine.
        """
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        answer = self._app if refusal is None else refusal

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await answer(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if self._access is None and host not in self._hosts:
            told = ", ".join(sorted(self._hosts))
            return PlainTextResponse(f"This server answers as {told}, not as {host!r}.\n", 400)
        if self._access is not None and scope["path"] != ENTER and not self._has_access(headers):
            return PlainTextResponse(
                "This server wants its access token: open the address it printed.\n", 401
            )
        if scope["method"] not in SAFE and not self._own(headers, host):
            return PlainTextResponse("Only a page of this server may write.\n", 403)
        return None

    def _own(self, headers: Headers, host: str) -> bool:
        """Was a write sent by one of our pages?"""
        site = headers.get("sec-fetch-site", "same-origin")
        origin = headers.get("origin")
        own = origin is None or origin.lower() in (f"http://{host}", f"https://{host}")
        return own and site in ("same-origin", "none")

    def _has_access(self, headers: Headers) -> bool:
        kept = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        given = headers.get("authorization", "").removeprefix("Bearer ") or kept
        return same(given, self._access or "")


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())
