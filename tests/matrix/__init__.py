"""The detection matrix: every wrong orchestrator judged by the whole catalogue, and every right one.

`python -m tests.matrix` writes it to `docs/`; with `--check` it compares, which is what CI does.
"""
