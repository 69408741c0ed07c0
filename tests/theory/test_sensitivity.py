"""Slopes of the errors against identities, implicit differentiation and other differences."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep.network import TrainedLayer
from onestep.theory import CHOICES, Landscape, Spectrum, sensitivity

SMOOTH = onestep.Problem(
    n=80, m=120, k=90, activation="tanh", target="tanh", ridge=2e-2, noise=0.2, beta=0.6
)
METHODS = ("scalar", "scalar-conditional", "equivalent")


@pytest.mark.parametrize("method", [*METHODS, "conditional"])
def test_the_minimum_moves_with_the_ridge_as_the_envelope_theorem_has_it(method):
    found = sensitivity(SMOOTH, ["ridge"], method=method).training_error.item()
    here = Landscape(SMOOTH, method).errors({})
    assert np.isclose(found, here.training_error - here.plain_training_error, rtol=2e-7)


def test_ridge_and_samples_of_a_given_layer_by_implicit_differentiation():
    """kappa = ridge + kappa df1 / m, differentiated by hand on the eigenvalues."""
    m, ridge = SMOOTH.m, SMOOTH.ridge
    spectrum = Spectrum(TrainedLayer.train(SMOOTH, 0, 3).moments())
    ev, w, kappa = spectrum.eigenvalues, spectrum.weights, spectrum.errors(m, ridge).kappa
    df1, df2 = (np.sum((ev / (ev + kappa)) ** p) for p in (1, 2))
    by_kappa = -2 * np.sum(ev**2 / (ev + kappa) ** 3)  # of df2
    bias = spectrum.y2 - np.sum(w * (ev + 2 * kappa) / (ev + kappa) ** 2)
    bend = 2 * kappa * np.sum(w / (ev + kappa) ** 3)  # of the bias
    along = (bend / (1 - df2 / m) + bias * by_kappa / m / (1 - df2 / m) ** 2) / 2
    kappa_by_ridge = 1 / (1 - df2 / m)
    kappa_by_samples = -kappa * df1 / m**2 / (1 - df2 / m)
    direct = -bias * df2 / m**2 / (1 - df2 / m) ** 2 / 2
    expected = [ridge * along * kappa_by_ridge, m * (along * kappa_by_samples + direct)]
    found = sensitivity(SMOOTH, ["ridge", "samples"], method="equivalent", seed=3)
    assert np.allclose(found.generalization_error, expected, rtol=1e-7)
    assert np.all(found.generalization_error_uncertainty < 1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["step", "spread"])
def test_slopes_agree_with_other_differences_to_a_millionth(method, name):
    # In the limit of small networks modes are left out that count a little.
    problem = SMOOTH if method == "equivalent" else replace(SMOOTH, n=400, m=600, k=450)
    landscape = Landscape(problem, method, seed=1)
    x, values = landscape.given(name), {}
    for h in (0.002, 0.001):
        up, down = (landscape.errors({name: x * np.exp(s * h)}) for s in (1, -1))
        values[h] = np.array(
            [
                (getattr(up, each) - getattr(down, each)) / (2 * h)
                for each in ("training_error", "generalization_error")
            ]
        )
    expected = (4 * values[0.001] - values[0.002]) / 3
    found = sensitivity(problem, [name], method=method, seed=1)
    errors = [found.training_error.item(), found.generalization_error.item()]
    assert np.allclose(errors, expected, atol=1e-6 * landscape.errors({}).generalization_error)


@pytest.mark.parametrize("method", ["scalar", "scalar-conditional"])
def test_the_slope_in_the_width_is_that_of_a_parabola_through_close_widths(method):
    problem = replace(SMOOTH, k=900, n=800, m=1200)
    landscape = Landscape(problem, method)
    below, above = (landscape.errors({"width": k}).generalization_error for k in (899, 901))
    found = sensitivity(problem, ["width"], method=method)
    # The differences' own error is (1 / 900)^2, relatively.
    assert np.isclose(found.generalization_error.item(), 450 * (above - below), rtol=1e-5)
    assert found.generalization_error_uncertainty.item() < 1e-9


def test_a_drawn_layer_is_the_same_at_all_points():
    """Steps of ReLU on one sample: without new draws the errors are smooth to rounding."""
    problem = replace(SMOOTH, activation="relu", target="relu", step=20.0)
    found = sensitivity(problem, ["step"], method="equivalent", trial=2)
    assert found.generalization_error_uncertainty.item() < 1e-8
    here = Landscape(problem, "equivalent", trial=2, seed=5).errors({})
    one = onestep.predict(problem, ["network"], trials=3, seed=5).isel(model=0, trial=2)
    assert here.generalization_error == one.generalization_error.item()


def test_classes_have_a_slope_of_their_accuracy():
    problem = replace(SMOOTH, target="class", loss="logistic", noise=0.0, activation="relu")
    found = sensitivity(problem, ["ridge"], method="equivalent", guarded=False)
    landscape = Landscape(problem, "equivalent")
    up, down = (
        landscape.errors({"ridge": problem.ridge * np.exp(h)}, guarded=False).accuracy
        for h in (0.01, -0.01)
    )
    assert np.isclose(found.accuracy.item(), (up - down) / 0.02, rtol=1e-3)


def test_all_choices_by_default_and_what_a_method_has_not():
    assert list(sensitivity(SMOOTH).over.values) == list(CHOICES)
    assert "width" not in sensitivity(SMOOTH, method="equivalent").over
    with pytest.raises(ValueError, match="a drawn layer has the width it has"):
        sensitivity(SMOOTH, ["width"], method="equivalent")
    with pytest.raises(ValueError, match=r"step = 0.0 is not allowed: 0 has no logarithm"):
        sensitivity(replace(SMOOTH, step=0.0), ["step"])
    for over in ("ridge", [], ["ridge", "ridge"], ["depth"]):
        with pytest.raises(ValueError, match="over = "):
            sensitivity(SMOOTH, over)


def test_where_there_is_no_error_there_is_no_slope():
    far = replace(SMOOTH, spread=5000.0)
    assert np.isnan(sensitivity(far, ["ridge"]).generalization_error.item())
