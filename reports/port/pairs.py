"""Maxima that give their values and indices as a pair, of which people take the values: `torch.max(x, 2)[0]`."""

from __future__ import annotations

import ast

from ...cases.model.call_text import dotted_name


class MaximaOfPairs(ast.NodeTransformer):
    """Replaces the values of torch's maximum along an axis, which gives indices too, by the reduction that gives the values alone."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """`x.max(-1).values` as `x.amax(-1)`."""
        self.generic_visit(node)
        return plain_maximum(node.value) or node if node.attr == "values" else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`torch.max(x, 2)[0]` as `torch.amax(x, 2)`; an array without an axis that is called `dim` may be another framework's."""
        self.generic_visit(node)
        first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        maximum = plain_maximum(node.value) if first else None
        is_of_torch = isinstance(node.value, ast.Call) and (
            dotted_name(node.value.func) == "torch.max" or any(word.arg in ("dim", "keepdim") for word in node.value.keywords)
        )
        return maximum if maximum and is_of_torch else node


def plain_maximum(node: ast.expr) -> ast.Call | None:
    """The reduction that gives the values of a maximum along an axis; None for other expressions."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "max":
        return None
    array, args = (node.args[0], node.args[1:]) if dotted_name(node.func) == "torch.max" and node.args else (node.func.value, node.args)
    return ast.copy_location(ast.Call(ast.Attribute(array, "amax", ast.Load()), args, node.keywords), node)
