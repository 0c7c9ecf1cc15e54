"""Launching one step: the record, the fence, the executor and everything in between."""
