"""The mutation score: the reference sources, changed in one place at a time, judged by the suite alone.

`python -m tests.mutation` writes it to `docs/mutation-score.md`. It informs; what gates is `tests.matrix`.
"""
