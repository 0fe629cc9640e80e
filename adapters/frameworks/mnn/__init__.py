"""MNN: its adapter and known differences."""
