"""Asking: somebody who asks a server for its pages, without a browser."""

from pathlib import Path

from httpx import Response
from starlette.testclient import TestClient

from shipcall.web.server import Place, create_app

HOST = "127.0.0.1:7788"
TOKEN = "of these forms"  # noqa: S105 - that of a server which only tests ask


def client_of(root: Path, *, access: str | None = None, host: str = "127.0.0.1") -> TestClient:
    """Somebody who asks for pages of a workspace, follows nothing and is told of our faults."""
    return TestClient(
        create_app(Place(root=root, host=host, port=7788, access=access), token=TOKEN),
        base_url=f"http://{host}:7788",
        follow_redirects=False,
    )


class Pages:
    """Pages of a workspace into which nobody writes: each is asked for once."""

    def __init__(self, root: Path) -> None:
        self._client = client_of(root)
        self._got: dict[str, Response] = {}

    def get(self, address: str) -> Response:
        """Ask for a page, or remember what came."""
        if address not in self._got:
            self._got[address] = self._client.get(address)
        return self._got[address]


def twin_of(address: str) -> str:
    """Address of the JSON of a page."""
    path, mark, query = address.partition("?")
    return ("/index" if path == "/" else path) + ".json" + mark + query
