"""Writing pipelines: typed functions become steps, calls between them become a graph."""
