"""The name under which the code that reports print imports `Pool`."""

from .model.pool import Pool

__all__ = ["Pool"]
