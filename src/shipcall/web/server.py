"""Server: the pages of one workspace as one application, on this machine only by default."""

import re
import secrets
import socket
import tempfile
import threading
import traceback
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from shipcall import __version__
from shipcall.core import ShipcallError, UsageError
from shipcall.core.readable import json_bytes
from shipcall.web.address import AsSent, names_in
from shipcall.web.guard import COOKIE, ENTER, Guard, same
from shipcall.web.page import Action, Page, View
from shipcall.web.render import csv_text, drawing, fault, html, stylesheet
from shipcall.web.routes import ACTIONS, PAGES

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST_FORM = 2_000_000
"""Bytes of a form: a contract and a sheet of answers fit many times."""
_TAKEN_AWAY = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".toml": "application/toml; charset=utf-8",
}
_UNNAMED = re.compile(r"[^A-Za-z0-9._]+")
"""What does not stand in the name of a file that is taken away."""
_STATIC = {
    "app.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server answers, and for which folder."""

    root: Path
    host: str = "127.0.0.1"
    port: int = 7788
    access: str | None = None
    """Token that every request carries; needed beyond loopback."""

    @property
    def hosts(self) -> list[str]:
        """Values of `Host` that are ours."""
        names = LOOPBACK if self.host in ("127.0.0.1", "localhost", "::1") else (self.host,)
        return [f"{name}:{self.port}" for name in names]

    @property
    def seen_as(self) -> str:
        """Where a person goes: the name of this machine, if it answers on all its addresses."""
        everywhere = self.host in ("0.0.0.0", "::")  # noqa: S104 - it is asked, not bound
        return f"{socket.gethostname()}:{self.port}" if everywhere else self.hosts[0]


def create_app(place: Place, *, token: str | None = None) -> Starlette:
    """Make the application.

    Args:
        place: Folder and names it answers to.
        token: What forms carry; None draws one.
    """
    door = _Door(place.root, token or secrets.token_urlsafe(24))
    routes = [
        Route("/static/app.css", _stylesheet),
        *(Route(f"/static/{name}", _static(name, kind)) for name, kind in _STATIC.items()),
        Route("/-/health", lambda _: _json({"kind": "health", "ok": True})),
        Route("/-/version.json", lambda _: _json({"kind": "version", "version": __version__})),
    ]
    if place.access is not None:
        routes.append(Route(ENTER, _enter(place.access)))
    for page in PAGES:
        path = page.path.rstrip("/")
        routes += [
            Route((path or "/index") + ".json", door.twin(page)),
            Route(path + "/charts/{chart}.svg", door.chart(page, "svg")),
            Route(path + "/charts/{chart}.csv", door.chart(page, "csv")),
            *(Route(path + ending, door.file(page, ending)) for ending in page.files),
            Route(path or "/", door.page(page)),
        ]
    routes += [Route(act.path, door.action(act), methods=["POST"]) for act in ACTIONS]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _missing})
    app.add_middleware(AsSent)
    app.add_middleware(Guard, hosts=place.hosts, access=place.access)
    return app


