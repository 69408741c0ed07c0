"""The truncated series: evaluation, residual, moments, and behaviour outside the bulk."""

from __future__ import annotations

import math
import tracemalloc
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy import integrate

from onestep import hermite
from onestep.activations import get
from onestep.hermite import HermiteExpansion, coefficients, referee, second_moment

NAMES = ("relu", "tanh", "hard_tanh", "elu", "gelu", "step", "cubic", "z*tanh(z)")


@pytest.mark.parametrize("degree", [0, 1, 2, 5, 20, 60])
@pytest.mark.parametrize("name", NAMES)
def test_evaluation_agrees_with_numpy(name: str, degree: int) -> None:
    expansion = HermiteExpansion.of(name, degree, 0.7, 0.2)
    z = np.random.default_rng(1).normal(0.2, 0.9, size=(40, 30))
    expected = np.polynomial.hermite_e.hermeval((z - 0.2) / 0.7, expansion.coefficients)
    size = np.polynomial.hermite_e.hermeval(
        1j * np.abs((z - 0.2) / 0.7), np.abs(expansion.coefficients) * 1j ** -np.arange(degree + 1)
    ).real  # the sum without cancellation: the scale of rounding
    assert np.all(np.abs(expansion(z) - expected) <= 1e-13 * (1 + size))


def test_evaluation_of_any_layout() -> None:
    expansion = HermiteExpansion.of("relu", 4, 0.7)
    z = np.random.default_rng(2).normal(size=(300, 200))
    for view in (z.T, z[::3, 1::2], np.asfortranarray(z), z[:, :0], z[0, 0]):
        np.testing.assert_array_equal(
            expansion(view), np.polynomial.hermite_e.hermeval(0, [0]) + _slow(expansion, view)
        )


def _slow(expansion: HermiteExpansion, z: np.ndarray) -> np.ndarray:
    """Evaluate a contiguous copy: blocks are cut elsewhere, so equality tests the layout."""
    return expansion(np.array(z).ravel()).reshape(np.shape(z))


def test_no_array_of_the_size_of_the_argument_but_the_result() -> None:
    expansion = HermiteExpansion.of("relu", 6, 1.0)
    z = np.random.default_rng(3).normal(size=(500, 2000))
    expansion(z)
    tracemalloc.start()
    expansion(z)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.1 * z.nbytes  # the result


@pytest.mark.parametrize("name", NAMES)
def test_errors_are_the_integrated_truncation_errors(name: str) -> None:
    scale = 0.8
    expansion = HermiteExpansion.of(name, 9, scale)
    sigma = get(name)
    ends = sorted({-12.0, 0.0, 12.0, *(kink / scale for kink in sigma.kinks)})
    for p in range(10):
        h = expansion.coefficients[: p + 1]

        def integrand(g: float, h: np.ndarray = h) -> float:
            return float(
                (sigma(scale * g) - np.polynomial.hermite_e.hermeval(g, h)) ** 2
            ) * math.exp(-g * g / 2)

        parts = (
            integrate.quad(integrand, a, c, epsabs=1e-13, limit=200)[0] for a, c in pairwise(ends)
        )
        squared = sum(parts) / math.sqrt(2 * math.pi)
        assert expansion.errors[p] ** 2 == pytest.approx(squared, rel=1e-9, abs=1e-13)
    assert expansion.residual == expansion.errors[-1]
    assert np.all(np.diff(expansion.errors) <= 1e-12)


@pytest.mark.parametrize("name", ["tanh", "gelu", "sigmoid", "sin"])
def test_a_small_residual_keeps_its_digits(name: str) -> None:
    # At b = 0.05 the residual of degree 3 is 1e-7: the difference of squares would be noise.
    expansion = HermiteExpansion.of(name, 3, 0.05)
    exact, _ = referee(name, 12, 0.05)
    tail = mpmath.sqrt(sum(mpmath.factorial(p) * exact[p] ** 2 for p in range(4, 13)))
    assert float(tail) < 1e-4
    assert expansion.residual == pytest.approx(float(tail), rel=1e-6)


