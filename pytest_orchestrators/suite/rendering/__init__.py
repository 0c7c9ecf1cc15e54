"""Rendering: a verdict as text."""
