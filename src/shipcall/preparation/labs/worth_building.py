"""Worth building: ideas ranked by marks, and by what they may earn, with doubt in both."""

from collections.abc import Mapping

import numpy as np

IDEAS = ("seats", "snacks", "letters")
MARKS = {"seats": (5, 3, 1), "snacks": (3, 3, 3), "letters": (2, 5, 3)}
"""Data at hand, value of a prediction, leverage of more data; of five."""
VALUE = {"seats": 20.0, "snacks": 16.0, "letters": 26.0}
"""Median worth in a month, in thousands of EUR, before what a rule would earn."""
GROWS = {"seats": 0.0, "snacks": 0.10, "letters": 0.15}
"""Growth of that worth in a year of new data."""
WAIT = {"seats": 1.0, "snacks": 4.0}
"""Median months until the data can be used."""
WAIT_DOUBT = 0.6
"""Standard deviation of the logarithm of those months."""
BUILD, REPAIR = 60.0, 9.0
"""Thousands of EUR: for building any of them, and for each month of cleaning data."""
HORIZON = 24.0
"""Months after which nothing is counted."""
DRAWS = 100_000


def lab(rng: np.random.Generator, *, doubt: float, wait: float, rule: float) -> Mapping[str, float]:
    """Rank three ideas of a cinema chain by marks, and by worth over two years.

    Args:
        rng: Where chance comes from.
        doubt: Standard deviation of the logarithm of what a month is worth.
        wait: Median months until the letters can be learned from.
        rule: Percent of the worth of seat forecasts that last week's seats earn already.
    """
    given, worth = [], []
    found: dict[str, float] = {"horizon": HORIZON}
    for name in IDEAS:
        median = {**WAIT, "letters": wait}[name]
        months = median * np.exp(WAIT_DOUBT * rng.standard_normal(DRAWS))
        value = VALUE[name] * np.exp(doubt * rng.standard_normal(DRAWS))
        value *= 1 - rule / 100 if name == "seats" else 1.0
        mean = VALUE[name] * np.exp(doubt**2 / 2) * (1 - rule / 100 if name == "seats" else 1.0)
        left = np.maximum(HORIZON - months, 0.0)
        earning = left * (1 + GROWS[name] * left / 24)
        paid = BUILD + REPAIR * np.minimum(months, HORIZON)
        given.append(mean * earning - paid)
        worth.append(value * earning - paid)
        found[f"mark_{name}"] = float(np.prod(MARKS[name]))
        found[f"worth_{name}"] = float(worth[-1].mean())
        found[f"low_{name}"], found[f"high_{name}"] = np.quantile(worth[-1], [0.1, 0.9]).tolist()
        found[f"loses_{name}"] = 100 * float(np.mean(worth[-1] < 0))
    best = np.argmax(worth, axis=0)
    for place, name in enumerate(IDEAS):
        found[f"best_{name}"] = 100 * float(np.mean(best == place))
    known = np.maximum(np.max(given, axis=0), 0.0).mean()
    plain = max(*(float(one.mean()) for one in given), 0.0)
    found["audit"] = float(known) - plain
    found["nothing"] = 100 * float(np.mean(np.max(worth, axis=0) < 0))
    return found
