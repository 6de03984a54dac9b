"""Retelling: the parts of the debrief as plain dictionaries; `practice.debrief` joins them."""
