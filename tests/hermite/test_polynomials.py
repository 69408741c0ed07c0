"""He_p against independent tables, orthogonality, and no overflow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from onestep.hermite import normalised_polynomials
from onestep.hermite.polynomials import hermite_functions

# Abramowitz and Stegun, table 22.13: He_0..He_8, lowest power first.
TABLE = (
    (1,), (0, 1), (-1, 0, 1), (0, -3, 0, 1), (3, 0, -6, 0, 1), (0, 15, 0, -10, 0, 1),
    (-15, 0, 45, 0, -15, 0, 1), (0, -105, 0, 105, 0, -21, 0, 1),
    (105, 0, -420, 0, 210, 0, -28, 0, 1),
)  # fmt: skip
X = np.linspace(-4, 4, 33)


@pytest.mark.parametrize("p", range(9))
def test_the_table_of_abramowitz_and_stegun(p: int) -> None:
    expected = np.polynomial.polynomial.polyval(X, TABLE[p]) / math.sqrt(math.factorial(p))
    np.testing.assert_allclose(normalised_polynomials(X, 8)[:, p], expected, rtol=1e-12, atol=1e-12)


def test_scipy_at_higher_degrees() -> None:
    for p in (15, 31, 60):
        expected = special.eval_hermitenorm(p, X) / math.sqrt(math.factorial(p))
        np.testing.assert_allclose(
            normalised_polynomials(X, 60)[:, p], expected, rtol=1e-9, atol=1e-9
        )


def test_orthonormal_under_the_gaussian() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(62)
    table = normalised_polynomials(nodes, 60)
    gram = (table * weights[:, None]).T @ table / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(gram, np.eye(61), atol=2e-12)


def test_hermite_functions_stay_below_the_bound_of_cramer_at_degree_150() -> None:
    table = hermite_functions(np.linspace(-40, 40, 4001), 150)
    assert np.isfinite(table).all()
    assert np.abs(table).max() <= 1.0865 * (2 * math.pi) ** -0.25
    np.testing.assert_allclose((table**2).sum(axis=0) * 0.02, 1.0, atol=1e-12)
