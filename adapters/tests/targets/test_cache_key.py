"""What an answer is kept under: every target of ours that is installed in Python states all files that its answers depend on."""

import os

import pytest

from poolparity.adapters.contract import PYTHON
from poolparity.adapters.targets.cache_key import target_build
from poolparity.adapters.targets.choose import select_targets
from poolparity.adapters.targets.find import find_targets, is_installed

FOUND = find_targets()
INSTALLED = [name for name, entry in FOUND.items() if entry.target.program == PYTHON and is_installed(entry.target)]


@pytest.mark.parametrize("name", INSTALLED)
def test_the_answers_of_an_installed_target_can_be_kept(name):
    [target] = select_targets([name], FOUND)
    assert target_build(target, os.environ) is not None
