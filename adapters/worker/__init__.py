"""The worker's side: one process that holds one framework and answers jobs. Standard library and NumPy alone."""
