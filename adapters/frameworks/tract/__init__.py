"""tract: its adapter and known differences."""
