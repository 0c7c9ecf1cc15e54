"""Artifacts and materializers: what steps hand to one another, and how it is stored."""
