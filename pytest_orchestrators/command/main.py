"""Commands and their arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_orchestrators.command.errors import CommandError
from pytest_orchestrators.command.judging import judged
from pytest_orchestrators.command.listing import explain, listing
from pytest_orchestrators.command.new import write_package
from pytest_orchestrators.command.report import diff, merge
from pytest_orchestrators.selection.errors import SelectionError

#: Exit code of a command that cannot be carried out, as argparse has it.
USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command; the exit code is 0, or 2 with the reason on standard error.

    That of `judge` is the verdict's; that of `report diff` is 1 where something has become worse.
    """
    given = _parser().parse_args(arguments)
    try:
        if given.command == "new":
            print(write_package(given.name, Path(given.dir)))
        elif given.command == "explain":
            print("\n\n".join(explain(id) for id in given.requirement))
        elif given.command == "report":
            return _report(given)
        elif given.command == "judge":
            told, code = judged(given.evidence)
            print(told)
            return code
        else:
            print(listing(given.what, Path.cwd()))
    except (CommandError, SelectionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    return 0


def _report(given: argparse.Namespace) -> int:
    """Carry out `report merge` or `report diff`."""
    if given.what == "merge":
        print(merge(given.folder, given.reports))
        return 0
    told, code = diff(given.old, given.new)
    print(told)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_orchestrators",
        description="Find out whether an ML pipeline orchestrator is correct.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="write a small flavor package whose suite starts green")
    new.add_argument("name", help="name of the flavor, for example mine")
    new.add_argument(
        "--dir", default=".", help="folder in which the package's folder is made (default: here)"
    )
    explained = commands.add_parser(
        "explain", help="say what a requirement wants, why, and how it is observed"
    )
    explained.add_argument("requirement", nargs="+", metavar="ID", help="for example RUN-3")
    judging = commands.add_parser("judge", help="judge recorded evidence; exit codes as those of the suite")
    judging.add_argument(
        "evidence", type=Path, metavar="EVIDENCE.json", help="evidence as the suite wrote it"
    )
    listed = commands.add_parser("list", help="list the flavors and the requirements")
    listed.add_argument("what", nargs="?", choices=("flavors", "requirements"), help="only these")
    _add_report(commands.add_parser("report", help="merge or compare reports of the conformance suite"))
    return parser


def _add_report(report: argparse.ArgumentParser) -> None:
    what = report.add_subparsers(dest="what", required=True, metavar="WHAT")
    merging = what.add_parser("merge", help="make one report of those of several flavors or shards")
    merging.add_argument("folder", type=Path, metavar="OUT_DIR", help="folder that the report is written to")
    merging.add_argument("reports", type=Path, nargs="+", metavar="REPORT.json", help="reports to merge")
    comparing = what.add_parser("diff", help="say what has changed; exit code 1 if something became worse")
    comparing.add_argument("old", type=Path, metavar="OLD.json", help="the report before")
    comparing.add_argument("new", type=Path, metavar="NEW.json", help="the report after")
