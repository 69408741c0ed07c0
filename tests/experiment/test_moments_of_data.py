"""Formulas with moments of data: their bias from few inputs, and what is not Gaussian there."""

import numpy as np
import pytest

from onestep import OwnNetwork
from onestep.experiment.feature_moments import predicted_on_data
from onestep.experiment.moment_bias import moment_bias
from onestep.inputs import DenseMixture, EmpiricalMixture

N, K, M, RIDGE = 30, 50, 100, 0.02
LAW = DenseMixture(
    np.array([0.5, 0.5]),
    np.stack([np.eye(N), np.eye(N)]),
    np.eye(N)[:2] * np.array([[1.5], [-1.5]]),
)
F = np.random.default_rng(0).standard_normal((K, N)) / N**0.5


def on(data, activation="tanh"):
    return OwnNetwork(F, activation, data)


def drawn(size, seed, numbers=False):
    X, y = LAW.sample(size, np.random.default_rng(seed))
    return EmpiricalMixture.from_arrays(X, X[:, 0] + 0.5 * X[:, 2] if numbers else y)


@pytest.mark.parametrize("size", [120, 400])
def test_the_bias_that_is_told_is_the_one_of_known_moments(size):
    """Mean of 30 data sets; the law of the inputs is known. Within a third, and 1 %."""
    exact = on(LAW).predict(M, RIDGE, guarded=False).generalization_error
    errors, told = [], []
    for seed in range(30):
        own = on(drawn(size, seed))
        errors.append(own.predict(M, RIDGE, guarded=False).generalization_error / exact - 1)
        told.append(moment_bias(own, M, RIDGE))
    bias = np.mean(errors)
    assert bias < -0.01
    assert abs(np.mean(told) - bias) < abs(bias) / 3 + 0.01


def test_the_bias_goes_like_one_over_the_inputs_also_of_numbers_and_losses():
    for numbers, loss in ((True, "square"), (False, "logistic")):
        few, many = (
            np.mean([moment_bias(on(drawn(N_, s, numbers)), M, RIDGE, loss) for s in range(4)])
            for N_ in (200, 3200)
        )
        assert few < -0.01 and abs(many) < abs(few) / 6


def test_gaussian_features_have_the_moments_of_the_formula():
    own = on(drawn(20_000, 1))
    formula = own.predict(M, RIDGE).generalization_error
    assert predicted_on_data(own, M, RIDGE) == pytest.approx(formula, rel=0.02)
    numbers = on(drawn(20_000, 1, numbers=True))
    formula = numbers.predict(M, RIDGE).generalization_error
    assert predicted_on_data(numbers, M, RIDGE) == pytest.approx(formula, rel=0.02)


def test_what_is_not_gaussian_is_foretold_as_it_is_measured():
    """Pairs of clusters: the readout on the data has half the error that Gaussians have."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 6000)
    X = rng.standard_normal((6000, N)) + 5 * np.eye(N)[y] * rng.choice([-1, 1], 6000)[:, None]
    own = on(EmpiricalMixture.from_arrays(X, y).standardised(), "relu")
    measured = float(own.simulate(M, RIDGE, trials=40).generalization_error.mean())
    foretold = predicted_on_data(own, M, RIDGE)
    assert foretold == pytest.approx(measured, rel=0.05)
    assert own.predict(M, RIDGE, guarded=False).generalization_error > 1.2 * foretold


def test_the_bias_from_few_inputs_is_taken_out():
    """Of 500 inputs behind 50 neurons; plain averages would be too small by a tenth."""
    exact = on(LAW).predict(M, RIDGE, guarded=False).generalization_error
    found = np.mean([predicted_on_data(on(drawn(500, s)), M, RIDGE) for s in range(20)])
    assert found == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize("function", [moment_bias, predicted_on_data])
def test_a_mixture_has_no_inputs(function):
    with pytest.raises(ValueError, match=r"(?s)own.data = .* an EmpiricalMixture is needed"):
        function(on(LAW), M, RIDGE)
