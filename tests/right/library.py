"""A library that an orchestrator imports when it first needs it, and that sets itself up as libraries do."""

import logging
import os
import warnings


class LibraryWarning(UserWarning):
    """What it warns by."""


logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())
talking = logging.getLogger(f"{__name__}.talking")
talking.addHandler(logging.StreamHandler())
talking.setLevel(logging.WARNING)
logging.getLogger("asyncio").setLevel(logging.ERROR)
os.environ.setdefault("TESTS_RIGHT_LIBRARY_THREADS", "1")
warnings.filterwarnings("default", category=LibraryWarning)
warnings.filterwarnings("ignore", message="a library of the tests", append=True)
