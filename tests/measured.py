"""Measured: what an estimator found, or why it found nothing; the other one fails the test."""

from shipcall.core import Absent, Estimate, Reason


def estimate(measured: object) -> Estimate:
    assert isinstance(measured, Estimate), measured
    return measured


def reason(measured: object) -> Reason:
    assert isinstance(measured, Absent), measured
    return measured.reason
