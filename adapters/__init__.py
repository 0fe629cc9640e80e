"""Adapters: how each framework is called. These names are what an adapter file is written with.

An adapter is a module that defines `ADAPTER`, an instance of a subclass of `Adapter`. It does not import its framework: a
case is translated to data in the parent process, and run in a worker process, which has the framework. What a framework
does not have is declared in `gaps`, each with native code that fails. `adapters/ADDING_A_FRAMEWORK.md` has the steps.
"""

from . import contract
from .contract import *  # noqa: F403 -- the names are listed there

__all__: list[str] = []
__all__ += contract.__all__
