"""Evaluation: the tables of the evaluation set, written before anybody was exposed."""
