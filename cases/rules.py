"""The name under which the code that reports print imports `Rules`."""

from .model.rules import Rules

__all__ = ["Rules"]
