"""Buckets of others, bit for bit, and what every algorithm has in common."""

import numpy as np
import pytest

from shipcall.assign import BUCKETINGS, flagd
from shipcall.assign.growthbook import positions_v2
from shipcall.assign.text import CHUNK, utf8, utf16

SUITS = ("clubs", "diamonds", "hearts", "spades")
each_bucketing = pytest.mark.parametrize("name", BUCKETINGS)


def variant(position: float, names: tuple[str, ...]) -> str:
    """The first of equally heavy variants whose end lies beyond the position."""
    ends = np.arange(1, len(names) + 1) / len(names)
    return names[int(np.searchsorted(ends, position, side="right"))]


@pytest.mark.parametrize(
    ("seed", "unit", "version", "expected"),
    [
        ("", "a", 1, 0.22),
        ("", "b", 1, 0.077),
        ("b", "a", 1, 0.946),
        ("ef", "d", 1, 0.652),
        ("asdf", "8952klfjas09ujk", 1, 0.549),
        ("", "123", 1, 0.011),
        ("seed", "a", 2, 0.0505),
        ("seed", "b", 2, 0.2696),
        ("foo", "ab", 2, 0.2575),
        ("foo", "def", 2, 0.2019),
        ("89123klj", "8952klfjas09ujkasdf", 2, 0.124),
        ("90850943850283058242805", "123", 2, 0.7516),
    ],
)
def test_growthbook_units_lie_where_its_sdks_put_them(
    seed: str, unit: str, version: int, expected: float
) -> None:
    """GrowthBook SDK, packages/sdk-js/test/cases.json, key "hash"."""
    assert BUCKETINGS[f"growthbook-v{version}"](seed, [unit])[0] == pytest.approx(expected, abs=0)


@pytest.mark.parametrize(
    ("generation", "expected"),
    [
        ("flagd-v1", ("spades", "clubs", "diamonds", "hearts", "diamonds")),
        ("flagd-v2", ("hearts", "spades", "clubs", "diamonds", "clubs")),
        ("flagd-v3", ("diamonds", "diamonds", "clubs", "clubs", "spades")),
    ],
)
def test_flagd_units_get_the_suits_of_their_generation(
    generation: str, expected: tuple[str, ...]
) -> None:
    """flagd testbed, gherkin/targeting.feature: flag "fractional-flag", four suits of 25."""
    names = ["jack", "queen", "ten", "nine", "3"]
    found = BUCKETINGS[generation]("fractional-flag", names)
    assert tuple(variant(position, SUITS) for position in found) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("jon@company.com", ("heads", "heads", "tails")),
        ("jane@company.com", ("tails", "tails", "tails")),
    ],
)
def test_flagd_shorthand_hashes_the_pair_in_its_third_generation(
    unit: str, expected: tuple[str, ...]
) -> None:
    """flagd testbed: flag "fractional-flag-shorthand", heads 1, tails 1."""
    flag, sides = "fractional-flag-shorthand", ("heads", "tails")
    found = [
        flagd.positions_v1(flag, [unit])[0],
        flagd.positions_v2(flag, [unit])[0],
        flagd.positions_v3(flag, [unit], shorthand=True)[0],
    ]
    assert tuple(variant(position, sides) for position in found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ejOoVL", 0),
        ("bY9fO-", 1),
        ("SI7p-", 2**31 - 1),
        ("6LvT0", 2**31),
        ("ceQdGm", 2**32 - 1),
        ("headerColorrachel@faas.com", 1805633606),
        ("headerColormonica@faas.com", 3314683759),
        ("headerColorjoey@faas.com", 309582631),
        ("headerColorross@faas.com", 1595699981),
    ],
)
def test_murmur_matches_its_known_values(text: str, expected: int) -> None:
    """MurmurHash3 x86 32, seed 0, as flagd's own tests give it (and mmh3 5.3.1)."""
    assert int(flagd.murmur3(utf8([text]))[0]) == expected


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("f1", "626631"),
        ("user-1", "66757365722d31"),
        ("", "60"),
        ("ü", "62c3bc"),
        ("a" * 24, "7818" + "61" * 24),
        ("a" * 256, "790100" + "61" * 256),
        ("a" * 65_536, "7a00010000" + "61" * 65_536),
    ],
)
def test_text_is_encoded_as_canonical_cbor(text: str, encoded: str) -> None:
    """RFC 8949: "ü" is of its appendix A; the heads of longer texts are of section 3."""
    assert flagd.cbor_text(text).hex() == encoded


def test_letters_beyond_the_first_plane_count_as_two() -> None:
    """U+1F600 is D83D DE00 in UTF-16 (Unicode standard, section 3.9)."""
    laid = utf16(["\U0001f600a"])
    assert laid.lengths.tolist() == [3]
    assert laid.codes[0, :3].tolist() == [0xD83D, 0xDE00, ord("a")]


@each_bucketing
def test_each_unit_lies_where_it_lies_alone(name: str) -> None:
    units = ["u1", "", "a much longer name of a unit", "ü", "\U0001f600"]
    positions = BUCKETINGS[name]
    alone = [float(positions("ramp", [unit])[0]) for unit in units]
    assert positions("ramp", units).tolist() == alone


@each_bucketing
def test_no_unit_gives_no_position(name: str) -> None:
    assert BUCKETINGS[name]("ramp", []).shape == (0,)


@each_bucketing
def test_units_are_spread_evenly(name: str) -> None:
    """Ten equal parts of 50,000: chi-square with 9 degrees is below 27.9 but once in 1,000."""
    found = BUCKETINGS[name]("ramp", [f"user-{i}" for i in range(50_000)])
    counts = np.histogram(found, bins=10, range=(0, 1))[0]
    assert float(((counts - 5_000) ** 2 / 5_000).sum()) < 27.9


def test_many_units_are_hashed_in_parts_without_a_seam() -> None:
    units = [f"u{i}" for i in range(CHUNK + 3)]
    assert positions_v2("s", units)[-4:].tolist() == positions_v2("s", units[-4:]).tolist()


def test_a_change_of_generation_moves_units() -> None:
    """At a share of 10 % unrelated positions move 2 x .1 x .9 = 18 % of the units."""
    units = [f"user-{i}" for i in range(40_000)]
    before, after = (BUCKETINGS[f"flagd-v{v}"]("ramp", units) < 0.1 for v in (2, 3))
    assert float(np.mean(before != after)) == pytest.approx(0.18, abs=0.008)
