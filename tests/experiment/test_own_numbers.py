"""Labels that are numbers: the formula is what plain NumPy measures on Gaussians of these moments.

The simulation shares no code with the library.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep.inputs import EmpiricalMixture, Linear
from onestep.theory import Spectrum

N, K, M, RIDGE = 40, 60, 100, 0.02
ACTIVATIONS = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def data(size=4000, curved=0.0):
    """Inputs with a falling spectrum and a mean; numbers with an offset, noise, a curved part."""
    rng = np.random.default_rng(4)
    U = np.linalg.qr(rng.standard_normal((N, N)))[0]
    g = rng.standard_normal((size, N))
    scales = np.arange(1, N + 1) ** -0.4 * np.where(np.arange(N), 1, 2)
    X = g * scales @ U.T
    y = X @ rng.standard_normal(N) / 2 + curved * g[:, 0] ** 2 + 0.5 * rng.standard_normal(size)
    return EmpiricalMixture.from_arrays(X + 0.1, y + 1.0)


def network(activation, given=None):
    F = np.random.default_rng(7).standard_normal((K, N)) / math.sqrt(N)
    return onestep.OwnNetwork(F, activation, given or data().standardised())


def joint_root(given):
    """Mean of (x, y), and a root of its covariance."""
    z = np.column_stack([given.X, given.y])
    return z.mean(axis=0), np.linalg.cholesky(np.cov(z.T, bias=True))


def plain(own, trials):
    """Training and generalization errors of ridge regression, each on a sample of its own."""
    (mean, root), sigma = joint_root(own.data), ACTIVATIONS[own.activation]
    rng, found = np.random.default_rng(11), []

    def sample(size):
        z = rng.standard_normal((size, N + 1)) @ root.T + mean
        return sigma(z[:, :N] @ own.weights.T) / math.sqrt(K), z[:, N]

    fresh, wanted = sample(40000)
    for _ in range(trials):
        Phi, y = sample(M)
        w = np.linalg.solve(Phi.T @ Phi / M + RIDGE * np.eye(K), Phi.T @ y / M)
        training = 0.5 * np.mean((y - Phi @ w) ** 2) + 0.5 * RIDGE * np.sum(w**2)
        found.append([training, 0.5 * np.mean((wanted - fresh @ w) ** 2)])
    return np.array(found)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("standardised", [False, True])
def test_the_formula_is_what_plain_numpy_measures(activation, standardised):
    """Within 2 %, some 1/m, beyond three standard errors of 120 readouts."""
    own = network(activation, data().standardised() if standardised else data())
    found, measured = own.predict(M, RIDGE, guarded=False), plain(own, 120)
    mean, error = measured.mean(axis=0), measured.std(axis=0, ddof=1) / math.sqrt(120)
    predicted = np.array([found.training_error, found.generalization_error])
    assert np.all(np.abs(predicted - mean) < 3 * error + 0.02 * mean)
    # A control: without a slope, labels are noise of the same power.
    told = replace(own.layer, labels=Linear(np.zeros(N), 0.0, float(np.mean(own.data.y**2)) ** 0.5))
    nothing = Spectrum(told.moments()).errors(M, RIDGE).generalization_error
    assert nothing > 1.2 * mean[1]


def test_simulated_gaussians_are_those_of_the_joint_moments():
    own = network("tanh")
    one = own.simulate(M, RIDGE, trials=60, source="gaussians").generalization_error
    other = plain(own, 60)[:, 1]
    error = math.hypot(float(one.std(ddof=1)), other.std(ddof=1)) / math.sqrt(60)
    assert abs(float(one.mean()) - other.mean()) < 4 * error + 0.01 * other.mean()


def test_conditional_takes_numbers_too_and_huber_behind_it():
    own = network("relu")
    square, other = (
        own.predict(M, RIDGE, method=each, guarded=False) for each in ("equivalent", "conditional")
    )
    assert other.generalization_error == pytest.approx(square.generalization_error, rel=0.03)
    huber = own.predict(M, RIDGE, "huber", method="conditional", guarded=False)
    measured = own.simulate(M, RIDGE, "huber", trials=40, source="gaussians").generalization_error
    error = float(measured.std(ddof=1)) / math.sqrt(40)
    assert abs(huber.generalization_error - measured.mean()) < 0.05 * measured.mean() + 4 * error


@pytest.mark.parametrize("curved", [0.0, 0.5])
def test_gaussians_are_the_data_where_numbers_are_linear_and_not_where_they_are_curved(curved):
    """A ReLU sees the square along the largest axis; to Gaussians of these moments it is noise."""
    own = network("relu", data(8000, curved).standardised())
    one, other = (
        own.simulate(3 * M, RIDGE, trials=40, source=each).generalization_error
        for each in ("data", "gaussians")
    )
    error = math.hypot(float(one.std(ddof=1)), float(other.std(ddof=1))) / math.sqrt(40)
    gap = float(other.mean() - one.mean()) / float(one.mean())
    if curved:
        assert gap > 0.1 + 4 * error
    else:
        assert abs(gap) < 0.04 + 4 * error


def test_training_takes_numbers_and_a_step_on_them_helps():
    """Thirty random neurons cannot see one of forty directions; trained ones all look there."""
    X = np.random.default_rng(8).standard_normal((6000, N))
    given, errors = EmpiricalMixture.from_arrays(X, X[:, 0]), {}
    for step in (0.0, 60.0):
        own = onestep.OwnNetwork.train(given, "tanh", width=30, samples=2000, step=step, seed=3)
        assert len(own.data.y) == 4000 and own.data.numbers
        errors[step] = own.predict(M, RIDGE, guarded=False).generalization_error
    assert errors[60.0] < 0.5 * errors[0.0]
    measured = own.simulate(M, RIDGE, trials=2)
    assert measured.class_error.sizes["class"] == 1 and "accuracy" not in measured


@pytest.mark.parametrize("loss", ["hinge", "logistic"])
def test_losses_of_a_margin_are_refused_for_numbers(loss):
    own = network("tanh")
    for call in (own.predict, own.simulate):
        with pytest.raises(ValueError, match=f"loss = '{loss}' is not allowed: labels are numbers"):
            call(M, RIDGE, loss)
