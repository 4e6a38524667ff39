"""What hostile logs, failing machines and private people do to the program, measured: `python -m evals.safety`."""
