"""Fingerprints: the rules that each target follows, derived from rows."""
