"""The text of a spec with so many cases that a run of them can be interrupted."""

MANY = """
about: Windows that are moved by their own size.
op: max_pool
cases:
  pairs:
    about: Two windows.
    input: {distinct: [1, 1, 64]}
    matrix: {kernel: [[2], [3], [4], [5]], stride: [[1], [2], [3], [4]], dilation: [[1], [2], [3]], padding: [valid, same]}
"""
COUNT = 96
"""The cases that the matrix makes."""
