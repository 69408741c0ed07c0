"""The activations and scales at which Hermite coefficients are tested."""

from __future__ import annotations

import math

import numpy as np

CLOSED = (
    "identity", "relu", "leaky_relu(0.1)", "abs", "step", "hard_tanh", "erf", "gelu", "elu",
    "sin", "cos", "exp", "exp_bump", "cubic", "he(5)",
)  # fmt: skip
OPEN = ("tanh", "sigmoid", "softplus", "silu")
OWN = ("z*tanh(z)", "relu(z - 1)", "sqrt(abs(z))", "z/(1 + abs(z))", "he(2)*exp(-z**2/3)*cos(z)")
ROOTS = np.sqrt([float(math.factorial(p)) for p in range(151)])
SCALES = np.geomspace(0.05, 5, 9)
