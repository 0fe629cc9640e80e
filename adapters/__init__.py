"""Adapters: how each framework is asked. The only folder that imports frameworks.

An adapter is a module that makes `ADAPTER`, one instance of a subclass of `Adapter`, out of the names
below: `from . import Adapter, Form, Gap, Target`. It imports its framework nowhere, for dotted names do:
the translation of a case is data that is made in the parent process and run in a worker, where the
framework is. What a framework cannot be asked for stands in `gaps`, each with native code that fails.
"""

from .contract import (
    OPEN,
    Adapter,
    Ask,
    Call,
    Def,
    Feature,
    Form,
    Gap,
    Name,
    Ref,
    Step,
    Steps,
    Target,
    UndeclaredGap,
    Unsupported,
    Verb,
    Vocabulary,
    With,
)

__all__ = [
    "OPEN",
    "Adapter",
    "Ask",
    "Call",
    "Def",
    "Feature",
    "Form",
    "Gap",
    "Name",
    "Ref",
    "Step",
    "Steps",
    "Target",
    "UndeclaredGap",
    "Unsupported",
    "Verb",
    "Vocabulary",
    "With",
]
