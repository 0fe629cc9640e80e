"""LiteRT, formerly TensorFlow Lite: its adapter, its known differences, and what all runtimes of `.tflite` models share."""
