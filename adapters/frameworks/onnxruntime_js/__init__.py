"""ONNX Runtime for JavaScript."""
