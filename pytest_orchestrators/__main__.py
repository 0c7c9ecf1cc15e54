"""`python -m pytest_orchestrators`."""

from __future__ import annotations

import io
import sys

from pytest_orchestrators.command.main import main

if __name__ == "__main__":
    # Names of flavors and folders may hold what the terminal has no letters for.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
