"""Targets: which there are, which are installed, and which were selected."""
