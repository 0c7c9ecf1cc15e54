"""Steps and pipelines as processes of their own."""
