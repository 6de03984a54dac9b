"""Chance: where it comes from, the laws it follows, and how what was drawn is dealt and named."""
