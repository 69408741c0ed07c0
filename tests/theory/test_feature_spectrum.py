"""Spectra of drawn features beside their formulas."""

import numpy as np
import pytest

import onestep
from onestep import activations, claims
from onestep.network import TrainedLayer, draw
from onestep.theory import feature_spectrum
from onestep.theory.limit import feature_law, predicted_outliers

SINE = "sin(1.2*z + 0.8)"


def problem(**options):
    size = {"n": 300, "m": 300, "k": 300}
    return onestep.Problem(**(size | {"alpha": 0.0, "beta": 0.8} | options))


def test_eigenvalues_and_alignments_are_those_of_the_features():
    setting = problem(n=60, m=50, k=40, activation=SINE)
    found = feature_spectrum(setting, trials=2, seed=3, outliers=4, powers=2)
    drawn = draw(setting, 1, 3)
    F = TrainedLayer.of(setting, drawn).F
    Phi = activations.get(SINE)(F @ drawn.readout.X.T)
    values = np.linalg.svd(Phi / np.sqrt(50), full_matrices=False)
    assert np.allclose(found.eigenvalue.sel(trial=1), values[1] ** 2)
    total = np.zeros((4, 3))
    for c in range(2):
        x = drawn.readout.X @ drawn.inputs.directions[c, :, 0] / np.sqrt(1 + setting.theta)
        inside = drawn.readout.cluster == c
        for p, target in enumerate((np.ones_like(x), x, (x**2 - 1) / np.sqrt(2))):
            vector = np.where(inside, target, 0.0)
            total[:, p] += (values[2][:4] @ vector) ** 2 / (vector @ vector) / 2
    assert np.allclose(found.alignment.sel(trial=1, coordinate="own"), total)


def test_more_neurons_than_samples_leave_zeros():
    found = feature_spectrum(problem(n=60, m=30, k=50), trials=1, outliers=3)
    assert found.eigenvalue.shape == (1, 50)
    assert np.allclose(found.eigenvalue[0, 30:], 0)


@pytest.mark.parametrize("activation", ["relu", SINE])
def test_outliers_bulk_and_alignment_of_a_network(activation):
    """12 draws at n = m = k = 300: 5 standard errors and 3 n^{-1/2} for the finite size."""
    setting = problem(activation=activation)
    found = feature_spectrum(setting, trials=12, seed=1, outliers=6)
    expected = predicted_outliers(setting)
    slack = 3 / np.sqrt(setting.n)
    for group in (slice(0, 1), slice(1, 3)):
        drawn = found.eigenvalue[:, group].sum("neuron")
        for name in ("given_coordinates", "given_layer"):
            ratio = claims.sample(drawn.values / found[name][:, group].sum("index").values)
            assert abs(ratio.value - 1) < 5 * ratio.standard_error + slack
        ratio = claims.sample(drawn.values / float(expected.position[group].sum()))
        assert abs(ratio.value - 1) < 5 * ratio.standard_error + slack
    own = found.alignment.sel(coordinate="own")[:, :3].sum("index")
    predicted = expected.alignment[:3].sum("mode")
    assert abs(float(own.sel(power=1).mean()) - float(predicted.sel(power=1))) < slack
    shuffled = found.alignment.sel(coordinate="shuffled", power=1)[:, :3].sum("index")
    assert float(shuffled.mean()) < 0.1
    law = feature_law(setting)
    # Spikes that left the bulk, at most 8, move the distribution by as many steps.
    distance = [law.kolmogorov_distance(values[5:]) for values in found.eigenvalue.values]
    assert np.mean(distance) < 8 / setting.k + np.log(setting.k) / setting.k


def test_learned_directions_are_those_of_the_draw():
    setting = problem(n=60, m=50, k=40, alpha=0.5, direction="aligned")
    found = feature_spectrum(setting, trials=1, seed=3, outliers=4)
    drawn = draw(setting, 0, 3)
    layer = TrainedLayer.of(setting, drawn)
    X, y = drawn.readout.X, drawn.readout.y
    right = np.linalg.svd(activations.get("relu")(layer.F @ X.T))[2][:4]
    v = drawn.step.y @ drawn.step.X
    for name, values in {"index": X @ layer.labels.xi, "step": X @ v, "label": y}.items():
        expected = (right @ values / np.linalg.norm(values)) ** 2
        assert np.allclose(found.learned.sel(trial=0, function=name), expected)
    # A class has no index.
    by_class = feature_spectrum(problem(n=60, m=50, k=40, target="class"), trials=1, outliers=2)
    assert np.isnan(by_class.learned.sel(function="index")).all()
    assert by_class.learned.sel(function="label").notnull().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"trials": 0}, "trials"), ({"outliers": 300}, "outliers = 300"), ({"powers": -1}, "powers")],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        feature_spectrum(problem(), **options)
