"""The truth is unreadable before the reveal, was fixed before the first look, and keeps no time."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from practice.shelves import SECRET_WORDS, use_shelf
from practice.tiny import tiny, tiny_play
from shipcall.app import practise, practise_kept
from shipcall.app.practise_room import Room, open_room
from shipcall.app.practise_seat import seat, secret_at
from shipcall.core import UsageError
from shipcall.practice import sealed
from shipcall.practice.play import draw_play
from shipcall.practice.points import points
from shipcall.practice.sealed import (
    Secret,
    case_digest,
    drawing_of,
    load_or_create_key,
    seal,
    secret_of,
    unseal,
)
from shipcall.practice.shelf import load_case


@pytest.fixture
def key(tmp_path: Path) -> bytes:
    return load_or_create_key(tmp_path / "keys" / sealed.KEY)


@pytest.fixture
def secret() -> Secret:
    return secret_of(tiny_play(7))


def test_what_was_sealed_is_what_is_opened(key: bytes, secret: Secret) -> None:
    assert unseal(seal(secret, key), secret.commitment, key) == secret


def test_the_commitment_is_the_sha256_of_the_opening(secret: Secret) -> None:
    assert secret.commitment == hashlib.sha256(secret.opening.encode()).hexdigest()
    assert f"seed {secret.seed}," in secret.opening


def test_a_short_seed_cannot_be_found_by_trying(secret: Secret) -> None:
    again = secret_of(tiny_play(7))
    assert again.drawing == secret.drawing
    assert again.commitment != secret.commitment


def test_another_key_opens_nothing(key: bytes, secret: Secret, tmp_path: Path) -> None:
    other = load_or_create_key(tmp_path / "others" / sealed.KEY)
    with pytest.raises(UsageError, match="sealed with another key"):
        unseal(seal(secret, key), secret.commitment, other)


def test_a_truth_that_was_exchanged_is_noticed(key: bytes, secret: Secret) -> None:
    other = replace(secret, seed=8)
    with pytest.raises(UsageError, match="its truth was exchanged"):
        unseal(seal(other, key), secret.commitment, key)


def test_the_key_is_made_once_and_its_owner_alone_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "config" / sealed.KEY
    assert load_or_create_key(path) == load_or_create_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == [sealed.KEY]


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / sealed.KEY
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(UsageError, match="no key for practice"):
        load_or_create_key(path)


def test_a_key_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read or written"):
        load_or_create_key(tmp_path / "config" / sealed.KEY)


def test_the_key_lies_beside_the_signing_key() -> None:
    where = {"XDG_CONFIG_HOME": "/people/mara/.config"}
    assert sealed.key_path(where) == Path("/people/mara/.config/shipcall/practice.key")


def test_a_drawing_is_told_apart_by_truth_and_by_evidence() -> None:
    play = tiny_play(7, truth=0)
    assert drawing_of(play) == drawing_of(tiny_play(7, truth=0))
    other = replace(play, setting=replace(play.setting, truth=1))
    changed = replace(play, seen={**play.seen, "effect": play.seen["effect"] + 0.1})
    assert len({drawing_of(play), drawing_of(other), drawing_of(changed)}) == 3


def test_a_case_that_says_anything_else_is_another_case() -> None:
    assert case_digest(tiny()) == case_digest(tiny())
    assert case_digest(tiny()) != case_digest(tiny(points="other points"))


def test_seeds_of_the_queue_never_come_twice() -> None:
    seeds = {sealed.new_seed() for _ in range(1000)}
    assert len(seeds) == 1000
    assert max(seeds).bit_length() > 120


def spellings(number: int) -> Iterator[bytes]:
    """A number as somebody might have written it."""
    raw = number.to_bytes(16, "big")
    for each in (raw, raw[::-1]):
        yield each
        yield each.hex().encode()
        yield base64.b64encode(each).rstrip(b"=")
        yield base64.urlsafe_b64encode(each).rstrip(b"=")
    yield str(number).encode()
    yield str(number)[::-1].encode()


def everything_below(folder: Path) -> bytes:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return b"\n".join(str(p).encode() + p.read_bytes() for p in files).lower()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    use_shelf(tmp_path / "shelf", monkeypatch)
    (tmp_path / "work").mkdir()
    return open_room(tmp_path / "work")


@pytest.mark.parametrize("mode", ["stress", "learn"])
def test_nothing_before_the_reveal_tells_the_truth_or_the_seed(room: Room, mode: str) -> None:
    """Every file of the workspace and every view, after every thing a person can do."""
    wish = practise.Wish(mode="learn" if mode == "learn" else "stress")
    views = [practise.start(room, wish)]
    play = views[0]["id"]
    views.append(practise.go(room, play))
    views += [practise.look(room, play, name) for name in ("effect", "changes")]
    if mode == "learn":
        views.append(practise.hint(room, play))
    views.append(practise.answer(room, play, "causes", {"rot": 0.5}))
    views += [practise.lock(room, play), practise.retry(room, play), practise.at(room, play)]
    views += [practise_kept.unfinished(room), practise_kept.cases(room)]
    secret = secret_at(seat(room, play).session.terms)
    told = everything_below(room.root) + str(views).lower().encode()
    for word in SECRET_WORDS:
        assert word.encode() not in told
    for spelling in (*spellings(secret.seed), secret.drawing.encode(), secret.nonce.encode()):
        assert spelling.lower() not in told
    assert b'"truth"' not in told
    assert secret.commitment.encode() in told


def test_the_truth_that_is_looked_for_stands_in_the_debrief(room: Room) -> None:
    """The same search finds it after the reveal, so it does search."""
    play = practise.start(room, practise.Wish())["id"]
    practise.go(room, play)
    practise.lock(room, play)
    secret = secret_at(seat(room, play).session.terms)
    told = str(practise.reveal(room, play)).encode()
    assert re.search(b"|".join(word.encode() for word in SECRET_WORDS), told)
    assert str(secret.seed).encode() in told
    assert hashlib.sha256(secret.opening.encode()).hexdigest().encode() in told


def test_seals_of_all_states_are_equally_long(key: bytes) -> None:
    sizes = {len(seal(secret_of(tiny_play(11, truth=n)), key)) for n in range(3)}
    assert len(sizes) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tiny", "tutor-topics"])
def test_the_time_of_drawing_does_not_tell_a_trap_from_its_twin(name: str) -> None:
    """Mann and Whitney's test on drawings in turn; its bar is loose, its power is not.

    With 60 of each, a shift by one standard deviation is sqrt(60 / 2) = 5.5 standard errors, and
    the bar of 1e-4 lies at 3.9: it would be found in nine runs of ten.
    """
    case = tiny() if name == "tiny" else load_case(name)
    roles = [point.state.role for point in points(case)]
    places = {role: [n for n, one in enumerate(roles) if one == role] for role in ("trap", "twin")}
    times: dict[str, list[float]] = {"trap": [], "twin": []}
    for seed in range(70):
        for role in ("trap", "twin") if seed % 2 else ("twin", "trap"):
            began = time.process_time()
            draw_play(case, seed, truth=places[role][seed % len(places[role])])
            times[role].append(time.process_time() - began)
    trap, twin = np.array(times["trap"][10:]), np.array(times["twin"][10:])
    assert stats.mannwhitneyu(trap, twin).pvalue > 1e-4
