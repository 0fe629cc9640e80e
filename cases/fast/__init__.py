"""The second oracle: the same outcomes by an independent, vectorised derivation."""
