"""`expect`: is a run as a team expects it, expectation by expectation, with the figure."""

from .checked import ExpectResult, Finding, expect

__all__ = ["ExpectResult", "Finding", "expect"]
