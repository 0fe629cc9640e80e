"""What a target records is there wherever its modules are."""

from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poolparity.adapters.contract import NODE
from poolparity.adapters.targets.find import find_targets, install_advice, is_installed

TARGETS = [entry.target for entry in find_targets().values() if entry.target.program != NODE]


def with_requirements(distributions):
    """Distributions, and all that they require without an extra."""
    required = set()
    while distributions:
        required |= distributions
        lines = [line for distribution in distributions for line in requires(distribution) or ()]
        needs = [need for need in map(Requirement, lines) if need.marker is None or need.marker.evaluate({"extra": ""})]
        distributions = {canonicalize_name(need.name) for need in needs} & INSTALLED - required
    return required


INSTALLED = {canonicalize_name(name) for names in packages_distributions().values() for name in names}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_target_is_installed_only_where_all_that_it_records_is(target):
    """Haiku can be installed without JAX: a target that required its module alone could not start."""
    if not is_installed(target):
        pytest.skip(install_advice(target))
    modules = packages_distributions()
    roots = {module.partition(".")[0] for module in target.modules}
    provided = with_requirements({canonicalize_name(name) for root in roots for name in modules.get(root, ())})
    recorded = [{canonicalize_name(name) for name in names.split("|")} for names in target.distributions]
    assert [names for names in recorded if not names & provided] == []
