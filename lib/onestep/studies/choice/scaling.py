"""How fast errors fall with samples where eigenvalues and labels follow power laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ... import activations
from ..._support import streams
from ...inputs import DenseMixture
from ...inputs.labels import SingleIndex
from ...network import Network, TrainedLayer
from ...theory import Spectrum

LAWS = ((1.5, 2.0), (1.2, 1.8), (2.0, 2.5))
"""Exponents a of the eigenvalues j^-a and b of the label's variance j^-b along their axes."""

SAMPLES = (10, 17, 28, 47, 80)
"""m, far below n."""

_RIDGES = np.geomspace(1e-9, 1e-1, 17)


def published(a: float, b: float) -> float:
    """Exponent without noise: Bordelon et al. (2020), Spigler et al. (2020), Cui et al. (2021).

    Examples
    --------
    >>> published(1.5, 2.0), published(0.6, 4.0)
    (1.0, 1.2)
    """
    return min(b - 1, 2 * a)


def published_with_noise(a: float, b: float) -> float:
    """Exponent at the optimal ridge with noise, for many samples: Cui et al. (2021).

    Examples
    --------
    >>> published_with_noise(1.5, 2.0)
    0.5
    """
    return published(a, b) / (1 + published(a, b))


def layer(n: int, a: float, b: float, activation: str, seed: int) -> TrainedLayer:
    """An untrained layer of 2 n neurons on power-law inputs, with labels linear and without noise.

    Examples
    --------
    >>> found = layer(50, 1.5, 2.0, "tanh", seed=0)
    >>> found.k, found.inputs.eigenvalues(0)[::-1][:2].round(3).tolist()
    (100, [1.0, 0.354])
    """
    j = np.arange(1, n + 1.0)
    mixture = DenseMixture(np.ones(1), np.diag(j**-a)[None], np.zeros((1, n)))
    labels = SingleIndex(j ** (0.5 * (a - b)), activations.get("z"), 0.0)
    weights = streams.generator("scaling", seed).standard_normal((2 * n, n))
    return TrainedLayer(
        weights / np.sqrt(mixture.trace), activations.get(activation), mixture, labels
    )


def exponent(trained: TrainedLayer, samples: Sequence[int] = SAMPLES) -> float:
    """Slope of the logarithm of the error by formula, at its optimal ridge, in that of m; negated.

    Examples
    --------
    >>> 0.7 < exponent(layer(100, 1.5, 2.0, "z", seed=0), [5, 10, 20]) < 1.2
    True
    """
    solver = Spectrum.of(trained, trained.feature_map(Network(), 1))
    errors = [
        np.nanmin([solver.errors(m, float(ridge)).generalization_error for ridge in _RIDGES])
        for m in samples
    ]
    return -float(np.polyfit(np.log(samples), np.log(errors), 1)[0])


def exponents(n: int, students: Mapping[str, str], seed: int) -> pd.DataFrame:
    """Of networks in n dimensions, activations by name, beside the published ones; a row a law.

    Examples
    --------
    >>> exponents(60, {"lines": "z"}, seed=0).round(1).columns.tolist()
    ['lines', 'published', 'with noise']
    """
    rows = {
        (a, b): {name: exponent(layer(n, a, b, each, seed)) for name, each in students.items()}
        | {"published": published(a, b), "with noise": published_with_noise(a, b)}
        for a, b in LAWS
    }
    return pd.DataFrame(rows).T.rename_axis(["a", "b"])
