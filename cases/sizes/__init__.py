"""Sets of sizes: for which sizes of the input two poolings place the same windows."""
