"""`--value`: what an event is worth, as arithmetic over its numeric properties.

In: an expression such as `properties.quantity * properties.unit_price_gbp`. Out: a SQL scalar over the column
`properties` with its bound parameters. Promises: only names, numbers, + − * / and brackets are understood; nothing of the
expression is passed on as SQL.
"""

from __future__ import annotations

import ast

from ..errors import UsageError
from .corpus import Binder

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def value_sql(expression: str, binder: Binder) -> str:
    """SQL of the expression; UsageError names the part that is not understood."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise _bad(expression, expression) from None
    return _sql(tree.body, expression, binder)


def _sql(node: ast.expr, expression: str, binder: Binder) -> str:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _sql(node.left, expression, binder), _sql(node.right, expression, binder)
        if isinstance(node.op, ast.Div):
            right = f"nullif({right}, 0)"
        return f"({left} {_OPERATORS[type(node.op)]} {right})"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"(-{_sql(node.operand, expression, binder)})"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return f"CAST({binder.bind(float(node.value))} AS DOUBLE)"
    if isinstance(node, ast.Attribute | ast.Name):
        name = ast.unparse(node).removeprefix("properties.")
        path = '$."' + name.replace('"', '\\"') + '"'
        return f"TRY_CAST(json_extract_string(properties, {binder.bind(path)}) AS DOUBLE)"
    raise _bad(ast.unparse(node), expression)


def _bad(part: str, expression: str) -> UsageError:
    return UsageError(
        f"--value: {part!r} in {expression!r} is not understood.",
        hint="Write names of properties, numbers, + - * / and brackets, e.g. 'properties.quantity*properties.price'.",
    )
