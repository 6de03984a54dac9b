"""Faults: what goes wrong in a world, in its parameters, rows or files, and the traps of it."""
