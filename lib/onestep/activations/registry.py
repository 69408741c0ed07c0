"""Look activations up by name, by parametrised name, or by expression."""

from __future__ import annotations

import copyreg
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import sympy as sp

from .activation import Activation
from .catalogue import fixed
from .families import elu, he, leaky_relu
from .parse import CONSTANTS, FUNCTIONS, SYMBOL, exponential, parse
from .pieces import Z, check_supported

MAX_DECIMAL_EXPONENT = 50
FAMILIES: Mapping[str, Callable[..., Activation]] = {"leaky_relu": leaky_relu, "elu": elu, "he": he}
_BUILT_IN: Mapping[str, Activation] = {a.name: a for a in fixed()}
_registered: dict[str, Activation] = {}


def names() -> tuple[str, ...]:
    """Return the names :func:`get` knows; a family shows its parameter, as in ``he(p)``.

    Examples
    --------
    >>> "relu" in names(), "he(p)" in names()
    (True, True)
    """
    families = ("leaky_relu(slope)", "elu(alpha)", "he(p)")
    return (*_BUILT_IN, *families, *_registered)


def get(activation: str | Activation | sp.Expr) -> Activation:
    """Return an activation.

    Parameters
    ----------
    activation
        A name (``"relu"``), a parametrised name (``"leaky_relu(0.1)"``, ``"he(3)"``), an
        expression in ``z`` or another letter (``"z*tanh(z)"``, ``"he(2) + 0.5*he(3)"``,
        ``"relu(x - 1)"``), a sympy expression with one free symbol, or what sympy prints of it
        (``"Piecewise((0, z < 0), (z, True))"``), or an Activation (returned as it is).

    Raises
    ------
    ValueError
        Unknown name, an expression outside the grammar of the parser, or a function that is not
        square-integrable under any Gaussian.

    Examples
    --------
    >>> get("he(2)").expression
    z**2 - 1
    >>> get("he(2) + 0.5*he(3)").expression
    z**3/2 + z**2 - 3*z/2 - 1
    >>> get("relu(z - 1)").kinks
    (1.0,)
    """
    if isinstance(activation, Activation):
        return activation
    if isinstance(activation, sp.Expr):
        return _named_expression(activation)
    if not isinstance(activation, str):
        raise ValueError(
            f"activation: {activation!r}; allowed are a name, an expression in z, or an Activation"
        )
    name = activation.strip()
    if name in _registered:
        return _registered[name]
    return _parsed(name)


def register(name: str, expression: str | sp.Expr) -> Activation:
    """Define an activation under a new name, for this process: ``get(name)`` finds it from now on.

    The name is a Python identifier of several letters that is not taken, except by the same
    definition; expressions and errors are as for :func:`get`.

    Examples
    --------
    >>> register("quarter_square", "z*z/4").parity
    'even'
    >>> get("quarter_square")([0.0, 2.0])
    array([0., 1.])
    """
    if (
        not isinstance(name, str)
        or not name.isidentifier()
        or name in {**FUNCTIONS, **CONSTANTS}
        or SYMBOL.fullmatch(name)
    ):
        raise ValueError(
            f"name: {name!r}; allowed are identifiers of several letters that are no functions or "
            "constants of the grammar"
        )
    found = get(expression)
    new = Activation(name, found.expression, found._value, found._slope, found.strip)
    if name in _BUILT_IN or name in FAMILIES or _registered.get(name, new) != new:
        raise ValueError(f"name: {name!r} is taken; allowed is any other name")
    _registered[name] = new
    return new


def registered() -> dict[str, Any]:
    """Return the expressions of the names that this process has registered."""
    return {name: activation.expression for name, activation in _registered.items()}


def _restore(name: str, expression: Any) -> Activation:
    """Rebuild an activation that came from another process."""
    try:
        known = get(name)
    except ValueError:
        return _from_expression(name, expression)
    return known if known.expression == expression else _from_expression(name, expression)


def _reduced(activation: Activation) -> tuple[Callable[..., Activation], tuple[str, Any]]:
    return _restore, (activation.name, activation.expression)


# Compiled functions do not travel between processes; the definition does.
copyreg.pickle(Activation, _reduced)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Activation:
    if text in _BUILT_IN:
        return _BUILT_IN[text]
    if text in FAMILIES and text != "he":
        return FAMILIES[text]()
    call = re.fullmatch(r"([a-z_]+)\(\s*([-+.\deE]+)\s*\)", text)
    if call and call[1] in FAMILIES:
        return FAMILIES[call[1]](_number(call[2], text))
    try:
        expression = parse(text, _resolve)
    except ValueError as error:
        raise ValueError(f"{error}. Known activations: {', '.join(names())}") from None
    return _from_expression(text, expression)


def _number(text: str, context: str) -> Any:
    exponent = re.search(r"[eE]([-+]?\d+)$", text)
    if exponent and (len(exponent[1]) > 4 or abs(int(exponent[1])) > MAX_DECIMAL_EXPONENT):
        # Exact, it would have as many digits.
        raise ValueError(
            f"activation: {text!r} in {context!r}; allowed are decimal exponents up to "
            f"{MAX_DECIMAL_EXPONENT}"
        )
    try:
        return sp.Rational(text)
    except (TypeError, ValueError):
        raise ValueError(f"activation: {text!r} in {context!r} is not a number") from None


def _resolve(name: str, parameters: tuple[Any, ...]) -> Any:
    """Return the expression of an activation named inside another expression."""
    if parameters and name in FAMILIES and len(parameters) > 1:
        raise ValueError(
            f"activation: {name} with {len(parameters)} parameters; allowed is one number"
        )
    if parameters:
        return FAMILIES[name](*parameters).expression
    if name in _registered:
        return _registered[name].expression
    if name in _BUILT_IN:
        return _BUILT_IN[name].expression
    if name in FAMILIES and name != "he":
        return FAMILIES[name]().expression
    raise KeyError(name)


def _named_expression(expression: Any) -> Activation:
    """Return the activation of a sympy expression, under a name that finds it again."""
    symbols = expression.free_symbols
    if len(symbols) > 1:
        raise ValueError(
            f"activation: {expression} has the symbols {sorted(map(str, symbols))}; one is allowed"
        )
    check_supported(expression)
    decimals = {number: _decimal(number) for number in expression.atoms(sp.Float)}
    meant = expression.subs(dict.fromkeys(symbols, Z)).xreplace(decimals)
    meant = meant.replace(
        lambda node: isinstance(node, sp.Pow) and node.base.is_number and node.exp.has(Z),
        lambda node: exponential(node.base, node.exp),
    )
    again = get(str(meant))
    if again.expression != meant and sp.expand(again.expression - meant) != 0:
        raise ValueError(
            f"activation: {expression} is read again from {again.name!r} as another function"
        )
    return again


def _decimal(number: Any) -> Any:
    """Return a float as its shortest decimal, so that 0.1 means one tenth, as in a text."""
    return sp.Rational(repr(float(number)) if number._prec == 53 else str(number))


def _from_expression(name: str, expression: Any) -> Activation:
    check_supported(expression)
    result = Activation.compiled(name, expression)
    _ = result.growth  # refuses what no Gaussian makes square-integrable
    return result
