"""TensorFlow's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract.verbs import numpy_like

VOCABULARY = numpy_like(
    "tensorflow", cast="tensorflow.cast", take="tensorflow.gather", isnan="tensorflow.math.is_nan", absolute="tensorflow.abs",
    power="tensorflow.pow",
)  # fmt: skip
