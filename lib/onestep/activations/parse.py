"""Turn a string into a sympy expression without evaluating it as Python."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from .pieces import SMOOTH, Z

MAX_LENGTH = 1500  # he(64) has 1335, as sympy prints it
MAX_EXPONENT = 64
_MAX_NUMBER = sp.Integer(10) ** 50

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{function.__name__: function for function in SMOOTH},
    **{"sqrt": sp.sqrt, "abs": sp.Abs, "sign": sp.sign, "step": sp.Heaviside},
    **{"max": sp.Max, "min": sp.Min},
    # As sympy prints them.
    **{each.__name__: each for each in (sp.Abs, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)},
}
_NUMBERS = (sp.pi, sp.E, sp.EulerGamma, sp.Catalan, sp.GoldenRatio, sp.TribonacciConstant)
CONSTANTS: Mapping[str, Any] = {"e": sp.E, **{str(number): number for number in _NUMBERS}}
SYMBOL = re.compile(r"(?!I$)[^\W\d_]_?\d*")
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

_RELATIONS: Mapping[type[ast.cmpop] | str, Callable[[Any, Any], Any]] = {
    ast.Lt: sp.StrictLessThan,
    ast.LtE: sp.LessThan,
    ast.Gt: sp.StrictGreaterThan,
    ast.GtE: sp.GreaterThan,
    "Eq": sp.Equality,
    "Ne": sp.Unequality,
}
_LOGIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.BitAnd: sp.And,
    ast.BitOr: sp.Or,
}

Resolver = Callable[[str, tuple[Any, ...]], Any]
"""Maps a name and its numeric parameters to an expression in z; raises KeyError if unknown."""


def parse(text: str, resolve: Resolver) -> Any:
    """Parse an arithmetic expression in ``z``, and refuse what is none.

    Allowed are numbers, ``z``, ``pi``, ``e``, ``+ - * / **``, the functions in ``FUNCTIONS``,
    the name of an activation (``relu + he(3)``: both at z), and an activation applied to an
    expression (``relu(z - 1)``); `resolve` looks up their names. What sympy prints of such an
    expression is read, too, ``Max(0, z)`` or ``Piecewise((0, z < 0), (z, True))``; and any one
    letter, perhaps numbered, may stand for ``z``. The text is read as a syntax tree; no part of
    it is ever executed.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"activation: expression of {len(text)} characters; at most {MAX_LENGTH}")
    try:
        tree = _tree(text)
        return _bounded(_Reader(text, resolve, _symbol(tree, text)).value(tree), text)
    except (RecursionError, MemoryError):
        raise ValueError(f"activation: {text!r} is nested too deeply to be read") from None


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"activation: {text!r} is not an arithmetic expression in z") from error


