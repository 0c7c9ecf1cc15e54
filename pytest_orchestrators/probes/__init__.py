"""Probe steps and their journal: what a conformance run executes inside steps. Standard library only."""
