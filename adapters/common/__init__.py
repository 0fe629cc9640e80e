"""What the parent and the worker share: frames, packing, and loading adapters."""
