"""An endpoint on this machine that speaks as chat completions do, in any mood."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reader = Callable[[str, list[str], list[str]], Any]
"""(what was sent, ids of the criteria, sentences) -> what the reply says."""
_CRITERION = re.compile(r"^([a-z][a-z0-9-]*): ", re.MULTILINE)
_SENTENCE = re.compile(r'^\d+ (".*")$', re.MULTILINE)


@dataclass
class Mood:
    """How the endpoint behaves; the default reads every answer with `reader`."""

    reader: Reader
    status: int = 200
    body: bytes | None = None
    """Sent as it is, in place of a reply."""
    wait: float = 0.0
    drip: float = 0.0
    """Seconds between single bytes."""
    location: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def endpoint(mood: Mood) -> Iterator[str]:
    """Serve on a free port; give the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            told = json.loads(self.rfile.read(length))
            mood.asked.append(told)
            mood.keys.append(self.headers.get("Authorization"))
            time.sleep(mood.wait)
            body = mood.body if mood.body is not None else _reply(mood.reader, told)
            self.send_response(mood.status)
            if mood.location:
                self.send_header("Location", mood.location)
            self.end_headers()
            try:
                self._send(body)
            except OSError:
                self.close_connection = True

        def _send(self, body: bytes) -> None:
            if not mood.drip:
                self.wfile.write(body)
                return
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                time.sleep(mood.drip)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(reader: Reader, told: dict[str, Any]) -> bytes:
    sent = told["messages"][1]["content"]
    before, _, fenced = sent.partition("-----")
    criteria = _CRITERION.findall(before.split("Criteria:\n", 1)[1])
    sentences = [json.loads(text) for text in _SENTENCE.findall(fenced)]
    said = reader(sent, criteria, sentences)
    text = said if isinstance(said, str) else json.dumps(said)
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
