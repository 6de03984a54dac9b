"""What is kept of what was worked out: the newest, by when it was last asked for."""

from shipcall.app.newest import Newest


def test_what_nobody_asked_for_longest_is_forgotten_first() -> None:
    kept = Newest[str](2)
    kept.keep("a", "one")
    kept.keep("b", "two")
    assert kept.get("a") == "one"
    assert kept.keep("c", "three") == "three"
    assert [kept.get(key) for key in "abc"] == ["one", None, "three"]
    assert len(kept) == 2


def test_what_is_kept_again_takes_the_place_of_what_was_there() -> None:
    kept = Newest[str](2)
    for key, value in (("a", "one"), ("b", "two"), ("a", "anew"), ("c", "three")):
        kept.keep(key, value)
    assert [kept.get(key) for key in "abc"] == ["anew", None, "three"]