def test_polynomials_have_no_residual_at_all() -> None:
    for name, degree in (
        ("cubic", 3),
        ("he(5)", 5),
        ("he(2) + 0.5*he(3)", 3),
        ("max(z, z)", 1),
        ("identity", 1),
    ):
        for scale in (0.05, 0.7, 1.0, 3.3):
            errors = HermiteExpansion.of(name, degree + 3, scale, 0.1).errors
            assert (errors[degree:] == 0.0).all()
            assert (errors[:degree] > 0.0).all()


def moments(expansion: HermiteExpansion, order: int) -> list[float]:
    """E sigma_l(z)^q for q up to an order, by a Gauss rule that is exact for them."""
    nodes, weights = hermite.gauss(order * expansion.degree // 2 + 1)
    values = expansion(expansion.mean + expansion.scale * nodes)
    return [float(weights @ values**q) for q in range(order + 1)]


@pytest.mark.parametrize("name", NAMES)
def test_moments_of_the_polynomial(name: str) -> None:
    expansion = HermiteExpansion.of(name, 5, 0.9, -0.3)
    first, mean, second = moments(expansion, 2)
    factorials = [math.factorial(p) for p in range(6)]
    assert first == pytest.approx(1)
    assert mean == pytest.approx(expansion.coefficients[0], abs=1e-14)
    assert second == pytest.approx((factorials * expansion.coefficients**2).sum(), rel=1e-12)
    assert second + expansion.residual**2 == pytest.approx(expansion.second_moment, rel=1e-12)


def test_moments_of_a_known_polynomial() -> None:
    # E He_2^3 = 8, E He_2^4 = 60.
    np.testing.assert_allclose(
        moments(HermiteExpansion.of("he(2)", 2), 4), [1, 0, 2, 8, 60], rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("name", [*NAMES, "sqrt(abs(z))"])
def test_error_at_its_own_scale_is_the_residual(name: str) -> None:
    for degree in (6, 40):
        expansion = HermiteExpansion.of(name, degree, 0.7, 0.1)
        np.testing.assert_allclose(expansion.error_at(0.7), expansion.errors, rtol=1e-5, atol=1e-11)


@pytest.mark.parametrize("name", ["tanh", "gelu", "elu", "relu", "cubic"])
def test_error_at_another_law(name: str) -> None:
    # The polynomial squared is integrated exactly by Gauss-Hermite; sigma is bounded by 1 + |z|, so
    # with a huge polynomial its share is small: compare through the triangle inequality.
    expansion = HermiteExpansion.of(name, 30, 0.7)
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    z = 1.6 * nodes + 0.2
    size = math.sqrt(weights @ expansion(z) ** 2 / math.sqrt(2 * math.pi))
    error = expansion.error_at(1.6, 0.2)[-1]
    slack = math.sqrt(float(second_moment(name, 1.6, 0.2)))
    assert size - slack <= error + 1e-9 * size
    assert error <= (size + slack) * (1 + 1e-9)
    if name in ("tanh", "relu", "elu"):
        assert error > 10 * slack


def test_high_degrees_explode_outside_the_bulk() -> None:
    errors = HermiteExpansion.of("tanh", 21, 1.0).error_at(2.0)[1::2]
    assert errors[0] < math.sqrt(float(second_moment("tanh", 2.0)))
    assert np.all(np.diff(errors[1:]) > 0)
    assert errors[-1] > 1e3


def test_the_second_moment_of_erf_is_an_arcsine() -> None:
    b = np.array([0.1, 1.0, 4.0])
    np.testing.assert_allclose(
        second_moment("erf", b), 2 / np.pi * np.arcsin(2 * b**2 / (1 + 2 * b**2)), rtol=1e-13
    )


def test_an_expansion_has_scalar_scale() -> None:
    with pytest.raises(ValueError, match="allowed are scalars"):
        HermiteExpansion.of("relu", 2, [1.0, 2.0])
    for law in ((np.array([1.0, 5.0]), 0.0), (1.0, [0.0, 1.0])):
        with pytest.raises(ValueError, match="allowed are scalars"):
            HermiteExpansion.of("relu", 2).error_at(*law)
    assert HermiteExpansion.of("relu", 3, 0.7).coefficients == pytest.approx(
        coefficients("relu", 3, 0.7)
    )
