"""The orchestrator contract: what is run, on what, by whom, and what an orchestrator builds upon."""
