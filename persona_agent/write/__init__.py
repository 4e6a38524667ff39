"""What is written of each group: its dossier, drafts of a model or of code (`offline`), a critic's rounds, cards, the edit."""
