"""tinygrad: its adapter, gaps, functions and known differences."""
