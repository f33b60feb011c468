"""A condition as a structure that a form edits, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from chengdan.modules.process.rules import conditions as c
from chengdan.modules.process.rules.mistakes import Mistake


def to_form(node: c.Node) -> dict[str, Any]:
    """Return the condition as nested `all` / `any` / `not` groups of rows."""
    match node:
        case c.And(parts):
            return {"all": [to_form(part) for part in parts]}
        case c.Or(parts):
            return {"any": [to_form(part) for part in parts]}
        case c.Not(part):
            return {"not": to_form(part)}
        case c.Among(fact, values):
            listed = [_side_form(value) for value in values]
            return {"left": _side_form(fact), "operator": "in", "right": listed}
        case c.Compare(left, operator, right):
            return {"left": _side_form(left), "operator": operator, "right": _side_form(right)}


def _side_form(side: c.Side) -> dict[str, Any]:
    match side:
        case c.Fact(name):
            return {"fact": name}
        case c.Product(factors):
            return {"product": [_side_form(factor) for factor in factors]}
        case c.Literal_(value):
            if isinstance(value, Decimal):
                return {"number": format(value, "f")}
            return {"value": value}


def from_form(form: dict[str, Any]) -> c.Node:
    """Return the condition of a structure made by `to_form`.

    Raises:
        ConditionError: a part is not of that shape.
    """
    try:
        return _node(form)
    except (KeyError, TypeError, ArithmeticError, ValueError) as error:
        raise c.ConditionError(Mistake("not a condition: %(text)s", {"text": error})) from None


def _node(form: dict[str, Any]) -> c.Node:
    if "all" in form:
        return c.And(tuple(_node(part) for part in form["all"]))
    if "any" in form:
        return c.Or(tuple(_node(part) for part in form["any"]))
    if "not" in form:
        return c.Not(_node(form["not"]))
    if form["operator"] == "in":
        fact = _side(form["left"])
        values = [_side(value) for value in form["right"]]
        constants = tuple(value for value in values if isinstance(value, c.Literal_))
        if not isinstance(fact, c.Fact) or not constants or len(constants) != len(values):
            raise c.ConditionError(Mistake("`in` needs a fact and constants"))
        return c.Among(fact, constants)
    if form["operator"] not in c.OPERATORS:
        raise c.ConditionError(Mistake("unknown operator '%(name)s'", {"name": form["operator"]}))
    return c.Compare(_side(form["left"]), form["operator"], _side(form["right"]))


def _side(form: dict[str, Any]) -> c.Side:
    if "fact" in form:
        return c.Fact(form["fact"])
    if "number" in form:
        return c.Literal_(Decimal(form["number"]))
    if "product" in form:
        factors = [_side(factor) for factor in form["product"]]
        flat = tuple(factor for factor in factors if not isinstance(factor, c.Product))
        if len(flat) != len(factors) or len(flat) < 2:
            raise c.ConditionError(Mistake("a product has two or more simple factors"))
        return c.Product(flat)
    return c.Literal_(form["value"])
