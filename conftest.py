"""Switches the plugin on."""

pytest_plugins = ["poolparity.reports.plugin"]
