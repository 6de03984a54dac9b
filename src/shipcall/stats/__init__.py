"""Numbers in, Estimate out: pure functions on numpy arrays and on small tables of sums."""
