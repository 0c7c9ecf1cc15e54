"""The command ``python -m pytest_orchestrators.contract.containers.parent_image``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_orchestrators.contract.containers.engine import connect_to_engine
from pytest_orchestrators.contract.containers.parent_image.making import (
    DEFAULT_DISTRIBUTIONS,
    DEFAULT_TAG,
    ParentImageContents,
    ensure_parent_image,
)
from pytest_orchestrators.contract.errors import ContractError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_orchestrators.contract.containers.parent_image",
        description="Make a parent image for the containers of steps, with no registry and no network: the "
        "running interpreter, installed distributions and all that these require. An image that is up to "
        "date is left alone.",
    )
    parser.add_argument(
        "distributions",
        nargs="*",
        metavar="DISTRIBUTION",
        help=f"what steps import, beside {' '.join(DEFAULT_DISTRIBUTIONS)}: name or name[extra]",
    )
    parser.add_argument("--tag", default=DEFAULT_TAG, help="the image's name (default: %(default)s)")
    parser.add_argument(
        "--ca-bundle", type=Path, metavar="FILE", help="certificates to trust (default: this host's)"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the image and return the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tag = options.tag if ":" in options.tag.rpartition("/")[2] else f"{options.tag}:latest"
    try:
        contents = ParentImageContents.of([*DEFAULT_DISTRIBUTIONS, *options.distributions], options.ca_bundle)
        with connect_to_engine() as client:
            image = ensure_parent_image(client, contents, tag)
    except ContractError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{tag} is up to date ({image.short_id})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
