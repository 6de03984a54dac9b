"""Streams: the rows one model served, day by day, and the logs that are written beside them."""
