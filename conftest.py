"""Switches the plugin on, and the one that marks the project's own tests."""

import sys

from poolparity import adapters, cases, reports

pytest_plugins = ["poolparity.reports.plugin", "support.markers"]

# pytest names a test after its folders, and would import these a second time under those names.
sys.modules.update(adapters=adapters, cases=cases, reports=reports)
