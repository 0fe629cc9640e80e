"""OpenCV's dnn module: its adapter and known differences."""
