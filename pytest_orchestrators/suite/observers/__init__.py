"""Observers: what is seen of this process while a run goes on."""
