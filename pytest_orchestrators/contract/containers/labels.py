"""The labels by which images of ours are known."""

from __future__ import annotations

ENVIRONMENT_LABEL = "pytest-orchestrators.environment"
"""On a parent image: stands for the interpreter and the versions of the distributions in it."""

SOURCES_LABEL = "pytest-orchestrators.sources"
"""On a parent image: stands for the files of its editable distributions."""

PARENT_LABEL = "pytest-orchestrators.parent"
"""On the image of a pipeline: the id of the image that it was built upon."""
