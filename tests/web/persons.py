"""Persons: somebody who prepares and somebody who plays in a workspace, with forms alone."""

import json
from html import unescape
from pathlib import Path

from click.testing import CliRunner
from httpx import Response

from asking import TOKEN, client_of
from shipcall.app.practise_room import kept, open_room
from shipcall.cli.main import shipcall
from shipcall.practice.session import Session

NAME = "ship-new-recommender"
AT = f"/prepare/question/{NAME}"
SAID = "We write down with research what better means.\r\nNew users may lose 0.5 points."
"""A question, its page, and an answer to it."""

SHEET = {
    "call": "back",
    "causes.rot": "20",
    "causes.sound": "50",
    "causes.log": "30",
    "claims.worse": "70",
    "claims.logging": "20",
    "forecast.0": "5",
    "forecast.1": "10",
    "forecast.2": "20",
    "forecast.3": "30",
    "forecast.4": "35",
    "trigger.scope": "nz",
    "trigger.bar": "0.5",
    "trigger.window_days": "3",
    "size": "1,200",
    "estimate.loss_below": "3",
    "estimate.probability": "80",
    "why": "NZ loses 2 pp.\r\nWe take it back.",
}
PICTURES = ("ladder", "evidence", "belief", "causes", "claims", "forecast", "trigger")
"""Every field of a sheet, and the pictures of a debrief."""


class Visitor:
    """Somebody who asks for pages of a workspace and sends their forms."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = client_of(root)

    def post(self, address: str, **fields: str) -> Response:
        got: Response = self.client.post(address, data={"token": TOKEN} | fields)
        return got


class Person(Visitor):
    """Somebody who prepares."""

    def does(self, address: str, **fields: str) -> str:
        got = self.post(address, **fields)
        assert got.status_code == 303, got.text
        return str(got.headers["location"])

    def sees(self, address: str) -> str:
        got = self.client.get(address.partition("#")[0])
        assert got.status_code == 200, got.text
        return unescape(got.text)

    def told(self, address: str) -> dict[str, object]:
        got = self.client.get(address)
        assert got.status_code == 200
        view: dict[str, object] = json.loads(got.content)
        return view

    def locks(self, name: str = NAME, said: str = SAID, **fields: str) -> str:
        """Lock an answer, and give the digest that a reading of it carries."""
        self.does(f"/prepare/question/{name}/lock", text=said, **fields)
        answer = self.told(f"/prepare/question/{name}.json")["answer"]
        assert isinstance(answer, dict)
        return str(answer["digest"])


class Player(Visitor):
    """Somebody who plays."""

    play = ""

    @property
    def at(self) -> str:
        return f"/practice/play/{self.play}"

    def begin(self, **fields: str) -> Response:
        got = self.post("/practice/start", **fields)
        assert got.status_code == 303, got.text
        self.play = got.headers["location"].partition("?")[0].rpartition("/")[2]
        return got

    def does(self, act: str, /, **fields: str) -> str:
        got = self.post(f"{self.at}/{act}", **fields)
        assert got.status_code == 303, got.text
        return str(got.headers["location"])

    def sees(self, address: str | None = None) -> str:
        got = self.client.get((address or self.at).partition("#")[0])
        assert got.status_code == 200, got.text
        return str(got.text)

    def session(self) -> Session:
        return next(one for one in kept(open_room(self.root)).sessions if one.terms.id == self.play)


def said(*arguments: str) -> bytes:
    """What a command prints as JSON in the folder where the test is."""
    done = CliRunner().invoke(shipcall, ["practice", *arguments, "--json"], standalone_mode=False)
    assert done.exception is None
    return done.stdout_bytes
