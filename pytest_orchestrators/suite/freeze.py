"""Freeze a version of the contract: `python -m pytest_orchestrators.suite.freeze VERSION`.

For those who make a version, before it is released; afterwards its file never changes again.
"""

from __future__ import annotations

import hashlib
import sys

from pytest_orchestrators.suite.frozen import derived, path_of


def freeze(version: str) -> str:
    """Write the file of a version as the catalogue has it, and return its checksum.

    Raises:
        ValueError: it is no version, or a requirement of it needs one that came later.
    """
    contract = derived(version)
    path = path_of(version)
    path.write_text(contract.text, encoding="utf-8")
    return checksum(version)


def checksum(version: str) -> str:
    """The SHA-256 of the file of a version, as a test holds it."""
    return hashlib.sha256(path_of(version).read_bytes()).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m pytest_orchestrators.suite.freeze VERSION")
    print(f"{path_of(sys.argv[1])}\nsha256 {freeze(sys.argv[1])}")
