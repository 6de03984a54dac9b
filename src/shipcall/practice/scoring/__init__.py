"""Scoring: one module for each part of the answer sheet; `score` says what they return."""
