"""Turn a string into a sympy expression without evaluating it as Python."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from .pieces import Z

MAX_LENGTH = 500
MAX_EXPONENT = 64
_MAX_NUMBER = sp.Integer(10) ** 50

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "atan": sp.atan,
    "asinh": sp.asinh,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "abs": sp.Abs,
    "sign": sp.sign,
    "step": sp.Heaviside,
    "max": sp.Max,
    "min": sp.Min,
}
_CONSTANTS: Mapping[str, Any] = {"z": Z, "pi": sp.pi, "e": sp.E}
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

Resolver = Callable[[str, tuple[Any, ...]], Any]
"""Maps a name and its numeric parameters to an expression in z; raises KeyError if unknown."""


def parse(text: str, resolve: Resolver) -> Any:
    """Parse an arithmetic expression in ``z``.

    Allowed are numbers, ``z``, ``pi``, ``e``, ``+ - * / **``, the functions in ``FUNCTIONS``, the
    name of an activation (``relu + he(3)``: both at z), and an activation applied to an expression
    (``relu(z - 1)``). The text is read as a syntax tree; no part of it is ever executed.

    Parameters
    ----------
    text
        At most 500 characters.
    resolve
        Looks up the names of activations.

    Raises
    ------
    ValueError
        The text is not of that form.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"activation: expression of {len(text)} characters; at most {MAX_LENGTH}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"activation: {text!r} is not an arithmetic expression in z") from error
    return _bounded(_convert(tree.body, text, resolve), text)


def _convert(node: ast.expr, text: str, resolve: Resolver) -> Any:
    def sub(child: ast.expr) -> Any:
        return _convert(child, text, resolve)

    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if abs(value) > _MAX_NUMBER:
                raise ValueError(f"activation: a number in {text!r} is beyond 1e50")
            # Decimal text, so that 0.1 means one tenth.
            return _bounded(sp.Rational(str(value)), text)
        case ast.Name(id=name):
            return _named(name, text, resolve)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -sub(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return sub(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(sub(left), sub(right), text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](sub(left), sub(right)), text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [sub(argument) for argument in arguments], text, resolve)
    raise ValueError(
        f"activation: {ast.unparse(node)!r} in {text!r} is not allowed; "
        "use numbers, z, + - * / **, known functions and the names of activations"
    )


def _named(name: str, text: str, resolve: Resolver) -> Any:
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    try:
        return resolve(name, ())
    except KeyError:
        raise _unknown(name, text) from None


def _call(name: str, arguments: list[Any], text: str, resolve: Resolver) -> Any:
    numeric = all(argument.is_number for argument in arguments)
    if numeric and name not in FUNCTIONS:
        try:
            return resolve(name, tuple(arguments))
        except KeyError:
            pass
    if name in FUNCTIONS:
        wanted = 2 if name in ("max", "min") else 1
        if len(arguments) < wanted or (wanted == 1 and len(arguments) > 1):
            raise ValueError(f"activation: {name} in {text!r} got {len(arguments)} arguments")
        return _bounded(FUNCTIONS[name](*arguments), text)
    if len(arguments) == 1:
        return _named(name, text, resolve).subs(Z, arguments[0])
    raise _unknown(name, text)


def _unknown(name: str, text: str) -> ValueError:
    return ValueError(
        f"activation: {name!r} in {text!r} is neither an activation nor one of the functions "
        f"{', '.join(FUNCTIONS)}"
    )


def _power(base: Any, exponent: Any, text: str) -> Any:
    if not (exponent.is_rational and abs(exponent) <= MAX_EXPONENT):
        raise ValueError(
            f"activation: exponent {exponent} in {text!r}; allowed are rational numbers "
            f"up to {MAX_EXPONENT} (write exp(...) for exponentials)"
        )
    return _bounded(base**exponent, text)


def _bounded(value: Any, text: str) -> Any:
    """Refuse division by zero and numbers that grow without limit."""
    if value.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise ValueError(f"activation: {text!r} is not a real, finite expression")
    if value.is_Rational and max(abs(value.p), value.q) > _MAX_NUMBER:
        raise ValueError(f"activation: a number in {text!r} is beyond 1e50")
    return value
