"""Does offline tell online: what a short history of winners says about the link of two metrics."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats

HISTORIES = 4_000
OFFLINE_NOISE = 0.5
"""Standard error of an offline gain, where true gains have a standard deviation of 1."""
STRONG = 0.5
Z = float(special.ndtri(0.975))


def lab(
    rng: np.random.Generator, *, releases: float, link: float, noise: float
) -> Mapping[str, float]:
    """Draw many histories of releases that won offline, and look at what each shows.

    Args:
        rng: Where chance comes from.
        releases: Length of a history.
        link: True correlation of the true offline gain with the true online gain, 0 to 1.
        noise: Standard error of an online gain in points; true online gains spread by 1.
    """
    n = round(releases)
    offline, truth, online = _releases(rng, (HISTORIES, n + 1), link=link, noise=noise)
    seen = _correlations(offline[:, :n], online[:, :n])
    unlinked = _releases(rng, (HISTORIES, n), link=0.0, noise=noise)
    ends = np.tanh(np.arctanh(seen[-1]) + Z / np.sqrt(n - 3) * np.array([-1.0, 1.0]))
    reach, told = _forecast(offline, online)
    off = np.abs(online[:, n] - told)
    return {
        "histories": float(HISTORIES),
        "ours": float(seen[-1]),
        "ours_low": float(ends[0]),
        "ours_high": float(ends[1]),
        "strong": STRONG,
        "seen": float(np.median(seen)),
        "seen_low": float(np.quantile(seen, 0.05)),
        "seen_high": float(np.quantile(seen, 0.95)),
        "seen_strong": 100 * float(np.mean(seen >= STRONG)),
        "unlinked_strong": 100 * float(np.mean(_correlations(*unlinked[::2]) >= STRONG)),
        "harmed": 100 * float(np.mean(truth < 0)),
        "reach": float(np.median(reach)),
        "usual": float(np.median(np.abs(truth))),
        "outside": 100 * float(np.mean(off > reach)),
    }


def _releases(
    rng: np.random.Generator, shape: tuple[int, int], *, link: float, noise: float
) -> tuple[Floats, Floats, Floats]:
    """Draw measured offline gains above zero, true online gains and measured online gains."""
    whole = 1 + OFFLINE_NOISE**2
    offline = np.abs(rng.normal(0.0, np.sqrt(whole), shape))
    gain = offline / whole + rng.normal(0.0, OFFLINE_NOISE / np.sqrt(whole), shape)
    truth = link * gain + np.sqrt(1 - link**2) * rng.standard_normal(shape)
    return offline, truth, truth + noise * rng.standard_normal(shape)


def _correlations(one: Floats, other: Floats) -> Floats:
    """Give the correlation within each row, short of 1 so that it has an inverse tangent."""
    left = one - one.mean(axis=1, keepdims=True)
    right = other - other.mean(axis=1, keepdims=True)
    sizes = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    return np.asarray(np.clip((left * right).sum(axis=1) / sizes, -0.999_999, 0.999_999))


def _forecast(offline: Floats, online: Floats) -> tuple[Floats, Floats]:
    """Foretell the last release of each row from a line through the others, for 9 of 10."""
    x, y = offline[:, :-1], online[:, :-1]
    n = x.shape[1]
    left = x - x.mean(axis=1, keepdims=True)
    square = (left**2).sum(axis=1)
    slope = (left * y).sum(axis=1) / square
    rest = y - y.mean(axis=1, keepdims=True) - slope[:, None] * left
    away = offline[:, -1] - x.mean(axis=1)
    variance = (rest**2).sum(axis=1) / (n - 2) * (1 + 1 / n + away**2 / square)
    return (
        np.asarray(float(special.stdtrit(n - 2, 0.95)) * np.sqrt(variance)),
        np.asarray(y.mean(axis=1) + slope * away),
    )
