"""IREE: its adapter and known differences."""
