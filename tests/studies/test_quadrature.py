"""Coefficients against integration with many digits."""

import numpy as np

from onestep import hermite
from onestep.studies.model import quadrature


def test_certified_coefficients_are_right_and_plain_quadrature_is_not():
    exact = {"relu": hermite.referee("relu", 6, 0.7)[0]}
    assert np.abs(quadrature.normalised_errors(exact, 6, 0.7)).max() < 1e-14
    plain = quadrature.plain_errors("relu", exact["relu"], 6, 0.7, 50)
    assert np.abs(plain).max() > 1e-4


def test_derivatives_of_the_smoothed_activation_are_the_coefficients():
    names = ("relu", "gelu")
    found = quadrature.by_derivatives(names, 0.5)
    assert np.abs(found - quadrature.referees(names, 0.5)).max() < 1e-12


def test_no_power_is_missing_at_the_right_scale():
    assert np.abs(quadrature.missing_power(("tanh", "sin"), 0.4, 0.4)).max() < 1e-12
    assert np.abs(quadrature.missing_power(("tanh", "sin"), 0.4, 0.5)).min() > 1e-3


def test_steps_that_agree_on_a_wrong_wave():
    names = ("tanh", "tanh(z) + sin(51*z)")
    exact = {name: hermite.referee(name, 3, 1.0, digits=30)[0] for name in names}
    assert np.abs(quadrature.normalised_errors(exact, 3, 1.0)).max() < 1e-13
    smooth, wave = np.abs(quadrature.agreement_errors(exact, 3, 1.0)).max(axis=1)
    assert smooth < 1e-13
    assert wave > 0.5
