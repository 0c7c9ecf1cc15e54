"""Orchestrators: their base classes, and what they know while they run."""
