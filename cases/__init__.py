"""What pooling is: cases, windows, the oracle and the judge, in Python and NumPy alone."""
