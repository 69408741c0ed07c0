"""A reader's network by formula, against a simulation in plain NumPy: two classes and three.

The simulation shares no code with the library: it draws, trains and tests by itself. Classes have
unequal traces and means.
"""

import math

import numpy as np
import pytest

import onestep
from onestep.inputs import Classes, DenseMixture, EmpiricalMixture

N, K, M, RIDGE = 40, 60, 100, 0.02
SCALES = (0.4, 1.3, 0.8)


def laws(classes):
    """Weights, means and covariances; traces differ by up to a factor of ten."""
    rng = np.random.default_rng(classes)
    weights = np.array([0.5, 0.3, 0.2][:classes]) / sum([0.5, 0.3, 0.2][:classes])
    spectrum = np.linspace(0.2, 1.8, N)
    rotations = [np.linalg.qr(rng.standard_normal((N, N)))[0] for _ in range(classes)]
    covariances = [s**2 * (U * spectrum) @ U.T for s, U in zip(SCALES, rotations, strict=False)]
    means = rng.standard_normal((classes, N)) * 0.15
    return weights, means, np.array(covariances)


def setting(classes):
    weights, means, covariances = laws(classes)
    F = np.random.default_rng(7).standard_normal((K, N)) / math.sqrt(N)
    return onestep.OwnNetwork(F, "tanh", DenseMixture(weights, covariances, means))


def plain(own, trials, features=None):
    """Training and generalization errors of ridge regression, each on a sample of its own."""
    mixture, F = own.data, own.weights
    classes = len(mixture.weights)
    codes = np.array([1.0, -1.0])[:, None] if classes == 2 else np.eye(classes)
    roots = [np.linalg.cholesky(S) for S in mixture.covariances]
    rng, found = np.random.default_rng(11), []
    features = features or (lambda Z, c, rng: np.tanh(Z))

    def sample(size):
        c = rng.choice(classes, size, p=mixture.weights)
        x = np.stack([roots[i] @ rng.standard_normal(N) + mixture.means[i] for i in c])
        return features(x @ F.T, c, rng) / math.sqrt(K), codes[c]

    fresh, wanted = sample(20000)
    for _ in range(trials):
        Phi, y = sample(M)
        w = np.linalg.solve(Phi.T @ Phi / M + RIDGE * np.eye(K), Phi.T @ y / M)
        training = 0.5 * np.sum((y - Phi @ w) ** 2) / M + 0.5 * RIDGE * np.sum(w**2)
        found.append([training, 0.5 * np.mean(np.sum((wanted - fresh @ w) ** 2, axis=1))])
    return np.array(found)


def polynomial(own, degree):
    """Features of the polynomial model, each neuron at its mean and scale in each class."""
    mixture, F = own.data, own.weights
    g, q = np.polynomial.hermite_e.hermegauss(120)
    q = q / q.sum()
    basis = np.array([np.polynomial.HermiteE.basis(p)(g) for p in range(degree + 1)])
    factorial = np.array([math.factorial(p) for p in range(degree + 1)])
    mean = F @ mixture.means.T
    scale = np.sqrt(np.stack([np.sum((F @ S) * F, axis=1) for S in mixture.covariances], axis=1))
    values = np.tanh(mean[..., None] + scale[..., None] * g)
    a = np.einsum("kcg,pg,g->kcp", values, basis, q) / factorial
    rest = np.sum(values**2 * q, axis=-1) - np.sum(a**2 * factorial, axis=-1)

    def features(Z, c, rng):
        x = (Z - mean.T[c]) / scale.T[c]
        H = np.array([np.polynomial.HermiteE.basis(p)(x) for p in range(degree + 1)])
        noise = np.sqrt(np.maximum(rest, 0)).T[c] * rng.standard_normal(Z.shape)
        return np.einsum("pmk,mkp->mk", H, a.transpose(1, 0, 2)[c]) + noise

    return features


@pytest.mark.parametrize("classes", [2, 3])
def test_the_formula_is_what_plain_numpy_measures(classes):
    """Within 2 %, some 1/m, beyond three standard errors of 120 readouts."""
    own = setting(classes)
    found = own.predict(M, RIDGE)
    measured = plain(own, 120)
    mean, error = measured.mean(axis=0), measured.std(axis=0, ddof=1) / math.sqrt(120)
    predicted = np.array([found.training_error, found.generalization_error])
    assert found.status == "converged"
    assert np.all(np.abs(predicted - mean) < 0.02 * mean + 3 * error), (predicted, mean, error)
    inputs = own.data
    factors = (inputs.trace / inputs.traces)[:, None, None]
    equal = DenseMixture(inputs.weights, inputs.covariances * factors, inputs.means)
    other = onestep.OwnNetwork(own.weights, "tanh", equal).predict(M, RIDGE)
    assert abs(other.generalization_error - mean[1]) > 0.02 * mean[1] + 3 * error[1]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_simulation_is_what_plain_numpy_measures(classes):
    own = setting(classes)
    found = own.simulate(M, RIDGE, trials=60, source="gaussians")
    for i, name in enumerate(("training_error", "generalization_error")):
        one, other = found[name].values, plain(own, 60)[:, i]
        error = math.hypot(one.std(ddof=1), other.std(ddof=1)) / math.sqrt(60)
        # 20 000 fresh inputs are 1 % of an error.
        assert abs(one.mean() - other.mean()) < 4 * error + 0.01 * other.mean()


