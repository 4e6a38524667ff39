"""Behaviour logs in, personas out, and every sentence of a persona can be checked against log lines."""

__version__ = "0.1.0"
