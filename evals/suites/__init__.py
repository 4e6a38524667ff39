"""The suites: one module each, found by name."""
