"""The documentation site: what of it is made from the catalogue when it is built."""
