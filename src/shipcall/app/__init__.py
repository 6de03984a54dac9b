"""Use cases: the only functions the doors call."""
