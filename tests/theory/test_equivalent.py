import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import onestep
from onestep import claims
from onestep.network import Moments, ridge_regression
from onestep.theory import Spectrum


def moments(seed, k=12, noise=0.3):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((k, 2 * k)) / np.sqrt(2 * k)
    M = root @ root.T
    theta = rng.standard_normal(k) / np.sqrt(k)
    return Moments(M, M @ theta, float(theta @ M @ theta + noise**2), 0.0), theta


@given(
    st.floats(0.05, 5),
    st.integers(20, 200),
    st.integers(20, 200),
    st.floats(1e-3, 10),
    st.floats(0, 2),
)
def test_isotropic_features_give_the_marchenko_pastur_formula(signal, k, m, ridge, noise):
    """Against the closed form in the Stieltjes transform (Hastie et al. 2022, Theorem 5)."""
    theta = np.full(k, signal / np.sqrt(k))
    spectrum = Spectrum(Moments(np.eye(k), theta, signal**2 + noise**2, 0.0))
    found = spectrum.errors(m, ridge)
    g = k / m

    def stieltjes(z):  # of the sample covariance's spectrum, at -z
        return (-(1 - g + z) + np.sqrt((1 - g + z) ** 2 + 4 * g * z)) / (2 * g * z)

    h = 1e-6 * ridge
    slope = -(stieltjes(ridge + h) - stieltjes(ridge - h)) / (2 * h)
    value = stieltjes(ridge)
    excess = signal**2 * ridge**2 * slope + noise**2 * g * (value - ridge * slope)
    assert np.isclose(2 * found.generalization_error, excess + noise**2, rtol=1e-5, atol=1e-9)


@given(st.integers(0, 10**6), st.floats(1e-3, 1))
def test_many_samples_give_the_population_ridge(seed, ridge):
    drawn, _ = moments(seed)
    found = Spectrum(drawn).errors(10**12, ridge)
    w = np.linalg.solve(drawn.M + ridge * np.eye(12), drawn.q)
    expected = drawn.generalization_error(w)
    assert np.isclose(found.kappa, ridge, rtol=1e-6)
    assert np.isclose(found.generalization_error, expected, rtol=1e-6)
    assert np.isclose(found.training_error, expected + 0.5 * ridge * w @ w, rtol=1e-6)


def test_an_infinite_ridge_predicts_nothing():
    drawn, _ = moments(1)
    found = Spectrum(drawn).errors(30, 1e12)
    assert np.isclose(found.training_error, 0.5 * drawn.y2)
    assert np.isclose(found.generalization_error, 0.5 * drawn.y2)


def test_feature_noise_is_a_shift_of_the_spectrum():
    drawn, _ = moments(2)
    shifted = Moments(drawn.M + 0.5**2 / 12 * np.eye(12), drawn.q, drawn.y2, 0.0)
    one = Spectrum(drawn, feature_noise=0.5).errors(20, 0.01)
    two = Spectrum(shifted).errors(20, 0.01)
    assert np.isclose(one.generalization_error, two.generalization_error)
    assert np.isclose(one.training_error, two.training_error)


@pytest.mark.parametrize(("k", "m"), [(100, 200), (200, 100), (150, 150)])
def test_gaussian_features_have_the_predicted_errors(k, m):
    """Ridge regression on Gaussian features with these moments, 60 draws: 5 standard errors.

    The prediction is asymptotic; at these sizes its own error is below 1 %, which is allowed for.
    """
    drawn, theta = moments(3, k)
    found = Spectrum(drawn).errors(m, 0.05)
    assert found.status != "failed"
    root = np.linalg.cholesky(drawn.M)
    rng = np.random.default_rng(4)
    errors = []
    for _ in range(60):
        Phi = root @ rng.standard_normal((k, m))
        fit = ridge_regression(Phi, theta @ Phi + 0.3 * rng.standard_normal(m), 0.05)
        errors.append((fit.training_error, drawn.generalization_error(fit.weights)))
    for measured, predicted in zip(
        np.array(errors).T, (found.training_error, found.generalization_error), strict=True
    ):
        mean = claims.sample(measured)
        assert abs(mean.value - predicted) < 5 * mean.standard_error + 0.01 * predicted


def test_small_ridge_shows_double_descent():
    """At lambda -> 0 the generalization error peaks where the samples equal the features."""
    drawn, _ = moments(5, k=60)
    spectrum = Spectrum(drawn)
    at, below, above = (spectrum.errors(m, 1e-8).generalization_error for m in (60, 30, 120))
    assert at > 10 * max(below, above)


@pytest.mark.parametrize(
    ("options", "message"), [({"m": 0}, "m"), ({"ridge": 0.0}, "ridge"), ({"ridge": -1.0}, "ridge")]
)
def test_bad_arguments_are_refused(options, message):
    spectrum = Spectrum(moments(0)[0])
    with pytest.raises(ValueError, match=message):
        spectrum.errors(**({"m": 10, "ridge": 0.1} | options))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_prediction_meets_simulation(activation):
    """Network and Hermite model at n = 300, 12 paired trials.

    Five standard errors and 3 % for the finite size.
    """
    problem = onestep.Problem(
        n=300, m=300, k=200, activation=activation, alpha=0.5, beta=0.7, direction="aligned"
    )
    simulated = onestep.simulate(problem, trials=12, seed=1)
    predicted = onestep.predict(problem, trials=12, seed=1, guarded=False)
    assert np.all(predicted.status != "failed")
    for name in ("training_error", "generalization_error"):
        ratio = claims.sample((simulated[name] / predicted[name].mean("trial")).values)
        offset = predicted[name] / predicted[name].mean("trial")
        paired = claims.sample((simulated[name] / predicted[name].mean("trial") - offset).values)
        assert np.all(np.abs(paired.value) < 5 * paired.standard_error + 0.03)
        assert np.all(paired.standard_error < 2 * ratio.standard_error + 1e-3)


def test_curves_are_predictions_of_one_layer():
    problem = onestep.Problem(n=40, m=30, k=20, activation="tanh", ridge=1e-3)
    curves = onestep.readout_curves(
        problem,
        ridges=[1e-3, 1e-1],
        samples=[10, 30],
        model="hermite",
        trial=1,
        seed=2,
        guarded=False,
    )
    assert curves.generalization_error.dims == ("ridge", "samples")
    one = onestep.predict(problem, trials=2, seed=2, guarded=False).sel(model="hermite", trial=1)
    for name in ("training_error", "generalization_error", "kappa"):
        assert np.isclose(curves[name].sel(ridge=1e-3, samples=30), one[name])
    with pytest.raises(ValueError, match="ridge"):
        onestep.readout_curves(problem, ridges=[0.0], samples=[10], guarded=False)
    with pytest.raises(ValueError, match="m = 0"):
        onestep.readout_curves(problem, ridges=[1.0], samples=[0], guarded=False)


def test_predict_refuses():
    problem = onestep.Problem(n=20, m=20, k=10)
    for options, message in (
        ({"method": "magic"}, "method"),
        ({"trials": 0}, "trials"),
        ({"seed": -1}, "seed"),
        ({"degree": -1}, "degree"),
        ({"models": ()}, "models"),
    ):
        with pytest.raises(ValueError, match=message):
            onestep.predict(problem, **options, guarded=False)