def _symbol(tree: ast.expr, text: str) -> str:
    """The one letter, perhaps numbered, that stands for ``z``."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = sorted(name for name in names - CONSTANTS.keys() if SYMBOL.fullmatch(name))
    if len(found) > 1:
        raise ValueError(f"activation: {text!r} has the symbols {found}; one is allowed")
    return found[0] if found else "z"


@dataclass(frozen=True)
class _Reader:
    """Reads the syntax tree of a text in which ``symbol`` stands for ``z``."""

    text: str
    resolve: Resolver
    symbol: str

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                if abs(value) > _MAX_NUMBER:
                    raise ValueError(f"activation: a number in {self.text!r} is beyond 1e50")
                # Decimal text, so that 0.1 means one tenth.
                return _bounded(sp.Rational(str(value)), self.text)
            case ast.Name(id=name):
                return Z if name == self.symbol else self._named(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _bounded(
                    _OPERATORS[type(op)](self.value(left), self.value(right)), self.text
                )
            case ast.Call(func=ast.Name(id="Piecewise"), args=pairs, keywords=[]) if pairs:
                return _bounded(sp.Piecewise(*map(self._branch, pairs)), self.text)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, [self.value(argument) for argument in arguments])
        raise self._refused(
            node, "numbers, z, + - * / **, known functions and the names of activations"
        )

    def _branch(self, node: ast.expr) -> tuple[Any, Any]:
        match node:
            case ast.Tuple(elts=[value, condition]):
                return self.value(value), self._condition(condition)
        raise self._refused(node, "pairs of a value and a condition, as (z, z > 0)")

    def _condition(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=bool() as value):
                return sp.true if value else sp.false
            case ast.Compare(left=left, ops=ops, comparators=rest) if _RELATIONS.keys() >= set(
                map(type, ops)
            ):
                sides = [self.value(side) for side in (left, *rest)]
                return sp.And(
                    *(
                        _RELATIONS[type(op)](*pair)
                        for op, pair in zip(ops, pairwise(sides), strict=True)
                    )
                )
            case ast.Call(func=ast.Name(id="Eq" | "Ne" as name), args=[left, right], keywords=[]):
                return _RELATIONS[name](self.value(left), self.value(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _LOGIC:
                return _LOGIC[type(op)](self._condition(left), self._condition(right))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return sp.Not(self._condition(operand))
        raise self._refused(node, "conditions such as z < 0, (z > -1) & (z <= 1), or True")

    def _named(self, name: str) -> Any:
        if name in CONSTANTS:
            return CONSTANTS[name]
        try:
            return self.resolve(name, ())
        except KeyError:
            raise _unknown(name, self.text) from None

    def _call(self, name: str, arguments: list[Any]) -> Any:
        numeric = all(argument.is_number for argument in arguments)
        if numeric and name not in FUNCTIONS:
            try:
                return self.resolve(name, tuple(arguments))
            except KeyError:
                pass
        if name in FUNCTIONS:
            return self._function(name, arguments)
        if len(arguments) == 1:
            return self._named(name).subs(Z, arguments[0])
        raise _unknown(name, self.text)

    def _function(self, name: str, arguments: list[Any]) -> Any:
        if name == "Heaviside" and arguments[1:] == [sp.Rational(1, 2)]:
            del arguments[1]  # the value at 0 that it has anyway
        several = FUNCTIONS[name] in (sp.Max, sp.Min)
        if len(arguments) < 1 + several or (not several and len(arguments) > 1):
            raise ValueError(f"activation: {name} in {self.text!r} got {len(arguments)} arguments")
        return _bounded(FUNCTIONS[name](*arguments), self.text)

    def _power(self, base: Any, exponent: Any) -> Any:
        if base.is_number and base.is_positive and exponent.has(Z):
            return exponential(base, exponent)
        if not (exponent.is_number and exponent.is_real and abs(exponent) <= MAX_EXPONENT):
            raise ValueError(
                f"activation: exponent {exponent} in {self.text!r}; allowed are numbers up to "
                f"{MAX_EXPONENT}, or any exponent of a positive number"
            )
        return _bounded(base**exponent, self.text)

    def _refused(self, node: ast.expr, allowed: str) -> ValueError:
        return ValueError(
            f"activation: {ast.unparse(node)!r} in {self.text!r} is not allowed; use {allowed}"
        )


def exponential(base: Any, exponent: Any) -> Any:
    """Return ``base**exponent`` as an exponential, the one form in which it is understood."""
    return sp.exp(exponent * sp.log(base))


def _unknown(name: str, text: str) -> ValueError:
    return ValueError(
        f"activation: {name!r} in {text!r} is neither an activation nor one of the functions "
        f"{', '.join(FUNCTIONS)}"
    )


def _bounded(value: Any, text: str) -> Any:
    """Refuse division by zero and numbers that grow without limit."""
    if value.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise ValueError(f"activation: {text!r} is not a real, finite expression")
    if value.is_Rational and max(abs(value.p), value.q) > _MAX_NUMBER:
        raise ValueError(f"activation: a number in {text!r} is beyond 1e50")
    return value
