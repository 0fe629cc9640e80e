"""ONNX: what all runtimes of its models share, and its reference evaluator as a target. Each other runtime has a folder of its own."""
