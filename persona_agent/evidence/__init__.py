"""How truth is decided: measures become SQL, results verdicts, and every verdict has lines. No model is called."""
