"""Tracking: the rows of the tracker as plain dictionaries; `practice.tracker` joins them."""
