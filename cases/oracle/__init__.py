"""The oracle: every operation by its definition, one output cell after another."""

from .definition import oracle, outcome

__all__ = ["oracle", "outcome"]
