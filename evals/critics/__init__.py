"""How good the critic is: errors planted by code (A), by strangers in plain text (B), and claims as they came (C)."""
