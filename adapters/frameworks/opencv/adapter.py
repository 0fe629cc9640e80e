"""OpenCV's dnn module: ONNX models, which must state the number of axes of their results."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Ask, Form, Ref, Step, Target
from ..onnx.base import OnnxRunner
from .gaps import FORMS, GAPS


class OpenCv(OnnxRunner):
    """ONNX models in OpenCV's dnn module."""

    targets = (
        Target(
            "opencv",
            ("cv2", "onnx"),
            ("opencv-python-headless|opencv-python|opencv-contrib-python|opencv-contrib-python-headless", "onnx"),
            "opencv",
            prepare=(Step("", "cv2.setNumThreads", (1,)),),
        ),
    )
    title = "OpenCV"
    ledger_versions = {"opencv-python-headless": ("5.0",)}
    variant_of = "onnxruntime"
    environment_prefixes = ("OPENCV_",)
    states_ranks = True
    loader = (
        Step("data", "model.SerializeToString"),
        Step("data", "numpy.frombuffer", (Ref("data"), "uint8")),
        Step("session", "cv2.dnn.readNetFromONNX", (Ref("data"),)),
    )

    forms = FORMS
    gaps = GAPS

    def form(self, ask: Ask) -> Form:
        """The form of an operation; un-poolings and indices are those of planes."""
        if ask.pool.op == "max_unpool" and ask.rank != 2:
            self.unsupported(ask, "op")
        if "indices" in ask.wants and ask.pool.op == "max_pool" and ask.rank != 2:
            self.unsupported(ask, "indices")
        return super().form(ask)

    def run_steps(self, arrays: Sequence[str], results: tuple[str, ...]) -> tuple[Step, ...]:
        """The arrays one by one, then the results of the network."""
        return (*(Step("", "session.setInput", (Ref(name), name)) for name in arrays), Step(results, "session.forward", (list(results),)))


ADAPTER = OpenCv()
