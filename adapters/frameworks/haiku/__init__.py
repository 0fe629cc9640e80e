"""Haiku: layers that requests may name; the framework is not run."""
