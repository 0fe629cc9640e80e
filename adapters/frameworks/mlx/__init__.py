"""MLX: its adapter, gaps, layers and known differences."""
