"""What speed costs, and against whom: ratios measured within one run.

`python -m benchmarks` prints one table; a part of it by name, as in `python -m benchmarks steps`.
"""
