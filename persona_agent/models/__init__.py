"""What can be swapped: models and embeddings, behind one small protocol each."""
