"""Keras's functions for what recipes do around a pooling."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...contract.verbs import numpy_like, scatter_in_tensor

COORDINATES = {"range": "keras.ops.arange", "grid": "keras.ops.meshgrid", "stack": "keras.ops.stack", "reshape": "keras.ops.reshape"}
"""The functions that make the coordinates of scattered cells."""
NUMPY = numpy_like(
    "keras.ops", shape="keras.ops.shape", cast="keras.ops.cast", count_plane="keras.ops.mod", scatter="keras.ops.scatter_update"
)
VOCABULARY = replace(NUMPY, makers={**NUMPY.makers, "scatter": partial(scatter_in_tensor, COORDINATES)})
