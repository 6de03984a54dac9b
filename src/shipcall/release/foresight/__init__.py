"""Foresight: how a contract would be judged, told before its evidence exists."""
