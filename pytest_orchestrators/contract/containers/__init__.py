"""Container images: what a pipeline's steps run in where an orchestrator puts them into containers."""
