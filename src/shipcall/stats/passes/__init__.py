"""Passes: the samples of a table too long to hold, from two passes over blocks of its rows."""
