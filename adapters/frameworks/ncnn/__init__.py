"""ncnn: its adapter, gaps and known differences."""
