"""The work of each stage against a run directory: load what it needs, call the stage, write what it found.

Each step takes the store and the settings and leaves a file behind, so that a run can stop after any of them and go on.
"""
