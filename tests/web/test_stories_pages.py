"""Stories, frameworks, rubrics, words, offers and simulations in the browser."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import TOKEN, client_of
from shipcall.app import prepare
from shipcall.app.prepare_simulations import simulation_begun
from shipcall.preparation.simulations import morning, postmortem

QUESTION = "ship-new-recommender"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def visitor(root: Path) -> TestClient:
    return client_of(root)


def post(visitor: TestClient, path: str, **fields: str) -> str:
    """Send a form and give the address it leads to."""
    got = visitor.post(path, data={"token": TOKEN, **fields}, follow_redirects=False)
    assert got.status_code == 303, got.text[:2000]
    return str(got.headers["location"])


def test_a_template_is_checked_and_nothing_of_it_is_kept(visitor: TestClient, root: Path) -> None:
    to = post(visitor, "/prepare/framework/rice/check", **{"part.reach": "Everybody <b>"})
    shown = visitor.get(to).text
    assert "Reach and effect need numbers." in shown
    assert "Everybody &lt;b&gt;" in shown
    assert "Everybody <b>" not in shown
    assert "nothing is said to hold" in shown
    assert prepare.desk_at(root).diary is None


def test_a_story_is_put_down_told_and_changed(visitor: TestClient) -> None:
    fields = {"id": "late", "title": "Late", "about.data": "1", "result": "It got\r\nbetter."}
    assert post(visitor, "/prepare/stories/add", **fields) == "/prepare/story/late"
    shown = visitor.get("/prepare/story/late").text
    assert "An outcome without a number" in shown
    post(visitor, "/prepare/story/late/use", where="interview", to="Acme")
    assert "1 time in interviews" in visitor.get("/prepare/story/late").text
    post(visitor, "/prepare/stories/add", **{**fields, "result": "By 4 %, 3 to 5 %, so."})
    twin = visitor.get("/prepare/story/late.json").json()
    assert "no-number" not in [one["rule"] for one in twin["lints"]]


def test_a_story_without_a_family_is_refused_and_stays_in_its_fields(visitor: TestClient) -> None:
    fields = {"token": TOKEN, "id": "late", "decision": "I kept it & waited."}
    got = visitor.post("/prepare/stories/add", data=fields, follow_redirects=False)
    assert got.status_code == 400
    assert "I kept it &amp; waited." in visitor.get("/prepare/stories").text


def test_an_answer_is_read_by_anchors(visitor: TestClient, root: Path) -> None:
    prepare.lock_answer(prepare.desk_at(root), QUESTION, "One. Two.", seconds=1.0)
    assert QUESTION in visitor.get("/prepare/rubric/judgement").text
    fields = {"answer": QUESTION, "level": "mixed", "because": "2", "reader": "Ada"}
    shown = visitor.get(post(visitor, "/prepare/rubric/judgement/rate", **fields)).text
    assert "read by <bdi>Ada</bdi>" in shown
    assert "“Two.”" in shown


def test_a_word_is_kept(visitor: TestClient) -> None:
    assert post(visitor, "/prepare/words/keep", word="edge-drift") == "/prepare/words#edge-drift"
    assert "a card of yours" in visitor.get("/prepare/words?q=edge drift").text


def test_a_morning_goes_from_the_clock_to_the_best_one(visitor: TestClient) -> None:
    to = post(visitor, "/prepare/simulation/morning/begin", seed="5")
    assert to == "/prepare/simulation/morning?seed=5"
    shown = visitor.get(to).text
    assert 'role="timer"' in shown
    inbox = morning.draw_inbox(5)
    best = morning.best_ways(inbox.items)
    order = morning.best_order(inbox.items, best)
    fields: dict[str, str] = {f"do.{name}": way for name, way in best.items()}
    fields |= {f"place.{name}": str(place) for place, name in enumerate(order, 1)}
    post(visitor, "/prepare/simulation/morning/answer", seed="5", **fields)
    told = visitor.get("/prepare/simulation/morning.json").json()
    assert told["score"]["by_order"] == told["score"]["by_decisions"] == 0
    assert told["clock"]["kept"] == "within"


def test_a_post_mortem_is_led_from_its_fields(visitor: TestClient) -> None:
    incident = postmortem.draw_incident(5)
    cause = next(one.id for one in incident.scene.statement if one.kind == "contributing")
    order = {f"place.{one.id}": str(at) for at, one in enumerate(incident.scene.event, 1)}
    fields = {**order, "seen": str(incident.seen), f"cause.{cause}": "1", f"what.{cause}": 'a "b"'}
    post(visitor, "/prepare/simulation/post-mortem/answer", seed="5", **fields)
    score = visitor.get("/prepare/simulation/post-mortem.json").json()["score"]
    assert score["swapped"] == []
    assert score["late"] == 0
    assert score["found"] == [cause]
    assert score["lints"][0] == {
        "rule": "no-owner",
        "path": "action.1.owner",
        "why": postmortem.LINTS["no-owner"],
    }


def test_a_text_for_sales_without_a_clock_is_marked_and_read(visitor: TestClient) -> None:
    post(visitor, "/prepare/simulation/sales/begin", seed="2", clock="none")
    assert "No clock runs" in visitor.get("/prepare/simulation/sales?seed=2").text
    post(visitor, "/prepare/simulation/sales/answer", seed="2", text="It is <b>.\r\nIt fails.")
    shown = visitor.get("/prepare/simulation/sales").text
    assert "without a clock" in shown
    assert "It is &lt;b&gt;." in shown
    fields = {"met.worst-error": "2", "reader": "Ada"}
    shown = visitor.get(post(visitor, "/prepare/simulation/sales/read", **fields)).text
    assert "read by <bdi>Ada</bdi>" in shown


def test_a_drawing_shows_nothing_of_its_answer(visitor: TestClient, root: Path) -> None:
    simulation_begun(prepare.desk_at(root), "post-mortem", 5)
    for ending in ("", ".json"):
        shown = visitor.get(f"/prepare/simulation/post-mortem{ending}?seed=5").text
        assert "contributing" not in shown
        assert "bystander" not in shown
