"""JAX's functions for what recipes do around a pooling."""

from __future__ import annotations

from dataclasses import replace

from ...contract import Step, Steps, Verb
from ...contract.verbs import numpy_like


def scatter(verb: Verb, name: str) -> Steps:
    """A call of `put_along_axis`, whose result is a new array."""
    return (Step(verb.result, name, verb.args, {"inplace": False}),)


NUMPY = numpy_like("jax.numpy", cast="jax.numpy.astype", scatter="jax.numpy.put_along_axis")
VOCABULARY = replace(NUMPY, makers={**NUMPY.makers, "scatter": scatter})
