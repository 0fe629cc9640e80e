"""The contract of an adapter: what a page about a framework is written in."""

from .adapter import Adapter
from .ask import Ask, Form, Gap, Target, Unsupported
from .call import Call, Def, Name, Ref, Step, Steps, With
from .verbs import Verb, Vocabulary

__all__ = [
    "Adapter",
    "Ask",
    "Call",
    "Def",
    "Form",
    "Gap",
    "Name",
    "Ref",
    "Step",
    "Steps",
    "Target",
    "Unsupported",
    "Verb",
    "Vocabulary",
    "With",
]
