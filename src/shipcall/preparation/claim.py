"""Claim: a number that an article prints about interviews or pay, and what it leaves open.

They stand here because people read them everywhere. None is used by anything.
"""

import tomllib
from functools import lru_cache
from importlib.resources import files

from shipcall.preparation.material import Material, Slug, Text, Wish


class Claim(Material):
    """One of them."""

    id: Slug
    wish: Wish
    claimed_by: Text
    """Article and line."""
    says: Text
    mind: Text
    """What it does not say, and what one can do with it all the same."""


@lru_cache(maxsize=1)
def claims() -> tuple[Claim, ...]:
    """Give all claims that come along."""
    text = (files("shipcall.preparation") / "claims.toml").read_text(encoding="utf-8")
    return tuple(Claim.model_validate(one) for one in tomllib.loads(text)["claim"])
