"""Provider: where a grader is asked. An endpoint by its address, or a program of one's own.

Plain HTTP from the standard library. Whatever goes wrong there becomes `GraderError` with one
sentence, which never holds the key or a word of what came back: an endpoint may repeat both.
"""

import json
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from shipcall.core import UsageError

URL, MODEL, KEY = "SHIPCALL_GRADER_URL", "SHIPCALL_GRADER_MODEL", "SHIPCALL_GRADER_KEY"
"""Names in the environment."""
SECONDS = 60.0
"""One question to a provider, from sending to the last byte."""
BYTES = 1_000_000
"""A reply that is longer is not read to its end."""
_COMMAND = "command:"
_HERE = ("localhost", "127.0.0.1", "::1")
_SAYS = {
    400: "did not understand the request; is the name of the model right?",
    401: f"refused the key in {KEY}",
    403: f"refused the key in {KEY}",
    404: f"has nothing at this address; {URL} ends before /chat/completions, often in /v1",
    429: "is asked too often, or a quota is used up",
}

Message = Mapping[str, str]
"""`role` and `content`, as chat endpoints have them."""


class GraderError(Exception):
    """A provider that cannot be used now; its text is one sentence to show."""


class Provider(Protocol):
    """Somewhere to ask."""

    @property
    def name(self) -> str:
        """What the person is told that is asked: without a key."""
        ...

    @property
    def model(self) -> str:
        """Which model is asked for."""
        ...

    def ask(self, messages: Sequence[Message]) -> str:
        """Give the text of the reply.

        Raises:
            GraderError: If there is none.
        """
        ...


def configured(environment: Mapping[str, str]) -> Provider | None:
    """Read from the environment where to ask; None: nobody named a place, and nothing is sent.

    Raises:
        UsageError: If the address is none, the model is not named, or a key would travel to
            another machine unencrypted.
    """
    url = environment.get(URL, "").strip()
    if not url:
        return None
    model, key = environment.get(MODEL, "").strip(), environment.get(KEY, "").strip()
    if url.startswith(_COMMAND):
        return Command(line=url.removeprefix(_COMMAND).strip(), model=model or "unnamed")
    parts = _address(url)
    if not model:
        raise UsageError(f"{URL} names an endpoint, and {MODEL} is empty. Name the model.")
    if key and parts.scheme == "http" and parts.hostname not in _HERE:
        raise UsageError(f"{URL} is not encrypted: the key could be read on its way. Use https.")
    return Endpoint(base=url.rstrip("/"), host=parts.netloc, model=model, key=key)


def _address(url: str) -> Any:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.username is not None:
        raise UsageError(
            f"{URL} has to be the address of an endpoint, such as http://localhost:11434/v1, "
            f"without a name or password in it; or {_COMMAND} and a program."
        )
    return parts


class _NoRedirect(HTTPRedirectHandler):
    """A key goes where the person sent it, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint that speaks as OpenAI's chat completions do."""

    base: str
    host: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        """Its address."""
        return self.base

    def ask(self, messages: Sequence[Message]) -> str:
        """Send the messages and give what the first choice says.

        Raises:
            GraderError: If the endpoint is down, slow, refuses, or answers in another form.
        """
        body = json.dumps({"model": self.model, "messages": list(messages)}).encode("utf-8")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        asked = Request(f"{self.base}/chat/completions", data=body, headers=headers)  # noqa: S310
        until = time.monotonic() + self.seconds
        try:
            with build_opener(_NoRedirect).open(asked, timeout=self.seconds) as reply:
                return _said(self._read(reply, until), self.host)
        except HTTPError as wrong:
            wrong.close()
            raise GraderError(f"{self.host} {_status(wrong.code)}") from None
        except TimeoutError:
            raise self._slow() from None
        except URLError as wrong:
            if isinstance(wrong.reason, TimeoutError):
                raise self._slow() from None
            raise GraderError(f"{self.host} cannot be reached") from None
        except (OSError, HTTPException, ValueError):
            raise GraderError(f"{self.host} broke off, or does not speak HTTP") from None

    def _read(self, reply: HTTPResponse, until: float) -> bytes:
        held = bytearray()
        while piece := reply.read1(65_536):
            held += piece
            if len(held) > BYTES:
                raise GraderError(f"{self.host} sent more than {BYTES:,} bytes")
            if time.monotonic() > until:
                raise self._slow()
        return bytes(held)

    def _slow(self) -> GraderError:
        return GraderError(f"{self.host} took longer than {self.seconds:g} s")


def _status(code: int) -> str:
    return f"{_SAYS.get(code, 'answered with an error')} (status {code})"


def _said(body: bytes, host: str) -> str:
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise GraderError(f"{host} answered, but not as a chat endpoint does") from None
    if not isinstance(text, str):
        raise GraderError(f"{host} answered without a text")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program on this machine: messages as JSON on its input, the reply on its output."""

    line: str
    model: str
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        """The program."""
        return f"{_COMMAND}{self.line}"

    def ask(self, messages: Sequence[Message]) -> str:
        """Run the program once.

        Raises:
            GraderError: If it is not there, fails, or does not end in time.
        """
        sent = json.dumps({"model": self.model, "messages": list(messages)}).encode("utf-8")
        try:
            words = shlex.split(self.line)
            done = subprocess.run(  # noqa: S603 - the person named it
                words, input=sent, capture_output=True, timeout=self.seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise GraderError(f"{self.line!r} took longer than {self.seconds:g} s") from None
        except (OSError, ValueError, IndexError):
            raise GraderError(f"{self.line!r} cannot be started") from None
        if done.returncode:
            raise GraderError(f"{self.line!r} ended with exit code {done.returncode}")
        if len(done.stdout) > BYTES:
            raise GraderError(f"{self.line!r} wrote more than {BYTES:,} bytes")
        return done.stdout.decode("utf-8", errors="replace")
