"""Mutants: a module's source with one change in it, under an id that does not move with the lines."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutation.operators import changes

ROOT = Path(__file__).parents[2]
#: What is changed: the contract's own orchestrators, and the reference flavor that stands on them.
FOLDERS = ("pytest_orchestrators/contract/orchestrators", "reference_flavors/local")
#: Names that nothing hangs on when a person calls them otherwise.
_NAMES_ONLY = ("logger", "__all__")


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        id: module, function, operator, and a digest of what was changed into what.
        module: the module that it takes the place of.
        line: where the change is.
        before: the changed piece as it was.
        after: the changed piece as it is.
        text: the source of the whole module.
    """

    id: str
    module: str
    line: int
    before: str
    after: str
    text: str

    @property
    def shown(self) -> tuple[str, str]:
        """The changed piece as it was and as it is, without the lines that they begin and end with alike."""
        was, now = self.before.splitlines(), self.after.splitlines()
        while was and now and was[0] == now[0]:
            del was[0], now[0]
        while was and now and was[-1] == now[-1]:
            del was[-1], now[-1]
        return "\n".join(was), "\n".join(now)


def modules() -> dict[str, Path]:
    """The modules that are changed, with their files."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in paths
        if path.name != "__init__.py"
    }


def mutants() -> Iterator[Mutant]:
    """Every mutant of every module, in the order of the sources."""
    for module, path in modules().items():
        yield from mutants_of(module, path.read_text(encoding="utf-8"))


def mutants_of(module: str, text: str) -> Iterator[Mutant]:
    """Every mutant of one module."""
    tree = ast.parse(text)
    again: Counter[str] = Counter()
    for place in _places(tree, ()):
        before = ast.unparse(place.node)
        for operator, changed in changes(place.node):
            after = (
                "\n".join(map(ast.unparse, changed)) if isinstance(changed, list) else ast.unparse(changed)
            )
            id = f"{module.split('.')[-1]}:{'.'.join(place.path) or 'module'}:{operator.replace(' ', '-')}"
            again[id + before + after] += 1
            digest = _digest(before, after, again[id + before + after])
            source = place.with_changed(tree, changed)
            yield Mutant(f"{id}:{digest}", module, place.line, before, after, source)


def _digest(before: str, after: str, time: int) -> str:
    return hashlib.sha256(repr((before, after, time)).encode()).hexdigest()[:4]


@dataclass(frozen=True)
class _Place:
    """A node, where it hangs in its parent, and in which class and function."""

    node: Any
    parent: Any
    field: str
    index: int | None
    path: tuple[str, ...]

    @property
    def line(self) -> int:
        """Where it is; a `for` inside brackets is where the bracket is."""
        return int(getattr(self.node, "lineno", 0) or self.parent.lineno)

    def with_changed(self, tree: ast.Module, changed: ast.AST | list[ast.stmt]) -> str:
        """The source of the tree with something else in this place; the tree is left as it was."""
        siblings = getattr(self.parent, self.field)
        made: Any = changed
        if self.index is not None:
            new = changed if isinstance(changed, list) else [changed]
            made = [*siblings[: self.index], *new, *siblings[self.index + 1 :]]
        setattr(self.parent, self.field, made)
        try:
            return ast.unparse(ast.fix_missing_locations(tree))
        finally:
            setattr(self.parent, self.field, siblings)


def _places(parent: ast.AST, path: tuple[str, ...]) -> Iterator[_Place]:
    """Everything in a tree that may be changed: no annotation, no docstring, nothing that only types need."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns"):
            continue
        many = isinstance(value, list)
        for index, node in enumerate(value if many else [value]):
            if not isinstance(node, ast.AST) or _left_alone(node):
                continue
            inside = (*path, node.name) if isinstance(node, ast.ClassDef | ast.FunctionDef) else path
            yield _Place(node, parent, field, index if many else None, inside)
            if not isinstance(node, ast.JoinedStr):
                yield from _places(node, inside)


def _left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id in _NAMES_ONLY for target in node.targets
    )