class _Door:
    """parse -> app -> view -> template, for one workspace."""

    def __init__(self, root: Path, token: str) -> None:
        self._root = root
        self._token = token

    def page(self, page: Page) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            view = page.view(self._root, _asked(request))
            where, asked_for = request.url.path, request.url.query
            text = html(page, view, address=where, query=asked_for, token=self._token)
            return HTMLResponse(text, status_code=page.status(view))

        return self._careful(answer)

    def twin(self, page: Page) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            return _json((page.twin or page.view)(self._root, _asked(request)))

        return self._careful(answer, as_json=True)

    def chart(self, page: Page, kind: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            asked = _asked(request)
            _, _, charts = drawing(page, page.view(self._root, asked))
            name = asked["chart"]
            if name not in charts:
                raise HTTPException(404, f"This page has no chart {name!r}.")
            if kind == "csv":
                return Response(csv_text(charts[name].rows), media_type="text/csv; charset=utf-8")
            return Response(_standing_alone(str(charts[name].svg)), media_type="image/svg+xml")

        return self._careful(answer)

    def file(self, page: Page, ending: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            text = page.files[ending](self._root, _asked(request))
            name = _UNNAMED.sub("-", request.url.path.removeprefix("/releases/")).strip("-")
            told = {"content-disposition": f'attachment; filename="{name}"'}
            return Response(text, media_type=_TAKEN_AWAY[ending], headers=told)

        return self._careful(answer)

    def action(self, action: Action) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            form = await _form(request)
            return await _in_thread(self._careful(lambda r: self._act(action, r, form)), request)

        return answer

    def _act(self, action: Action, request: Request, form: Mapping[str, str]) -> Response:
        if not same(form.get("token", ""), self._token):
            raise HTTPException(403, "This form is old. Open the page again and repeat.")
        absent = [name for name in action.fields if not form.get(name, "").strip()]
        if absent:
            raise UsageError(f"fill in: {', '.join(absent)}.")
        return RedirectResponse(action.act(self._root, _asked(request), form), status_code=303)

    def _careful(
        self, answer: Callable[[Request], Response], *, as_json: bool = False
    ) -> Callable[[Request], Response]:
        """Turn what goes wrong into a page that says what to do."""

        def careful(request: Request) -> Response:
            try:
                return answer(request)
            except HTTPException as wrong:
                return _fault(request, wrong.detail, wrong.status_code, as_json=as_json)
            except ShipcallError as wrong:
                return _fault(request, str(wrong), 400, as_json=as_json)
            except Exception:  # noqa: BLE001 - one of the two places where anything may arrive
                told = f"shipcall failed; this is our fault. Details: {_keep_traceback()}"
                return _fault(request, told, 500, as_json=as_json)

        return careful


def serve(place: Place, *, browse: bool, said: Callable[[str], None]) -> None:
    """Answer until somebody stops it.

    Args:
        place: Folder and address.
        browse: Open the first page in the browser.
        said: Tells the person where the pages are.

    Raises:
        UsageError: If it would be open to others without an access token.
    """
    import uvicorn  # noqa: PLC0415 - only who serves needs it

    if place.host not in ("127.0.0.1", "localhost", "::1") and place.access is None:
        raise UsageError(
            f"{place.host} can be reached from other machines. Give --access-token TOKEN, which "
            "every visitor then needs; without it only this machine is answered."
        )
    address = f"http://{place.seen_as}/"
    if place.access:
        address += f"{ENTER[1:]}?token={quote(place.access, safe='')}"
    said(f"{address}   (Ctrl-C stops it)")
    if browse:
        threading.Timer(0.8, webbrowser.open, args=(address,)).start()
    uvicorn.run(
        create_app(place), host=place.host, port=place.port, log_level="warning", access_log=False
    )


def _asked(request: Request) -> dict[str, str]:
    return {**dict(request.query_params), **names_in(request.path_params)}


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_FORM:
            raise HTTPException(413, "That is more than a form may hold.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _in_thread(work: Callable[[Request], Response], request: Request) -> Response:
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415 - beside its one use

    return await run_in_threadpool(work, request)


def _json(view: Mapping[str, Any]) -> Response:
    return Response(json_bytes(view), media_type="application/json")


def _fault(request: Request, message: str, status: int, *, as_json: bool) -> Response:
    if as_json:
        told: View = {"kind": "error", "status": status, "message": message}
        return Response(json_bytes(told), status_code=status, media_type="application/json")
    return HTMLResponse(fault(message, status=status, address=request.url.path), status_code=status)


def _missing(request: Request, wrong: Exception) -> Response:
    status = wrong.status_code if isinstance(wrong, HTTPException) else 404
    told = "There is no such page." if status == 404 else str(getattr(wrong, "detail", wrong))
    return _fault(request, told, status, as_json=request.url.path.endswith(".json"))


def _stylesheet(_: Request) -> Response:
    return Response(stylesheet(), media_type="text/css")


def _static(name: str, kind: str) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        return Response((files("shipcall.web") / "static" / name).read_bytes(), media_type=kind)

    return answer


def _enter(access: str) -> Callable[[Request], Response]:
    """Trade the token of the address for a cookie, so that it does not stay in addresses."""

    def answer(request: Request) -> Response:
        response = RedirectResponse("/", status_code=303)
        if same(request.query_params.get("token", ""), access):
            response.set_cookie(COOKIE, access, httponly=True, samesite="strict")
        return response

    return answer


def _standing_alone(svg: str) -> str:
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _keep_traceback() -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="shipcall-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"shipcall {__version__}\n{traceback.format_exc()}")
    return Path(file.name)
