"""What `equivalent` neglects; digits, with much of their power on a few axes, are in its range."""

import math

import numpy as np
import pytest

import onestep
from onestep import activations
from onestep.inputs import DenseMixture, EmpiricalMixture, Linear, read
from onestep.network import Network, TrainedLayer
from onestep.theory import METHODS, Spectrum

M, RIDGE = 120, 0.05


def linear_layer(n=30, k=25):
    """Features F x of Gaussian inputs: quadratic forms of them have known variances."""
    rng = np.random.default_rng(0)
    covariance = np.diag(np.arange(1, n + 1.0) ** -1)
    F = rng.standard_normal((k, n))
    inputs = DenseMixture(np.ones(1), covariance[None], np.zeros((1, n)))
    return TrainedLayer(F, activations.get("identity"), inputs, Linear(np.ones(n)))


def test_the_scatter_of_a_quadratic_form_is_that_of_its_traces():
    """V = x^T A x has the mean Tr A S and the variance 2 Tr (A S)^2."""
    layer = linear_layer()
    spectrum = Spectrum.of(layer, layer.feature_map(Network(), 1))
    found = spectrum.errors(M, RIDGE)
    S, F, k = layer.inputs.covariances[0], layer.F, layer.k
    inverse = np.linalg.inv(F @ S @ F.T / k + found.kappa * np.eye(k))
    AS = F.T @ inverse @ F @ S / (k * M)
    expected = math.sqrt(2 * np.trace(AS @ AS)) / (1 + np.trace(AS))
    assert found.weight_scatter == pytest.approx(expected, rel=0.15)  # 500 inputs
    assert spectrum.errors(10 * M, RIDGE).weight_scatter < 0.3 * found.weight_scatter
    assert math.isnan(Spectrum(layer.moments()).errors(M, RIDGE).weight_scatter)


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_digits_are_in_range_and_the_formula_is_right_about_their_gaussians(activation):
    """Their preactivations have 0.4 of the power on common axes, which was out of range."""
    data = EmpiricalMixture.of(read("digits", drop_constant=True)).standardised()
    own = onestep.OwnNetwork.train(data, activation, width=100, samples=300, step=1.0)
    found = own.predict(300, 1e-2)
    assert found.status == "converged"
    assert found.coordinate_share > 0.3 and found.weight_scatter < 0.05
    measured = own.simulate(300, 1e-2, trials=24, source="gaussians").generalization_error
    error = float(measured.std(ddof=1)) / math.sqrt(24)
    assert (
        abs(found.generalization_error - float(measured.mean()))
        < 0.015 * measured.mean() + 3 * error
    )


def test_readouts_that_lean_on_single_inputs_are_out_of_range():
    """A ridge of 1e-4 and a third of the samples: off by 4 % for digits, as measured."""
    data = EmpiricalMixture.of(read("digits", drop_constant=True)).standardised()
    own = onestep.OwnNetwork.train(data, "relu", width=200, samples=100, step=1.0)
    found = own.predict(100, 1e-4)
    assert found.status == "out of range" and math.isnan(found.generalization_error)
    assert found.reason.startswith("weight_scatter = ") and found.weight_scatter > 0.12


def test_other_losses_and_the_limit_keep_the_bounds_that_they_had():
    way = METHODS["equivalent"]
    layer = linear_layer()
    features = layer.feature_map(Network(), 1)
    assert way.behind(layer, features, "square").domain is way.domain
    assert way.behind(layer, features, "huber").domain is way.convex_domain
    assert "weight_scatter" not in way.convex_domain.most
    assert METHODS["scalar"].domain.most["coordinate_share"] == 0.3


def test_features_beyond_float64_have_no_weights():
    layer = linear_layer()
    features = layer.feature_map(Network(), 1)
    huge = type(features)(lambda z: np.where(z > 0, np.inf, z), features.gaussian, 0.0)
    assert math.isnan(Spectrum.of(layer, huge).errors(M, RIDGE).weight_scatter)
