"""Answers to earlier questions about layers, kept beside the rows of runs: the same question to the same targets is not asked again.

All that an answer depends on is in its key: the question, each target with its framework's files and versions, the
machine, and our own code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from ...adapters.parent.host import Limits
from ...adapters.targets.choose import SelectedTarget
from .answer_cache import base_of, digest
from .cache_file import CacheFile, cache_path


@contextmanager
def open_cache(*, used: bool) -> Iterator[CacheFile | None]:
    """The file of the answer cache; None if it is not to be used."""
    if not used:
        yield None
        return
    with closing(CacheFile(cache_path())) as cache:
        yield cache


def answer_once(
    cache: CacheFile | None, question: list[Any], targets: Iterable[SelectedTarget], find: Callable[[], tuple[Any, bool]]
) -> Any:
    """The answer to a question as JSON: the one that was kept, or the one that `find` gives, which is kept if it says that it lasts."""
    key = question_key(question, targets) if cache else None
    if cache is None or key is None:
        return find()[0]
    answer = cache.get(key)
    if answer is None:
        answer, lasts = find()
        if lasts:
            cache.put(key, answer)
    return answer


def question_key(question: list[Any], targets: Iterable[SelectedTarget]) -> bytes | None:
    """What the answer to a question is kept under; None if all that it depends on cannot be known."""
    bases = [base_of(target, Limits(), dict(os.environ)) for target in targets]
    return None if None in bases else digest(["question", question, bases])
