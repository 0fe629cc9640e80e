"""The judge: compares answers with what is expected, and finds the rules that explain a difference."""
