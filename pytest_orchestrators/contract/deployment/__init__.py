"""Deployments: compiled pipelines as data."""
