"""Grading: a model that reads answers as a peer would, once it has shown that it can.

Off unless the person names an endpoint. Its readings stand apart from those of people and go into
no rating, no committee and no plan.
"""
