"""The contract of an adapter: what a page about a framework is written in."""

from .adapter import Adapter
from .ask import NODE, OPEN, PYTHON, Ask, Feature, Form, Gap, LayerClass, Target, UndeclaredGap, Unsupported
from .call import Call, Def, Each, Name, Part, Ref, Step, Steps, With
from .verbs import Verb, Vocabulary

__all__ = [
    "NODE",
    "OPEN",
    "PYTHON",
    "Adapter",
    "Ask",
    "Call",
    "Def",
    "Each",
    "Feature",
    "Form",
    "Gap",
    "LayerClass",
    "Name",
    "Part",
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
