"""`python -m pytest_orchestrators`."""

from __future__ import annotations

import sys

from pytest_orchestrators.command.main import main

if __name__ == "__main__":
    sys.exit(main())
