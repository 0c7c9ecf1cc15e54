"""Orchestrator flavors on real engines, written against the public names of `pytest_orchestrators` only."""
