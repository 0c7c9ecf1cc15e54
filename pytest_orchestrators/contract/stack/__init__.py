"""Stacks: an orchestrator and the stores and services that it works with."""
