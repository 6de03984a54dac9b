"""Simulations: parts of a working day with known truth, to be ordered, told or explained."""
