"""ONNX Runtime: its adapter, gaps, layers and known differences."""
