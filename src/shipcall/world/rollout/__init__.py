"""Rollout: the tables of shadow mode and exposure, and the effects that people show in them."""
