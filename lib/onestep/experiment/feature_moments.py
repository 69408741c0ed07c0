"""The formula with the moments that features have on the data themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._support import check, streams
from ..inputs import halves
from ..network import Moments
from ..theory import Spectrum
from .own_network import OwnNetwork


def predicted_on_data(own: OwnNetwork, samples: int, ridge: float, seed: int = 0) -> float:
    """Generalization error of ridge regression behind a network on its data, with no readout.

    The formula needs ``E phi phi^T`` and ``E phi y``. `OwnNetwork.predict` has them of Gaussians
    with the means and covariances of the inputs; here they are averages over the data, so that what
    is not Gaussian in the inputs counts, as far as these moments see it. The two errors differ
    where the data are not Gaussian *for this network*. The bias from N inputs, some c / N, is taken
    out by the errors from both halves of every class, whose bias is twice as large.

    Parameters
    ----------
    own
        A network in front of an `onestep.inputs.EmpiricalMixture`.
    samples, ridge
        As for `OwnNetwork.predict`.
    seed
        Root seed >= 0 of the noise of the inputs, if they have any.

    Raises
    ------
    ValueError
        If the network has a mixture and no data.

    Examples
    --------
    >>> from onestep.inputs import EmpiricalMixture
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.standard_normal((4000, 20)), rng.integers(0, 2, 4000)
    >>> pairs = X + np.where(rng.random(4000) < 0.5, 4, -4)[:, None] * np.eye(20)[y]
    >>> F = rng.standard_normal((60, 20)) / 20**0.5
    >>> for inputs in (X * (1 + y[:, None]), pairs):  # Gaussians, and pairs of clusters
    ...     own = OwnNetwork(F, "relu", EmpiricalMixture.from_arrays(inputs, y).standardised())
    ...     gaussian = own.predict(100, 1e-2, guarded=False).generalization_error
    ...     print(bool(abs(gaussian / predicted_on_data(own, 100, 1e-2) - 1) < 0.1))
    True
    False
    """
    data = own.empirical
    rng = streams.generator("inputs with noise", check.integer("seed", seed, 0))
    features = own.layer.features(data.drawn(slice(None), rng))
    y = data.told(data.y)[0]

    def error(rows: NDArray[np.intp]) -> float:
        Phi, told = features[:, rows], y[rows]
        moments = Moments(
            Phi @ Phi.T / len(rows), Phi @ told / len(rows), float(np.sum(told**2)) / len(rows), 0.0
        )
        return Spectrum(moments).errors(samples, ridge).generalization_error

    one, other = halves(data.cluster)
    return 2 * error(np.arange(len(y))) - (error(one) + error(other)) / 2
