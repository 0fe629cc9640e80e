"""JAX's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract.verbs import numpy_like

VOCABULARY = numpy_like("jax.numpy", cast="jax.numpy.astype")
