"""TensorFlow's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract.verbs import numpy_like

VOCABULARY = numpy_like(
    "tensorflow", shape="tensorflow.shape", cast="tensorflow.cast", take="tensorflow.gather", isnan="tensorflow.math.is_nan", absolute="tensorflow.abs",
    power="tensorflow.pow", max="tensorflow.reduce_max", mean="tensorflow.reduce_mean", sum="tensorflow.reduce_sum", concatenate="tensorflow.concat",
)  # fmt: skip
