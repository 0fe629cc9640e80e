"""A second target that every environment has: the oracle once more, under another name."""

from poolparity.adapters import Target
from poolparity.adapters.frameworks.numpy.adapter import Oracle


class Twin(Oracle):
    targets = (Target("twin", ("numpy",), ("numpy",)),)


ADAPTER = Twin()
