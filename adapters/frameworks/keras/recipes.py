"""Keras's functions for what recipes do around a pooling."""

from __future__ import annotations

from ...contract.verbs import numpy_like

VOCABULARY = numpy_like("keras.ops", shape="keras.ops.shape", cast="keras.ops.cast")
