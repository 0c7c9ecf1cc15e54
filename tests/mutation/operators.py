"""Operators: from one node of a syntax tree to the wrong nodes that somebody might have written instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

#: What an operator makes of a node: itself, and what takes its place (a list of statements for a statement).
Change = tuple[str, ast.AST | list[ast.stmt]]

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


def changes(node: ast.AST) -> Iterator[Change]:
    """All changes of one node; what is inside it is not looked at."""
    for kind, operator in _OPERATORS:
        if isinstance(node, kind):
            yield from operator(node)


def _with(node: Any, **fields: Any) -> Any:
    """A copy of a node with other fields."""
    made = copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _without(items: list[Any], item: Any) -> list[Any]:
    return [each for each in items if each is not item]


def _body(statements: list[ast.stmt]) -> list[ast.stmt]:
    return statements or [ast.Pass()]


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _condition(node: ast.If | ast.While | ast.IfExp | ast.Assert) -> Iterator[Change]:
    yield "negate condition", _with(node, test=_not(node.test))


def _filter(node: ast.comprehension) -> Iterator[Change]:
    for test in node.ifs:
        yield "negate filter", _with(node, ifs=[*_without(node.ifs, test), _not(test)])


def _removal(node: ast.Expr | ast.Raise | ast.AugAssign) -> Iterator[Change]:
    if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Call):
        yield "remove statement", ast.Pass()


def _assignment(node: ast.Assign) -> Iterator[Change]:
    if all(isinstance(target, ast.Attribute) for target in node.targets):
        yield "remove assignment", ast.Pass()
    if len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple):
        for target in node.targets[0].elts:
            if isinstance(target, ast.Attribute):
                yield "remove assignment", ast.Assign([copy(target)], copy(target), lineno=node.lineno)


def _returned(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "return nothing", ast.Return(None)
    if isinstance(node.value, ast.Call):
        yield "drop result", [ast.Expr(node.value), ast.Return(None)]


def _try(node: ast.Try) -> Iterator[Change]:
    rest = {"handlers": node.handlers, "orelse": node.orelse}
    if node.finalbody:
        inner = [_with(node, finalbody=[])] if node.handlers else node.body
        yield "remove finally", inner
        yield "finally only after success", [*inner, *node.finalbody]
    for handler in node.handlers:
        left = _without(node.handlers, handler)
        kept = [_with(node, **{**rest, "handlers": left})] if left or node.finalbody else node.body
        yield "remove except", kept


def _handler(node: ast.ExceptHandler) -> Iterator[Change]:
    if isinstance(node.type, ast.Name) and node.type.id == "BaseException":
        yield "narrow except", _with(node, type=ast.Name("Exception", ast.Load()))
    if any(isinstance(each, ast.Raise) for each in node.body):
        yield "swallow exception", _with(node, body=[ast.Pass()])


def _with_block(node: ast.With) -> Iterator[Change]:
    for item in node.items:
        left = _without(node.items, item)
        if item.optional_vars is None:
            yield "remove context", [_with(node, items=left)] if left else node.body


def _call(node: ast.Call) -> Iterator[Change]:
    for keyword in node.keywords:
        yield "drop keyword", _with(node, keywords=_without(node.keywords, keyword))
    if len(node.args) > 1:
        first, second, *rest = node.args
        yield "swap arguments", _with(node, args=[second, first, *rest])


def _comparison(node: ast.Compare) -> Iterator[Change]:
    for place, operation in enumerate(node.ops):
        other = _COMPARISONS[type(operation)]()
        yield "other comparison", _with(node, ops=[*node.ops[:place], other, *node.ops[place + 1 :]])


def _boolean(node: ast.BoolOp) -> Iterator[Change]:
    yield "and/or", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for value in node.values:
        left = _without(node.values, value)
        yield "drop operand", _with(node, values=left) if len(left) > 1 else left[0]


def _unary(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield "drop not", node.operand


def _arithmetic(node: ast.BinOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Add | ast.Sub):
        yield "plus/minus", _with(node, op=ast.Sub() if isinstance(node.op, ast.Add) else ast.Add())


def _constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield "other constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield "off by one", ast.Constant(value + 1)
    elif isinstance(value, str):
        yield "other text", ast.Constant("" if value else "something")


def _formatted(node: ast.JoinedStr) -> Iterator[Change]:
    yield "other text", ast.Constant("")


def _function(node: ast.FunctionDef) -> Iterator[Change]:
    for decorator in node.decorator_list:
        yield "remove decorator", _with(node, decorator_list=_without(node.decorator_list, decorator))
    yield "empty function", _with(node, body=[ast.Pass()])
    defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
    for default in defaults:
        if isinstance(default, ast.Constant) and default.value is None:
            places = [ast.Constant("something") if each is default else each for each in node.args.defaults]
            yield "other default", _with(node, args=_with(node.args, defaults=places))


def _declared(node: ast.AnnAssign) -> Iterator[Change]:
    if node.value is not None:
        yield "remove value", _with(node, value=None)


def _jump(node: ast.Break | ast.Continue) -> Iterator[Change]:
    yield "break/continue", ast.Continue() if isinstance(node, ast.Break) else ast.Break()


_OPERATORS: tuple[tuple[Any, Callable[[Any], Iterator[Change]]], ...] = (
    (ast.If | ast.While | ast.IfExp | ast.Assert, _condition),
    (ast.comprehension, _filter),
    (ast.Expr | ast.Raise | ast.AugAssign, _removal),
    (ast.Assign, _assignment),
    (ast.Return, _returned),
    (ast.Try, _try),
    (ast.ExceptHandler, _handler),
    (ast.With, _with_block),
    (ast.Call, _call),
    (ast.Compare, _comparison),
    (ast.BoolOp, _boolean),
    (ast.UnaryOp, _unary),
    (ast.BinOp, _arithmetic),
    (ast.Constant, _constant),
    (ast.JoinedStr, _formatted),
    (ast.FunctionDef, _function),
    (ast.AnnAssign, _declared),
    (ast.Break | ast.Continue, _jump),
)
