"""Where pytest's configuration keeps the session: hooks and items find it here, and it knows neither of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .session import Session

SESSION = pytest.StashKey["Session"]()


def session_of(config: pytest.Config) -> Session:
    """Return the session of this pytest run; the first call makes it, so that a project without specs pays nothing."""
    if SESSION not in config.stash:
        from .session import Session

        config.stash[SESSION] = Session(config)
    return config.stash[SESSION]


def started_session(config: pytest.Config) -> Session | None:
    """Return the session if anything has asked for it."""
    return config.stash.get(SESSION, None)
