"""What MNN does not have beyond what ONNX lacks."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.gaps import GAPS

MNN_GAPS = (Gap("*", "gradient", "MNN's sessions do not differentiate", "MNN.Interpreter.gradient"), *GAPS)
