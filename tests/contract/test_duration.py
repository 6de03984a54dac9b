import pytest

from shipcall.contract.duration import hours


@pytest.mark.parametrize(
    ("text", "expected"), [("30m", 0.5), ("6h", 6), ("7d", 168), ("2w", 336), ("1.5h", 1.5)]
)
def test_durations_are_hours(text: str, expected: float) -> None:
    """By hand: 60 minutes, 24 hours, 7 days."""
    assert hours(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "6", "h", "6 h", "-6h", "+6h", "0d", "6H", "1d12h", "PT6H", "\u0666h", "9999999h"]
)
def test_anything_else_is_none(text: str) -> None:
    assert hours(text) is None
