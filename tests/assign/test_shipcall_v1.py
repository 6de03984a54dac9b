"""shipcall-v1: the same unit is in the same place, on every machine."""

import numpy as np
import pytest

from shipcall.assign.shipcall_v1 import position, positions


@pytest.mark.parametrize(
    ("salt", "unit", "digest"),
    [
        ("ramp", "u1", "af5feda9ec8009ab"),
        ("ramp", "u2", "41aeffa1b45d4441"),
        ("other", "u1", "5fccb7274edb6ec3"),
    ],
)
def test_a_position_is_the_first_bits_of_the_digest(salt: str, unit: str, digest: str) -> None:
    """printf 'ramp/u1' | sha256sum: the first 16 hexadecimal digits."""
    assert position(salt, unit) == pytest.approx(int(digest, 16) / 2**64, abs=2**-53)


def test_many_units_lie_where_each_of_them_lies() -> None:
    units = ["u1", "u2", "ü3", ""]
    assert positions("ramp", units).tolist() == [position("ramp", unit) for unit in units]


def test_positions_are_uniform_and_never_one() -> None:
    """Kolmogorov's distance of 20,000 uniform values is below 1.95 / sqrt(n) but once in 1,000."""
    drawn = np.sort(positions("ramp", (f"u{i}" for i in range(20_000))))
    steps = (np.arange(20_000) + 1) / 20_000
    assert drawn[-1] < 1
    assert float(np.abs(drawn - steps).max()) < 1.95 / np.sqrt(20_000)


def test_another_salt_gives_positions_that_have_nothing_to_do_with_these() -> None:
    units = [f"u{i}" for i in range(20_000)]
    one, other = positions("ramp", units), positions("ramp-2", units)
    assert abs(float(np.corrcoef(one, other)[0, 1])) < 0.03
