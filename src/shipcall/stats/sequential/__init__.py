"""Sequences: intervals and evidence that hold at every look of a rollout."""
