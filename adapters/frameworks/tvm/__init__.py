"""TVM: its adapter and known differences."""
