"""How truth is decided, held against a slow evaluation."""