@pytest.mark.parametrize("degree", [1, 2])
def test_the_polynomial_of_each_class_is_that_of_plain_numpy(degree):
    own = setting(3)
    found = own.polynomial(M, RIDGE, degree)
    measured = plain(own, 100, polynomial(own, degree))
    mean, error = measured.mean(axis=0), measured.std(axis=0, ddof=1) / 10
    predicted = np.array([found.training_error, found.generalization_error])
    assert np.all(np.abs(predicted - mean) < 0.02 * mean + 3 * error), (predicted, mean, error)


def test_one_scale_for_all_classes_is_not_the_network():
    """The polynomial of one b is off by a number that needs no simulation."""
    own = setting(3)
    network = own.predict(M, RIDGE).generalization_error
    for degree in (3, 5):
        own_scale = own.polynomial(M, RIDGE, degree).generalization_error
        model = onestep.HermiteModel(degree)
        one_scale = own.predict(M, RIDGE, model=model, guarded=False).generalization_error
        assert abs(own_scale / network - 1) < 1e-2 < 0.02 < abs(one_scale / network - 1)


def data(classes=2, size=900):
    weights, means, covariances = laws(classes)
    X, y = DenseMixture(weights, covariances, means).sample(size, np.random.default_rng(5))
    return EmpiricalMixture.from_arrays(X, y)


def test_data_that_are_gaussian_give_the_error_of_gaussians():
    """Mean of 40 readouts, disjoint only within a trial: within 4 standard errors and 4 %."""
    own = onestep.OwnNetwork(setting(2).weights, "relu", data(size=8000))
    one, other = (own.simulate(M, RIDGE, trials=40, source=s) for s in ("data", "gaussians"))
    for name in ("training_error", "generalization_error"):
        error = math.hypot(*(each[name].std(ddof=1) for each in (one, other))) / math.sqrt(40)
        gap = float(one[name].mean() - other[name].mean())
        assert abs(gap) < 4 * error + 0.04 * float(other[name].mean())
    assert one.accuracy.mean() > 0.6


@pytest.mark.parametrize(
    ("loss", "classes"),
    [("logistic", 2), ("hinge", 2), ("huber", 2), ("hinge", 3), ("logistic", 3)],
)
def test_other_losses_are_predicted_and_measured(loss, classes):
    own, intercept = setting(classes), classes == 2
    formula = own.predict(M, RIDGE, loss, intercept=intercept)
    measured = own.simulate(
        M, RIDGE, loss, intercept=intercept, trials=40, source="gaussians"
    ).generalization_error
    error = float(measured.std(ddof=1)) / math.sqrt(40)
    assert formula.status == "converged"
    assert abs(formula.generalization_error - measured.mean()) < 0.05 * measured.mean() + 4 * error


def test_training_takes_its_sample_away_and_trials_stand_alone():
    given = data()
    own = onestep.OwnNetwork.train(given, "tanh", width=30, samples=200, step=2.0, seed=3)
    again = onestep.OwnNetwork.train(given, "tanh", width=30, samples=200, step=2.0, seed=3)
    assert np.array_equal(own.weights, again.weights) and len(own.data.y) == 700
    random = onestep.OwnNetwork.train(given, "tanh", width=30, samples=200, step=0.0, seed=3)
    assert not np.allclose(own.weights, random.weights)
    few, many = (own.simulate(90, 0.1, trials=t) for t in (2, 3))
    assert few.equals(many.isel(trial=slice(2)))
    assert many.class_error.dims == ("trial", "class")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda own: own.simulate(900, 0.1), "samples = 900 .* left to test with"),
        (lambda own: own.simulate(0, 0.1), "samples = 0"),
        (lambda own: own.simulate(10, 0.1, trials=0), "trials = 0"),
        (lambda own: own.simulate(10, 0.1, source="images"), "source = 'images'"),
        (lambda own: own.simulate(10, 0.1, "cubic"), "loss = 'cubic'"),
        (lambda own: own.simulate(10, -1.0), "ridge = -1.0"),
        (lambda own: own.predict(10, 0.1, "cubic"), "loss = 'cubic'"),
        (lambda own: own.predict(10, 0.1, method="scalar"), "method = 'scalar'"),
        (lambda own: own.predict(0, 0.1), "m = 0"),
        (lambda own: own.polynomial(10, 0.1, -1), "degree = -1"),
        (lambda own: onestep.OwnNetwork(own.weights.T, "relu", own.data), "F has shape"),
        (lambda own: onestep.OwnNetwork(own.weights * np.nan, "relu", own.data), "finite"),
        (lambda own: onestep.OwnNetwork(own.weights, "rleu", own.data), "rleu"),
        (lambda own: onestep.OwnNetwork(own.weights, "relu", own.data.X), "data = "),
        (
            lambda own: onestep.OwnNetwork(own.weights, "relu", own.data, Classes()),
            "labels = .* have their own",
        ),
        (
            lambda own: onestep.OwnNetwork(own.weights, "relu", own.data.gaussian).simulate(9, 0.1),
            "source = 'data'",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    own = onestep.OwnNetwork(setting(2).weights, "relu", data())
    with pytest.raises(ValueError, match=message):
        call(own)


def test_networks_in_front_of_the_same_data_see_the_same_samples():
    """Were draws keyed by weights, whose last bits differ between machines, so would results."""
    own = setting(2)
    twin = onestep.OwnNetwork(own.weights * (1 + 1e-14), own.activation, own.data)
    one, other = (each.simulate(M, RIDGE, trials=2, source="gaussians") for each in (own, twin))
    assert np.allclose(one.generalization_error, other.generalization_error, rtol=1e-9)
