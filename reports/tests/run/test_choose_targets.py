"""Which targets a run has, and which it skips: what is selected and not installed is listed, or an error if nothing else is left."""

import pytest

from poolparity.adapters import Adapter, Target
from poolparity.adapters.targets.choose import UnknownTarget
from poolparity.adapters.targets.find import AdapterEntry
from poolparity.reports.run.run import choose_targets


class Here(Adapter):
    family = "both"


ENTRIES = {
    name: AdapterEntry(Here(), "", Target(name, (module,), (module,)))
    for name, module in {"present": "numpy", "absent": "no_such_module", "absent+mode": "no_such_module"}.items()
}


@pytest.mark.parametrize("patterns", [(), ("*",), ("both",), ("both", "present")])
def test_a_target_that_is_selected_and_not_installed_is_listed(patterns):
    selected_targets, skipped_targets = choose_targets(ENTRIES, patterns)
    assert [target.name for target in selected_targets] == ["present"]
    assert [item["target"] for item in skipped_targets] == ["absent", "absent+mode"]
    assert "no_such_module" in skipped_targets[0]["why"]


@pytest.mark.parametrize("pattern", ["absent", "absent*", "absent+*"])
def test_a_pattern_that_selects_nothing_that_is_installed_is_an_error(pattern):
    with pytest.raises(UnknownTarget, match=r"^--target absent.*no_such_module.*pip install no_such_module"):
        choose_targets(ENTRIES, (pattern,))
