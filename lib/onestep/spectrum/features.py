"""The spectrum of the feature matrix: outliers, bulk, and what the outliers' vectors are.

All eigenvalues are those of ``(k/m) Phi Phi^T = (1/m) sigma(F^ X^T) sigma(F^ X^T)^T``: the factor k
takes the bulk to order 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import xarray as xr
from scipy import interpolate, linalg

from .. import hermite
from .._support import check, streams
from .._support.arrays import Array
from ..activations import Activation
from ..inputs import GaussianMixture
from ..network import Problem, TrainedLayer
from .sample_spectrum import SampleSpectrum
from .spike_kernel import feature_bulk, limit_bulk, spike_modes

COORDINATES = ("own", "shuffled")
"""Spike coordinates of the samples as they are, and in random order within every cluster."""

_GRID = 4001  # points of the spline of the smoothed activation: relative error below 1e-9


BULKS = ("averaged", "limit", "plain")
"""Laws of the bulk: see `feature_law`."""


def feature_law(problem: Problem, bulk: str = "averaged") -> SampleSpectrum:
    """Law of the feature matrix's bulk.

    Parameters
    ----------
    problem
        As for `predicted_outliers`.
    bulk
        ``"averaged"``: slope and residual of a neuron averaged over the spike coordinates;
        ``"limit"``: those of its bulk alone, which differ by O(theta / tr); ``"plain"``, a negative
        control: features of the averaged variance that are independent between neurons, whose law
        is Marchenko-Pastur's.

    Examples
    --------
    >>> problem = Problem(n=400, m=800, k=400)
    >>> feature_law(problem).edge > feature_law(problem, "plain").edge
    True
    """
    bulk = check.choice("bulk", bulk, BULKS)
    population = limit_bulk(problem) if bulk == "limit" else feature_bulk(problem)
    if bulk == "plain":
        population = replace(population, slope=0.0, noise=float(np.sqrt(population.mean)))
    return SampleSpectrum(population, problem.m)


def predicted_outliers(problem: Problem, modes: int = 12, powers: int = 6) -> xr.Dataset:
    """Outliers of the feature matrix by formula, without drawing anything.

    Source: the book's chapter *Spikes in the features*.

    Parameters
    ----------
    problem
        At most 3 centred clusters with one spike each, mutually orthogonal. The gradient step is
        left out: valid where ``eta`` is of order 1 and the direction is random.
    modes
        How many modes of the spike kernel to follow, >= 1.
    powers
        Highest power of the spike coordinate in ``alignment``.

    Returns
    -------
    xarray.Dataset
        Dimensions (mode, power), largest mode first: ``strength`` of the added spike in units of
        the bulk; ``population`` and ``position``, the eigenvalues of k M and of the sample that it
        makes (NaN if hidden); ``alignment``, the predicted squared projection of the samples'
        ``He_p`` on the outlier's right singular vector, averaged over clusters; ``power_of``, the
        power that the mode belongs to. ``attrs``: ``edge`` of the bulk and
        ``detection_limit``, which the largest bulk eigenvalue exceeds in one draw of a hundred.

    Examples
    --------
    >>> problem = Problem(n=400, m=800, k=400, alpha=0.0, beta=0.8)
    >>> found = predicted_outliers(problem, modes=3)
    >>> found.power_of.values, bool((found.position > found.edge).all())
    (array([0, 1, 1]), True)
    """
    modes = check.integer("modes", modes, 1)
    powers = check.integer("powers", powers, 1)
    law = feature_law(problem)
    kernel = spike_modes(problem, modes, powers)
    spikes = [law.spike(strength) for strength in kernel.strength if strength > 0]
    share = kernel.share[: len(spikes)]
    cosine = np.array([spike.alignment for spike in spikes])
    return xr.Dataset(
        {
            "strength": ("mode", kernel.strength[: len(spikes)]),
            "population": ("mode", [spike.population for spike in spikes]),
            "position": ("mode", [spike.sample for spike in spikes]),
            "power_of": ("mode", kernel.power[: len(spikes)]),
            "alignment": (("mode", "power"), share * cosine[:, None] / len(problem.weights)),
        },
        coords={"mode": np.arange(len(spikes)), "power": np.arange(powers + 1)},
        attrs={
            "problem": problem.to_json(),
            "edge": law.edge,
            "detection_limit": law.detection_limit,
        },
    )


def feature_spectrum(
    problem: Problem, trials: int = 10, seed: int = 0, outliers: int = 8, powers: int = 6
) -> xr.Dataset:
    """Eigenvalues of simulated feature matrices beside what two partial theories make of them.

    Source: the book's chapter *Spikes in the features*.

    Parameters
    ----------
    problem
        As for `predicted_outliers`, at any direction and step.
    trials
        Independent draws, >= 1; everything is drawn anew in each.
    seed
        Root seed, >= 0.
    outliers
        How many of the largest eigenvalues to follow, in [1, min(k, m)).
    powers
        Highest power of the spike coordinate in ``alignment``.

    Returns
    -------
    xarray.Dataset
        Dimensions (trial, index), largest first. ``eigenvalue`` (trial, neuron): all of them;
        ``mean_strength``: eigenvalues of the drawn neurons' and samples' conditional means, which
        know the spike coordinates and nothing of the bulk; ``given_coordinates``: the outliers
        that these make with the law of the bulk; ``given_layer``:
        prediction from the eigenvalues of the exact population covariance of the drawn layer,
        which knows no sample (both NaN where hidden); ``alignment`` (coordinate, trial, index,
        power): squared projection of the samples' normalised ``He_p`` of their own spike coordinate
        on the right singular vector, averaged over clusters and spikes.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> found = feature_spectrum(Problem(n=40, m=60, k=30), trials=1, outliers=3)
    >>> dict(found.sizes)
    {'trial': 1, 'neuron': 30, 'index': 3, 'coordinate': 2, 'power': 7}
    """
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    outliers = check.integer("outliers", outliers, 1)
    powers = check.integer("powers", powers, 0)
    if outliers >= min(problem.k, problem.m):
        raise ValueError(
            f"outliers = {outliers} is not allowed: less than min(k, m) = "
            f"{min(problem.k, problem.m)} is needed"
        )
    law = feature_law(problem)
    results = [_one(problem, law, trial, seed, outliers, powers) for trial in range(trials)]
    dims = ("trial", "index")
    return xr.Dataset(
        {
            "eigenvalue": (("trial", "neuron"), np.array([one.eigenvalues for one in results])),
            "mean_strength": (dims, np.array([one.mean_strength for one in results])),
            "given_coordinates": (dims, np.array([one.given_coordinates for one in results])),
            "given_layer": (dims, np.array([one.given_layer for one in results])),
            "alignment": (
                ("coordinate", *dims, "power"),
                np.stack([one.alignment for one in results], axis=1),
            ),
        },
        coords={
            "coordinate": list(COORDINATES),
            "trial": np.arange(trials),
            "index": np.arange(outliers),
            "power": np.arange(powers + 1),
        },
        attrs={"problem": problem.to_json(), "seed": seed},
    )


@dataclass(frozen=True)
class _Spectrum:
    eigenvalues: Array
    mean_strength: Array
    given_coordinates: Array
    given_layer: Array
    alignment: Array  # (coordinate, index, power)


def _one(
    problem: Problem, law: SampleSpectrum, trial: int, seed: int, outliers: int, powers: int
) -> _Spectrum:
    layer = TrainedLayer.train(problem, trial, seed)
    F, sample = layer.F, layer.draws.readout
    values = layer.activation(layer.preactivations(sample.X))
    gram = values.T @ values / problem.m
    eigenvalues = linalg.eigvalsh(gram)
    right = linalg.eigh(gram, subset_by_index=_top(problem.m, outliers))[1][:, ::-1].T
    # Training draws this kind of mixture unless another is given.
    inputs = cast(GaussianMixture, layer.inputs)
    rng = streams.generator(*layer.draws.key, "shuffled coordinates")
    alignment = np.zeros((len(COORDINATES), outliers, powers + 1))
    clusters, _, rank = inputs.directions.shape
    for c in range(clusters):
        rows = np.flatnonzero(sample.cluster == c)
        spread = np.sqrt(1 + inputs.strengths[c])
        kappa = sample.X[rows] @ inputs.directions[c] / spread
        for i, coordinates in enumerate((kappa, rng.permutation(kappa))):
            for j in range(rank):
                target = hermite.normalised_polynomials(coordinates[:, j], powers)
                target /= np.linalg.norm(target, axis=0)
                alignment[i] += (right[:, rows] @ target) ** 2 / (clusters * rank)
    spectrum = np.zeros(problem.k)
    kept = min(problem.k, problem.m)
    spectrum[:kept] = np.maximum(eigenvalues[::-1][:kept], 0.0)
    basis = _spike_basis(inputs.directions)
    means = _smoothed(layer.activation, law.bulk.scale, (F @ basis) @ (sample.X @ basis).T)
    gram = means.T @ means if problem.m <= problem.k else means @ means.T
    gram /= problem.m
    strength = linalg.eigvalsh(gram, subset_by_index=_top(len(gram), outliers))[::-1]
    return _Spectrum(
        eigenvalues=spectrum,
        mean_strength=strength,
        given_coordinates=np.array([law.spike(s).sample if s > 0 else np.nan for s in strength]),
        given_layer=_exact_positions(
            problem.k * layer.moments().M, problem.m, law.threshold, outliers
        ),
        alignment=alignment,
    )


def _spike_basis(directions: Array) -> Array:
    """Orthonormal basis of the span of all spikes, shape (n, dimension)."""
    return np.asarray(linalg.orth(np.concatenate(list(directions), axis=1), rcond=1e-8))


def _smoothed(activation: Activation, scale: float, t: Array) -> Array:
    """``E sigma(t + scale g)`` for every entry of t, by a spline through exact values."""
    reach = max(float(np.abs(t).max()), scale)
    grid = np.linspace(-reach, reach, _GRID)
    exact = hermite.coefficients(activation, 0, scale, grid)[:, 0]
    return np.asarray(interpolate.CubicSpline(grid, exact)(t))


def _top(size: int, count: int) -> tuple[int, int]:
    return size - count, size - 1


def _exact_positions(M: Array, m: int, threshold: float, outliers: int) -> Array:
    """``psi`` of the largest eigenvalues, with the bulk of the drawn layer itself.

    The sum runs over the eigenvalues that are no outliers of the population: two outliers that
    are closer than their fluctuations do not repel as the formula of separated ones has it.
    """
    tau = linalg.eigvalsh(M)[::-1]
    large, rest = tau[:outliers][tau[:outliers] > threshold], tau[tau <= threshold]
    near = rest / (large[:, None] - rest)
    positions = np.full(outliers, np.nan)
    visible = np.sum(near**2, axis=1) < m
    positions[: large.size] = np.where(visible, large * (1 + near.sum(axis=1) / m), np.nan)
    return positions
