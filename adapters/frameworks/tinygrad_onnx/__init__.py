"""tinygrad's runner of ONNX models: its adapter and known differences."""
