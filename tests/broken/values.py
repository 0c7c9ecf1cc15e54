"""Wrong ways of handing on the values and names of parameters: by line, by argument, cut, stripped."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from tests.broken.nodes import RewritesNodes, change_payload
from tests.broken.sins import sin


class RewritesTexts(RewritesNodes):
    """Puts every parameter that is a text through `rewritten`. On its own it changes none."""

    def rewritten(self, text: str) -> str:
        """What becomes of a text."""
        return text

    def rewrite(self, node: Any) -> None:
        def change(payload: dict[str, Any]) -> None:
            for name, value in payload["parameters"].items():
                if isinstance(value, str):
                    payload["parameters"][name] = self.rewritten(value)

        change_payload(node, change)


@sin("ISO-3")
class ParametersByLine(RewritesTexts):
    """Writes parameters as lines, and reads each back up to the end of its line."""

    def rewritten(self, text: str) -> str:
        return text.partition("\n")[0]


@sin("ISO-3")
class SplitsAssignments(RewritesTexts):
    """Hands parameters on as NAME=VALUE, and splits them at every equals sign."""

    def rewritten(self, text: str) -> str:
        return f"name={text}".split("=")[1]


@sin("ISO-3")
class StripsValues(RewritesTexts):
    """Spaces around a value are nobody's intention."""

    def rewritten(self, text: str) -> str:
        return text.strip()


@sin("ISO-3")
class ValuesByCommandLine(RewritesTexts):
    """Hands values on as arguments of a program, which cannot hold every character."""

    def rewritten(self, text: str) -> str:
        command = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdout.write(sys.argv[1])", text]
        return subprocess.run(command, capture_output=True, text=True).stdout


@sin("ISO-3")
class ValuesInAscii(RewritesTexts):
    """Values are written in ASCII, with question marks for what that does not have."""

    def rewritten(self, text: str) -> str:
        return text.encode("ascii", "replace").decode()


@sin("ISO-3")
class CutsValues(RewritesTexts):
    """Values are cut at 4096 characters, as annotations are."""

    def rewritten(self, text: str) -> str:
        return text[:4096]


@sin("ISO-3")
class EqualNamesOfParameters(RewritesNodes):
    """Parameters whose names differ in what a variable's name cannot have share a value."""

    def rewrite(self, node: Any) -> None:
        def change(payload: dict[str, Any]) -> None:
            variables = {_variable(name): value for name, value in payload["parameters"].items()}
            payload["parameters"] = {name: variables[_variable(name)] for name in payload["parameters"]}

        change_payload(node, change)


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name.upper())
