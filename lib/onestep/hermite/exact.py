r"""Closed forms in the symbol b, derived from the generating function.

Since :math:`e^{tg - t^2/2} = \sum_p He_p(g) t^p/p!` shifts the Gaussian,
:math:`\sum_p h_p t^p = E \sigma(\mu + b(g + t)) = S_b(\mu + bt)` with the smoothed activation
:math:`S_b(\mu) = E \sigma(\mu + b g)`. Hence :math:`h_p = (b^p/p!)\, S_b^{(p)}(\mu)`: this is
Stein's identity, with no derivative of sigma itself. Each activation needs only S_b.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from .._support import check
from ..activations import Activation, Z, get
from .terms import Term, decompose, general_taylor, taylor

B = sp.Symbol("b", positive=True)
"""The scale."""
MU = sp.Symbol("mu", real=True)
"""The mean."""
P = sp.Symbol("p", integer=True, nonnegative=True)
"""The order in general formulas."""

MAX_SYMBOLIC = 40


def has_closed_form(activation: str | Activation) -> bool:
    """Return whether :func:`smoothed` finds an elementary form (with erf).

    False for tanh, sigmoid, softplus and SiLU: their averages are known as series only.

    Examples
    --------
    >>> has_closed_form("relu"), has_closed_form("tanh")
    (True, False)
    """
    return _smoothed(get(activation)) is not None


def smoothed(activation: str | Activation) -> Any:
    """Return S_b(mu) = E sigma(mu + b g) as a sympy expression in ``B`` and ``MU``.

    Where no elementary form is found, the unevaluated integral.

    Examples
    --------
    >>> smoothed("he(2)")
    b**2 + mu**2 - 1
    >>> smoothed("exp(z)")
    exp(b**2/2)*exp(mu)
    """
    sigma = get(activation)
    found = _smoothed(sigma)
    if found is not None:
        return found
    g = sp.Symbol("g", real=True)
    density = sp.exp(-(g**2) / 2) / sp.sqrt(2 * sp.pi)
    return sp.Integral(sigma.expression.subs(Z, MU + B * g) * density, (g, -sp.oo, sp.oo))


def symbolic(activation: str | Activation, order: int) -> Any:
    """Return h_p(b), p = ``order`` in [0, 40], at mean 0 as a sympy expression in the symbol ``B``.

    Where no elementary form is found (see :func:`has_closed_form`), the unevaluated integral:
    :func:`certified` gives its value with an error bound.

    Source: the book's chapter *Hermite coefficients*: Stein's identity.

    Examples
    --------
    >>> symbolic("relu", 1), symbolic("relu", 2), symbolic("relu", 3)
    (b/2, sqrt(2)*b/(4*sqrt(pi)), 0)
    """
    top = check.integer("order", order, 0, MAX_SYMBOLIC, floats=True)
    return _symbolic(get(activation), top)


@lru_cache(maxsize=4096)
def _symbolic(sigma: Activation, order: int) -> Any:
    found = _smoothed(sigma)
    if found is None:
        g = sp.Symbol("g", real=True)
        weight = sp.hermite_prob(order, g) * sp.exp(-(g**2) / 2) / sp.sqrt(2 * sp.pi)
        integrand = sigma.expression.subs(Z, B * g) * weight / sp.factorial(order)
        return sp.Integral(integrand, (g, -sp.oo, sp.oo))
    whole = _complex(sigma)
    terms = decompose(whole if whole.has(_NORM) else found, MU)
    if terms is None:
        raise ValueError(f"activation: {sigma.name!r}: cannot expand {found} in mu")
    return tidy(B**order * sum(taylor(term, order) for term in terms))


def formula(activation: str | Activation) -> Any:
    """Return h_p(b) for general p, a sympy Piecewise in ``P`` and ``B`` at mean 0.

    None where no closed form is found, or where it is a sum of p terms (ELU, waves in z^2).

    Examples
    --------
    >>> formula("exp(z)")
    b**p*exp(b**2/2)/factorial(p)
    >>> formula("relu").subs({P: 2}) == symbolic("relu", 2)
    True
    >>> print(formula("tanh"))
    None
    """
    sigma = get(activation)
    found = _smoothed(sigma)
    if found is None or _complex(sigma).has(_NORM):
        return None
    terms = decompose(found, MU)
    if terms is None:
        return None
    general = [general_taylor(term, P) for term in terms]
    if any(part is None for part in general):
        return None
    start = max(term.power + (1 if term.error or _is_power(term) else 0) for term in terms)
    special = [(symbolic(sigma, p), sp.Eq(P, p)) for p in range(start)]
    return sp.Piecewise(*special, (_collect(B**P * sum(general)), True))


def _collect(expression: Any) -> Any:
    """Combine the factorials of a general formula."""
    plain = expression.replace(sp.cos, lambda u: sp.expand_trig(sp.cos(sp.expand(u))))
    return sp.factor_terms(sp.powsimp(sp.together(sp.powsimp(sp.combsimp(plain)))))


def _is_power(term: Term) -> bool:
    return bool(term.quadratic == 0 and term.linear == 0)


def tidy(expression: Any) -> Any:
    """Collect an expression without changing its value; real form for sines and cosines."""
    if expression.has(_NORM):
        return _real(expression)
    if expression.has(sp.I):
        expression = _real(sp.expand(expression))
    # Powers of sums in a denominator stay as they are: expanded they only grow.
    if not any(power.base.is_Add and power.exp.is_negative for power in expression.atoms(sp.Pow)):
        expression = sp.expand(expression)
    return sp.factor_terms(sp.powsimp(sp.together(expression)))


@lru_cache(maxsize=256)
def _smoothed(sigma: Activation) -> Any:
    total = _complex(sigma)
    return None if total is None else _real(total) if total.has(sp.I) else total


@lru_cache(maxsize=256)
def _complex(sigma: Activation) -> Any:
    """Return S_b as the terms give it, waves as complex exponentials; None without terms."""
    whole = len(sigma.pieces) == 1
    total = sp.Integer(0)
    for piece in sigma.pieces:
        terms = decompose(piece.expression)
        if terms is None or (not whole and any(term.error for term in terms)):
            return None
        total += sum(_average(term, piece.lower, piece.upper) for term in terms)
    return sp.expand(total, multinomial=False)


def _real(expression: Any) -> Any:
    """Return the real form of a sum of waves whose imaginary parts cancel."""
    if expression.has(_NORM):  # waves in z^2: simplifying them takes for ever
        real = sp.expand(sp.expand(expression).replace(sp.exp, _euler)).subs(sp.I, 0)
        return _explicit(sp.factor_terms(real))
    return sp.simplify(sp.expand(expression.rewrite(sp.cos), complex=True))


def _euler(exponent: Any) -> Any:
    """Return exp in cosine and sine: then i occurs as a factor only."""
    imaginary = sp.expand(exponent).coeff(sp.I)
    real = sp.expand(exponent - sp.I * imaginary)
    return sp.exp(real) * (sp.cos(imaginary) + sp.I * sp.sin(imaginary))


def _shrinkage(quadratic: Any) -> tuple[Any, Any]:
    """Return 1/(1 + 2 q b^2) and its square root; of a complex q by its norm and angle."""
    real, imaginary = quadratic.as_real_imag()
    if imaginary == 0:
        return 1 / (1 + 2 * quadratic * B**2), sp.sqrt(1 / (1 + 2 * quadratic * B**2))
    norm, angle = _NORM(real, imaginary), _ANGLE(real, imaginary)
    shrink = (1 + 2 * (real - sp.I * imaginary) * B**2) / norm
    return shrink, norm ** sp.Rational(-1, 4) * sp.exp(-sp.I * angle / 2)


# Of 1 + 2 q b^2, squared and halved as they occur; as functions they survive expanding.
_NORM, _ANGLE = sp.Function("norm", positive=True), sp.Function("angle", real=True)


def _explicit(expression: Any) -> Any:
    """Write out norms and angles."""
    expression = expression.replace(
        _NORM, lambda x, y: sp.expand((1 + 2 * x * B**2) ** 2 + (2 * y * B**2) ** 2)
    )
    return expression.replace(_ANGLE, lambda x, y: sp.atan(2 * y * B**2 / (1 + 2 * x * B**2)))


def _average(term: Term, lower: Any, upper: Any) -> Any:
    """Return E[term 1(lower < z < upper)] for z ~ N(mu, b^2).

    Completing the square gives a factor and a Gaussian of another mean and variance; a power of z
    is Stein's z f -> (mu + b^2 d/dmu) f.
    """
    shrink, root = _shrinkage(term.quadratic)
    exponent = (-term.quadratic * MU**2 + term.linear * MU + term.linear**2 * B**2 / 2) * shrink
    factor = root * sp.exp(sp.expand(exponent))
    mean = (MU + term.linear * B**2) * shrink
    variance = B**2 * shrink
    if term.error is not None:
        c, e = term.error
        share = sp.erf((c * mean + e) / sp.sqrt(1 + 2 * c**2 * variance))
    else:
        share = _above(lower, mean, variance) - _above(upper, mean, variance)
    value = term.coefficient * factor * share
    for _ in range(term.power):
        value = MU * value + B**2 * sp.diff(value, MU)
    return value


def _above(end: Any, mean: Any, variance: Any) -> Any:
    """Return P(z > end)."""
    if end == -sp.oo:
        return sp.Integer(1)
    if end == sp.oo:
        return sp.Integer(0)
    return (1 + sp.erf((mean - end) / sp.sqrt(2 * variance))) / 2
