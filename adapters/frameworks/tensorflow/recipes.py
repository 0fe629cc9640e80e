"""TensorFlow's functions for what recipes do around a pooling."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...contract.verbs import numpy_like, scatter_in_tensor

COORDINATES = {
    "range": "tensorflow.range", "grid": "tensorflow.meshgrid", "stack": "tensorflow.stack", "reshape": "tensorflow.reshape",
}  # fmt: skip
"""The functions that make the coordinates of scattered cells."""
NUMPY = numpy_like(
    "tensorflow", shape="tensorflow.shape", cast="tensorflow.cast", take="tensorflow.gather", isnan="tensorflow.math.is_nan", absolute="tensorflow.abs",
    power="tensorflow.pow", max="tensorflow.reduce_max", mean="tensorflow.reduce_mean", sum="tensorflow.reduce_sum", concatenate="tensorflow.concat",
    count_plane="tensorflow.math.floormod", scatter="tensorflow.tensor_scatter_nd_update",
)  # fmt: skip
VOCABULARY = replace(NUMPY, makers={**NUMPY.makers, "scatter": partial(scatter_in_tensor, COORDINATES)})
