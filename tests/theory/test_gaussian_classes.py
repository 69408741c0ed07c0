"""Convex readouts on Gaussian classes: published curves, closed forms, laws, and simulation."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from convex_fits import fit
from onestep import claims
from onestep.network import LOSSES, Moments, huber
from onestep.studies.known.least_squares import published_curve
from onestep.theory import Spectrum, gaussian_classes

PUBLISHED = Path(__file__).parent / "published"
VARIANCES = {"logistic": (0.5, 0.5), "square": (0.1, 0.5)}


def published(loss, complexity, d=2):
    """The published setting: every coordinate of mu alike, half of them of each variance."""
    m = complexity * d
    mean = np.full(d, 1 / d)  # ||mu|| = 1, and x / sqrt(d)
    return gaussian_classes(
        [mean, -mean],
        np.tile(np.repeat(VARIANCES[loss], d // 2) / d, (2, 1)),
        [1, -1],
        m=m,
        ridge=0.01 / m,
        loss=loss,
        intercept=True,
    )


@pytest.mark.parametrize("name", ["logistic", "ridge"])
def test_published_curves_come_out_in_every_column(name):
    """Loureiro et al. (2021): asked are four digits, found are those of their own iteration."""
    if name == "ridge":
        table = published_curve().assign(loss="square", b=0.0)
    else:
        table = pd.read_csv(PUBLISHED / "glm_logistic_theory.csv")
    assert len(table) == {"logistic": 20, "ridge": 50}[name]
    for row in table.itertuples():
        found = published(row.loss, row.sample_complexity)
        assert found.status == "converged"
        columns = {
            "V": found.responses, "m": found.means * [1, -1], "q": found.variances,
            "b": found.intercept, "test_error": found.class_error,
            "train_loss": found.plain_training_error,
        }  # fmt: skip
        for column, values in columns.items():
            assert np.allclose(values, getattr(row, column), rtol=1e-7, atol=1e-7), column


def test_published_simulations_scatter_around_the_formula():
    """Ten seeds at d = 500: four standard errors, and 1/d for the size and their 1000 test inputs.

    A formula of the wrong ridge, ten times theirs, is far outside.
    """
    table = pd.read_csv(PUBLISHED / "glm_logistic_simulation.csv")
    for row in table.itertuples():
        found = published("logistic", row.samples / 500)
        predicted = {"q": found.variances[0], "m": found.means[0], "test_error": found.class_error}
        for column, value in predicted.items():
            error = getattr(row, f"{column}_std") / math.sqrt(10)
            assert abs(getattr(row, column) - value) < 4 * error + 0.02 * value, column


@given(st.integers(0, 10**6), st.floats(-3, 1), st.integers(5, 80), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_square_loss_has_the_closed_form_of_ridge_regression(seed, log_ridge, m, dense):
    """Classes of one covariance: to 1e-9 of the ridge deterministic equivalent.

    Without means it is `Spectrum` as it is. With means the effective ridge is the same, and with it
    ``w = (C + mu Q)^{-1}``-type formulas give the scores and the errors.
    """
    rng = np.random.default_rng(seed)
    d, ridge = 20, 10.0**log_ridge
    root = rng.standard_normal((d, d)) / math.sqrt(d)
    S = root @ root.T if dense else np.diag(rng.exponential(size=d))
    y, rho = np.array([1.0, -1.0, 2.5]), np.array([0.5, 0.3, 0.2])
    mu = rng.standard_normal((3, d)) / math.sqrt(d)
    covariances = np.array([S if dense else np.diag(S)] * 3)
    options = {"m": m, "ridge": ridge, "loss": "square"}

    null = Spectrum(Moments(S, np.zeros(d), float(rho @ y**2), 0.0)).errors(m, ridge)
    found = gaussian_classes(0 * mu, covariances, y, rho, **options)
    names = ("training_error", "plain_training_error", "generalization_error", "kappa", "left")
    for name in names:
        assert math.isclose(getattr(found, name), getattr(null, name), rel_tol=1e-9), name

    found = gaussian_classes(mu, covariances, y, rho, **options)
    assert math.isclose(found.kappa, null.kappa, rel_tol=1e-9)
    w = np.linalg.solve(S + (mu.T * rho) @ mu + null.kappa * np.eye(d), mu.T @ (rho * y))
    assert np.allclose(found.means, mu @ w, rtol=1e-9, atol=1e-9)
    bias = float(rho @ (y - mu @ w) ** 2 + w @ S @ w)
    risk = bias * m / null.left  # 1 - df2 / m
    assert math.isclose(2 * found.generalization_error, risk, rel_tol=1e-9)
    assert math.isclose(
        found.plain_training_error, (ridge / null.kappa) ** 2 * risk / 2, rel_tol=1e-9
    )


def drawn(seed, classes=3, d=8, dense=False):
    """Classes of their own means, covariances and weights."""
    rng = np.random.default_rng(seed)
    roots = rng.standard_normal((classes, d, 2 * d)) / math.sqrt(2 * d)
    S = roots @ roots.swapaxes(1, 2) * rng.uniform(0.3, 1.5, classes)[:, None, None]
    y = np.array([1.0, -1.0] * classes)[:classes]
    S = S if dense else np.einsum("cii->ci", S)
    return rng.standard_normal((classes, d)) / 2, S, y, rng.dirichlet(np.full(classes, 3.0))


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
@given(seed=st.integers(0, 10**6), log_ridge=st.floats(-4, 0), m=st.floats(2, 100))
@settings(max_examples=15, deadline=None)
def test_the_minimum_moves_with_the_ridge_by_half_the_norm(loss, intercept, seed, log_ridge, m):
    """``d/d lambda min = E ||w||^2 / 2``: ties every order parameter of every class together."""
    case, ridge = drawn(seed), 10.0**log_ridge
    steps = ridge * np.array([1 - 1e-3, 1.0, 1 + 1e-3])
    below, at, above = (
        gaussian_classes(*case, m=m, ridge=each, loss=loss, intercept=intercept) for each in steps
    )
    slope = (above.training_error - below.training_error) / (steps[2] - steps[0])
    assert math.isclose(slope, 0.5 * at.norm, rel_tol=1e-4)
    assert at.plain_training_error <= at.generalization_error


@pytest.mark.parametrize("loss", LOSSES)
def test_axes_and_copies_do_not_count(loss):
    """Rotated inputs are dense; two copies of every axis at half its size change nothing."""
    mu, S, y, rho = drawn(3)
    options = {"ridge": 1e-3, "loss": loss, "intercept": True}
    plain = gaussian_classes(mu, S, y, rho, m=12, **options)
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((8, 8)))[0]
    turned = gaussian_classes(mu @ turn, [turn.T * s @ turn for s in S], y, rho, m=12, **options)
    half = 0.5**0.5
    copied = gaussian_classes(
        np.hstack([mu, mu]) * half, np.hstack([S, S]), y, rho, m=24, **options
    )
    for other in (turned, copied):
        for name in ("training_error", "generalization_error", "class_errors", "intercept"):
            assert np.allclose(getattr(plain, name), getattr(other, name), rtol=1e-9), name


@pytest.mark.parametrize("m", [180, 360])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_trained_readouts_have_the_predicted_errors(loss, intercept, m):
    """Three unequal classes of full covariances, d = 120: 4.6 standard errors, and 2 % for size.

    The readout is trained by a minimiser of scipy's, its errors are exact given its weights. 180
    samples are separable, 360 are not: a loss of 0 is trained to 1e-6.
    """
    d, ridge = 120, 3e-3
    mu, S, y, rho = drawn(5, d=d, dense=True)
    mu *= [[2.5 / math.sqrt(d)]]
    mu += 2 / math.sqrt(d)  # common to all
    S = S * 0.5
    found = gaussian_classes(mu, S, y, rho, m=m, ridge=ridge, loss=loss, intercept=intercept)
    assert found.status == "converged"
    roots, rng, measured = np.linalg.cholesky(S), np.random.default_rng(6), []
    for _ in range(16):
        c = rng.choice(3, m, p=rho)
        X = mu[c] + np.einsum("mij,mj->mi", roots[c], rng.standard_normal((m, d)))
        w, b = fit(loss, X, y[c], ridge, intercept)
        plain = LOSSES[loss].value(y[c], X @ w + b).mean()
        mean, variance = mu @ w + b, np.einsum("i,cij,j->c", w, S, w)
        fresh = rho @ LOSSES[loss].proximal(y, mean, variance, np.zeros(3)).loss
        wrong = rho @ ndtr(-y * mean / np.sqrt(variance))
        measured.append((plain + 0.5 * ridge * w @ w, plain, fresh, wrong, w @ w))
    names = ("training_error", "plain_training_error", "generalization_error", "class_error")
    for name, values in zip((*names, "norm"), np.transpose(measured), strict=True):
        mean, value = claims.sample(values), getattr(found, name)
        assert abs(mean.value - value) < 4.6 * mean.standard_error + 0.02 * value + 1e-6, name


def test_separable_classes_end_at_the_largest_margin():
    """Fewer samples than inputs, lambda to 0: logistic and hinge loss agree, and nothing is left.

    The logistic readout nears the hinge's like 1 / log(1 / lambda).
    """
    mu, S = np.eye(1, 100) * [[1.0], [-1.0]], np.full((2, 100), 0.5)
    hinge, logistic = (
        [gaussian_classes(mu, S, [1, -1], m=30, ridge=each, loss=loss) for each in (1e-6, 1e-12)]
        for loss in ("hinge", "logistic")
    )
    assert all(each.status == "converged" for each in hinge + logistic)
    assert hinge[1].plain_training_error == 0.0
    assert math.isclose(hinge[0].class_error, hinge[1].class_error, rel_tol=1e-6)
    gaps = [abs(each.class_error - hinge[1].class_error) for each in logistic]
    assert gaps[1] < 0.6 * gaps[0] < 0.01
    assert logistic[1].plain_training_error < 1e-10
    with pytest.raises(ValueError, match=r"ridge = 1e-15 is too small"):
        gaussian_classes(mu, S, [1, -1], m=30, ridge=1e-15, loss="logistic")


def test_a_flat_loss_leaves_the_intercept_open():
    """All hinges slope alike at a large ridge: any b does for equally likely classes."""
    mu, S = np.eye(1, 10) * [[1.0], [-1.0]], [[1.0] * 10, [2.0] * 10]
    found = gaussian_classes(mu, S, [1, -1], m=50, ridge=100.0, loss="hinge", intercept=True)
    assert found.status == "out of range" and "intercept" in found.reason
    assert math.isnan(found.class_error) and np.isnan(found.class_errors).all()
    held = gaussian_classes(
        mu, S, [1, -1], [0.3, 0.7], m=50, ridge=100.0, loss="hinge", intercept=True
    )
    assert held.status == "converged" and -1 < held.intercept < -0.99


def test_a_threshold_of_ones_own():
    case = drawn(4)
    wide, square = (
        gaussian_classes(*case, m=20, ridge=0.1, loss=loss) for loss in (huber(100.0), "square")
    )
    assert math.isclose(wide.training_error, square.training_error, rel_tol=1e-10)
    narrow = gaussian_classes(*case, m=20, ridge=0.1, loss=huber(0.1))
    assert narrow.training_error < square.training_error


ONE = {"means": [[1.0], [-1.0]], "covariances": [[1.0], [1.0]], "labels": [1, -1]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"means": [1.0, -1.0]}, "means has shape"),
        ({"means": [[math.nan], [0.0]]}, "means must be finite"),
        ({"means": "no"}, "means = 'no'"),
        ({"covariances": [[1.0]]}, r"covariances has shape \(1, 1\)"),
        ({"covariances": [[1.0], [-1.0]]}, "covariances has an eigenvalue -1"),
        ({"labels": [1.0, 0.5]}, r"labels = \[1.0, 0.5\] .* \+1 and -1"),
        ({"labels": [1]}, "labels = "),
        ({"labels": [1, 1], "intercept": True}, "intercept = True"),
        ({"labels": [0, 0], "loss": "huber"}, r"labels = \[0, 0\]"),
        ({"weights": [0.5, 0.6]}, r"weights = \[0.5, 0.6\]"),
        ({"weights": [1.0, 0.0], "intercept": True}, "intercept = True"),
        ({"m": 0}, "m = 0"),
        ({"ridge": 0.0}, "ridge = 0.0"),
        ({"loss": "absolute"}, "loss = 'absolute'"),
    ],
)
def test_bad_input_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        gaussian_classes(**(ONE | {"m": 10, "ridge": 0.1, "loss": "logistic"} | options))


def test_a_skew_matrix_is_no_covariance():
    skew = [[[1.0, 0.5], [-0.5, 1.0]]] * 2
    with pytest.raises(ValueError, match="not symmetric"):
        gaussian_classes(np.eye(2), skew, [1, -1], m=10, ridge=0.1)
