"""What a target records is there wherever its modules are, and its extra installs these."""

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


MODULES = packages_distributions()
"""The distributions of each module; looking them up reads the metadata of all that is installed."""
INSTALLED = {canonicalize_name(name) for names in MODULES.values() for name in names}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_target_is_installed_only_where_all_that_it_records_is(target):
    """Haiku can be installed without JAX: a target that required its module alone could not start."""
    if not is_installed(target):
        pytest.skip(install_advice(target))
    roots = {module.partition(".")[0] for module in target.modules}
    provided = with_requirements({canonicalize_name(name) for root in roots for name in MODULES.get(root, ())})
    recorded = [{canonicalize_name(name) for name in names.split("|")} for names in target.distributions]
    assert [names for names in recorded if not names & provided] == []


def requirements_of_extras(extras):
    """The distributions that poolparity requires with some extras, and those that it always requires."""
    needs, names, done = [*map(Requirement, requires("poolparity"))], set(), set()
    while extras:
        done |= extras
        chosen = [need for need in needs if not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in extras)]
        names |= {canonicalize_name(need.name) for need in chosen}
        extras = {extra for need in chosen if canonicalize_name(need.name) == "poolparity" for extra in need.extras} - done
    return with_requirements(names & INSTALLED - {"poolparity"})


@pytest.mark.parametrize("target", [target for target in TARGETS if target.extra], ids=lambda target: target.name)
def test_the_extra_of_a_target_installs_all_that_it_imports(target):
    """Keras imports SciPy with OpenVINO, and requires it with no backend: the target could not start where its extras alone were installed."""
    if not is_installed(target):
        pytest.skip(install_advice(target))
    installed = requirements_of_extras(set(target.extra.split(",")))
    roots = {module.partition(".")[0] for module in target.modules}
    assert [root for root in roots if not {canonicalize_name(name) for name in MODULES[root]} & installed] == []
