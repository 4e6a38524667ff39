"""Benchmarks: what the program finds in logs whose truth is known, and how long it takes."""
