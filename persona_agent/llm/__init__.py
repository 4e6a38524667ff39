"""Talking to models: what is sent, by whom, and what is kept of it."""
