"""What IREE does not have beyond what ONNX lacks."""

from __future__ import annotations

from ...contract import Gap
from ..onnx.gaps import GAPS

IREE_GAPS = (Gap("*", "gradient", "IREE does not differentiate", "iree.runtime.load_vm_flatbuffer.gradient"), *GAPS)
