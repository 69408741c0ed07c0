import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onestep import Problem, simulate
from onestep.network import ridge_regression


def objective(w, Phi, y, ridge):
    return 0.5 * np.mean((y - w @ Phi) ** 2) + 0.5 * ridge * w @ w


@given(st.integers(1, 12), st.integers(1, 12), st.floats(1e-3, 10), st.integers(0, 10**6))
def test_fit_is_the_least_squares_solution_of_the_augmented_system(k, m, ridge, seed):
    """Primal (k <= m) and dual (k > m) against an orthogonal-factorisation solver."""
    rng = np.random.default_rng(seed)
    Phi, y = rng.standard_normal((k, m)), rng.standard_normal(m)
    fit = ridge_regression(Phi, y, ridge)
    augmented = np.vstack([Phi.T / np.sqrt(m), np.sqrt(ridge) * np.eye(k)])
    expected = np.linalg.lstsq(augmented, np.append(y / np.sqrt(m), np.zeros(k)), rcond=None)[0]
    assert np.allclose(fit.weights, expected, atol=1e-9)
    assert np.isclose(fit.training_error, objective(expected, Phi, y, ridge))


@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 10**6))
def test_training_error_is_a_minimum(k, m, seed):
    rng = np.random.default_rng(seed)
    Phi, y = rng.standard_normal((k, m)), rng.standard_normal(m)
    fit = ridge_regression(Phi, y, 0.1)
    other = fit.weights + 0.1 * rng.standard_normal(k)
    assert fit.training_error <= objective(other, Phi, y, 0.1)


def test_a_large_ridge_predicts_zero():
    rng = np.random.default_rng(0)
    Phi, y = rng.standard_normal((5, 7)), rng.standard_normal(7)
    fit = ridge_regression(Phi, y, 1e9)
    assert np.allclose(fit.weights, 0, atol=1e-8)
    assert np.isclose(fit.training_error, 0.5 * np.mean(y**2))


@pytest.mark.parametrize("ridge", [0.0, -1.0, np.nan, np.inf])
def test_a_ridge_that_is_not_positive_is_refused(ridge):
    with pytest.raises(ValueError, match="ridge"):
        ridge_regression(np.ones((2, 3)), np.ones(3), ridge)


@pytest.mark.parametrize("shape", [(9, 5), (5, 9)])
def test_a_ridge_below_rounding_is_refused(shape):
    """Features of rank 3: at such ridges the fit would be made of rounding errors."""
    rng = np.random.default_rng(0)
    Phi = rng.standard_normal((shape[0], 3)) @ rng.standard_normal((3, shape[1]))
    y = rng.standard_normal(shape[1])
    for ridge in (1e-300, 1e-28):
        with pytest.raises(ValueError, match="ridge"):
            ridge_regression(Phi, y, ridge)
    ridge_regression(Phi, y, 1e-22)


@pytest.mark.parametrize("shape", [(20, 30), (30, 20)])
@pytest.mark.parametrize("share", [1e-8, 1e-11, 1e-14, 1e-18, 1e-25])
@pytest.mark.parametrize("outputs", [(), (2,)])
def test_a_few_features_that_are_far_larger_than_the_rest_cost_no_digits(shape, share, outputs):
    """Against 60 digits; with a Gram matrix, w is 2 % off at a ridge of 1e-15 of the power."""
    k, m = shape
    rng = np.random.default_rng(1)
    large = rng.standard_normal((k, 3)) @ rng.standard_normal((3, m))
    Phi = large / np.sqrt(share) + rng.standard_normal((k, m))
    y = rng.standard_normal((m, *outputs))
    ridge = share * float(np.sum(Phi**2)) / m
    fit = ridge_regression(Phi, y, ridge)
    with mpmath.workdps(60):
        exact = mpmath.matrix(Phi.tolist())
        gram = exact * exact.T + m * mpmath.mpf(ridge) * mpmath.eye(k)
        columns = [
            mpmath.lu_solve(gram, exact * mpmath.matrix(column.tolist()))
            for column in y.reshape(m, -1).T
        ]
    expected = np.array([[float(x) for x in column] for column in columns]).T.reshape(k, *outputs)
    digits = 10 * np.finfo(float).eps * max(share**-0.5, 1e9)
    assert np.linalg.norm(fit.weights - expected) < digits * np.linalg.norm(expected)
    residual = np.array([[float(x) for x in exact.T * column] for column in columns])
    plain = 0.5 * float(np.sum((y.reshape(m, -1).T - residual) ** 2)) / m
    assert fit.plain_training_error == pytest.approx(plain, rel=digits)
    assert fit.power == pytest.approx(ridge / share)


def test_an_exact_error_asks_for_more_digits_than_a_measured_one():
    """Features whose power is 1e16 ridges: a test sample tells, moments do not."""
    problem = Problem(n=30, m=40, k=20, activation="he(4)", step=30.0, ridge=1e-5)
    with pytest.raises(ValueError, match="is too small for these features"):
        simulate(problem, ["network"], trials=1)
    found = simulate(problem, ["network"], trials=1, test_size=100)
    assert np.isfinite(found.generalization_error).all()


@pytest.mark.parametrize(
    ("Phi", "y", "message"),
    [
        (np.ones(3), np.ones(3), "Phi has shape"),
        (np.ones((3, 0)), np.ones(0), "Phi has shape"),
        (np.ones((2, 3)), np.full(3, 1e200), "finite squares"),
    ],
)
def test_features_and_labels_that_are_none_are_refused(Phi, y, message):
    with pytest.raises(ValueError, match=message):
        ridge_regression(Phi, y, 0.1)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match="y has shape"):
        ridge_regression(np.ones((2, 3)), np.ones(2), 0.1)


def test_features_that_are_not_finite_are_refused():
    Phi = np.ones((2, 3))
    Phi[0, 0] = np.nan
    with pytest.raises(ValueError, match="Phi must be finite"):
        ridge_regression(Phi, np.ones(3), 0.1)
