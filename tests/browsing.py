"""Browsing: a real server on a port of its own, and somebody at it with a real browser."""

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize
from starlette.types import ASGIApp, Receive, Scope, Send

from shipcall.web.server import Place, create_app

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LONGEST = 20_000
"""Milliseconds to wait for anything; a busy machine is slow."""
LATE = float(os.environ.get("SHIPCALL_TEST_LATE", "0"))
"""Seconds by which every answer is late."""
WATCH = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `refused by the content rules: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
SCREENS: Mapping[str, ViewportSize] = {
    "wide": {"width": 1120, "height": 800},
    "phone": {"width": 400, "height": 800},
}


def chromium() -> str:
    """Find the Chromium of this system; without one skip, but not where everything has to run."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is not None:
        return found
    told = f"no browser on PATH, of {', '.join(BROWSERS)}: pages were not tried in a browser"
    if os.environ.get("CI") == "true":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


def late(app: ASGIApp) -> ASGIApp:
    """Answer as a busy machine does: `LATE` seconds after a page or its script was asked for.

    With 0.5 a test fails for certain that reads a page before the page it asked for is there, or
    that presses a key before the script which listens is.
    """

    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope.get("path", ".css").endswith(".css"):
            await asyncio.sleep(LATE)
        await app(scope, receive, send)

    return answers if LATE else app


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a workspace as `shipcall serve` does, and give the address of its first page."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = late(create_app(Place(root=root, port=port)))
        config = uvicorn.Config(app, log_level="error", access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        ends = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < ends:
            time.sleep(0.01)
        assert server.started
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(30)


class Visitor:
    """Somebody with one window, who remembers what a page should not have done."""

    def __init__(self, browser: Browser, site: str, **context: Any) -> None:
        """Open the window.

        Args:
            browser: The browser.
            site: Address of the first page.
            context: How the window is: `color_scheme`, `java_script_enabled`, `viewport` …
        """
        self.site = site
        self.troubles: list[str] = []
        window = {"viewport": SCREENS["wide"], "reduced_motion": "reduce"} | context
        self._context = browser.new_context(**window)
        self._context.set_default_timeout(LONGEST)
        if context.get("java_script_enabled", True):
            self._context.add_init_script(WATCH)
        self.page: Page = self._context.new_page()
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script failed: {error}"))

    def goes(self, address: str) -> Page:
        """Go to an address of the site; anything but a page is a failure of the test."""
        got = self.page.goto(self.site + address)
        assert got is not None
        assert got.status == 200, f"{address}: {got.status}"
        return self.page

    @property
    def at(self) -> str:
        """Where the window is."""
        return self.page.url.removeprefix(self.site)

    def rests(self) -> None:
        """Leave the page for an empty one, wide and light; it must have made no trouble."""
        self.page.goto("about:blank")
        self.page.emulate_media(media="null", color_scheme="light")
        self.page.set_viewport_size(SCREENS["wide"])
        self._answers()

    def leaves(self) -> None:
        """Close the window; it must have had no trouble, and asked nobody else."""
        self._context.close()
        self._answers()

    def _answers(self) -> None:
        """Fail for the troubles so far; the next test begins without them."""
        had, self.troubles = self.troubles, []
        assert not had, "\n".join(had)

    def _asked(self, request: Request) -> None:
        own = request.url.startswith((f"{self.site}/", "data:"))
        if not own:
            self.troubles.append(f"asked elsewhere: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")


def presses(page: Page, key: str) -> None:
    """Press a key where the script listens; what a page says may be seen before its script is."""
    page.wait_for_load_state()
    page.keyboard.press(key)
