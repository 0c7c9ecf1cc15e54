"""The conformance suite inside pytest: its items, its progress, its summary. The verdict is the judge's."""
