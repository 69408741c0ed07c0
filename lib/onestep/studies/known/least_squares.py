"""Least squares on the inputs themselves: isotropic ones, and two classes with two variances."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ... import activations
from ..._support import check
from ...inputs import Classes, DenseMixture
from ...network import Moments, TrainedLayer
from .. import archive

VARIANCES = (0.1, 0.5)
"""Of the two halves of the coordinates behind `published_curve`."""


def risk(gamma: float, signal: float, noise: float, ridge: float = 0.0) -> float:
    """``E (x^T beta^ - x^T beta)^2`` for isotropic inputs: Hastie et al. (2022).

    Ridge regression minimises ``||y - X b||^2 / n + ridge ||b||^2``, gamma is dimensions over
    samples, ``signal = |beta|``, and noise the standard deviation of that of the labels. With m(z)
    the Stieltjes transform of Marchenko and Pastur's law of ratio gamma, at ``z = -ridge``, it is

        signal^2 ridge^2 m' + noise^2 gamma (m - ridge m'),

    and without a ridge ``noise^2 gamma / (1 - gamma)`` for gamma < 1, and beyond
    ``signal^2 (1 - 1/gamma) + noise^2 / (gamma - 1)``; gamma = 1 is refused there.
    """
    gamma, ridge = check.positive("gamma", gamma), check.number("ridge", ridge, 0.0)
    if not ridge:
        if gamma == 1:
            raise ValueError("gamma = 1 is not allowed without a ridge: the risk is infinite there")
        if gamma < 1:
            return noise**2 * gamma / (1 - gamma)
        return signal**2 * (1 - 1 / gamma) + noise**2 / (gamma - 1)
    # gamma ridge m^2 + (1 - gamma + ridge) m = 1, and its derivative in z = -ridge.
    linear = 1 - gamma + ridge
    root = math.sqrt(linear**2 + 4 * gamma * ridge)
    m = 2 / (linear + root) if linear > 0 else (root - linear) / (2 * gamma * ridge)
    slope = m * (gamma * m + 1) / root
    return signal**2 * ridge**2 * slope + noise**2 * gamma * (m - ridge * slope)


def isotropic(dimensions: int, signal: float, noise: float) -> Moments:
    """Moments of isotropic inputs as features ``k^{-1/2} x``, k of them, and of their labels."""
    q = np.zeros(dimensions)
    q[0] = signal / math.sqrt(dimensions)
    return Moments(np.eye(dimensions) / dimensions, q, signal**2 + noise**2, 0.0)


def published_curve() -> pd.DataFrame:
    """Theory's curve of ridge regression on a Gaussian mixture that Loureiro et al. publish.

    Inputs are ``d^{-1/2} (y mu + Sigma^{1/2} z)``, y = 1 or -1, ``|mu| = 1``, half of the
    variances 0.1 and half 0.5; the loss ``sum (y - x^T w)^2 / 2 + lambda |w|^2 / 2`` has lambda
    0.01. Columns are ``sample_complexity`` (samples over dimensions), ``lambda``, and the order
    parameters ``m`` and ``q``, mean and variance of y times the output, ``V``, the response of
    an output to its own label, and ``train_loss``; the head of the file tells its source.
    """
    with (archive.DATA / "glm-ridge.csv").open() as file:
        return pd.read_csv(file, comment="#")


def mixture_layer(d: int) -> TrainedLayer:
    """The inputs of `published_curve`, d even, as features ``k^{-1/2} F x`` of a linear layer."""
    if d % 2:
        raise ValueError(f"d = {d!r} is not allowed: halves need an even number")
    covariance = np.diag(np.tile(VARIANCES, d // 2))
    mu = np.full(d, 1 / math.sqrt(d))
    inputs = DenseMixture(
        np.array([0.5, 0.5]), np.stack([covariance, covariance]), np.stack([mu, -mu])
    )
    return TrainedLayer(np.eye(d), activations.get("identity"), inputs, Classes())
