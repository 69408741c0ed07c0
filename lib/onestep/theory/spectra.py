"""The spectrum of the feature matrix: outliers, bulk, and what the outliers' vectors are.

All eigenvalues are those of ``(k/m) Phi Phi^T = (1/m) sigma(F^ X^T) sigma(F^ X^T)^T``: the factor k
takes the bulk to order 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import xarray as xr
from scipy import interpolate, linalg

from .. import hermite
from .._support import check, streams
from .._support.arrays import Array
from .._support.cores import side_by_side
from ..activations import Activation
from ..inputs import GaussianMixture, SingleIndex
from ..network import Problem, TrainedLayer, trial_memory
from ..spectrum import SampleSpectrum
from .limit import LEARNED, feature_law

COORDINATES = ("own", "shuffled")
"""Spike coordinates of the samples as they are, and in random order within every cluster."""

CHANCE = ("inputs, 1", "inputs, 2", "neurons, 1", "neurons, 2", "second layer", "step labels")
"""Empirical moments of a draw: of the samples' and the neurons' spike coordinates, to the powers 2
and 4, of the second layer, and of the labels in the step's sample."""

_GRID = 4001  # points of the spline of the smoothed activation: relative error below 1e-9


def feature_spectrum(
    problem: Problem, trials: int = 10, seed: int = 0, outliers: int = 8, powers: int = 6
) -> xr.Dataset:
    """Eigenvalues of simulated feature matrices beside what two partial theories make of them.

    Source: the book's chapter *Spikes in the features*.

    Parameters
    ----------
    problem
        As for `onestep.predicted_outliers`.
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
        know the special coordinates and nothing of the bulk; ``given_coordinates``: the outliers
        that these make with the law of the bulk; ``given_layer``:
        prediction from the eigenvalues of the exact population covariance of the drawn layer,
        which knows no sample (both NaN where hidden); ``alignment`` (coordinate, trial, index,
        power): squared projection of the samples' normalised ``He_p`` of their own spike coordinate
        on the right singular vector, averaged over clusters and spikes; ``learned`` (trial, index,
        function): that of each of `onestep.theory.limit.LEARNED`; and ``chance`` (quantity, trial):
        by how much each of the moments `CHANCE` is larger than its expectation, relatively: control
        variates of mean 0 (`onestep.claims.controlled`).

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> found = feature_spectrum(Problem(n=40, m=60, k=30), trials=1, outliers=3)
    >>> dict(found.eigenvalue.sizes), found.learned.dims
    ({'trial': 1, 'neuron': 30}, ('trial', 'index', 'function'))
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
    results = side_by_side(
        lambda trial: _one(problem, law, trial, seed, outliers, powers),
        range(trials),
        trial_memory(problem),
    )
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
            "learned": ((*dims, "function"), np.array([one.learned for one in results])),
            "chance": (("quantity", "trial"), np.stack([one.chance for one in results], axis=1)),
        },
        coords={
            "coordinate": list(COORDINATES),
            "trial": np.arange(trials),
            "index": np.arange(outliers),
            "power": np.arange(powers + 1),
            "function": list(LEARNED),
            "quantity": list(CHANCE),
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
    learned: Array  # (index, function)
    chance: Array  # (quantity,)


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
    v = layer.draws.step.X.T @ layer.draws.step.y / problem.batch_size
    xi = layer.labels.xi if isinstance(layer.labels, SingleIndex) else np.zeros(layer.inputs.n)
    basis = _special_basis(inputs, xi, v)
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
        learned=np.column_stack(
            [_along(right, each) for each in (sample.X @ xi, sample.X @ v, sample.y)]
        ),
        chance=_chance(problem, layer, inputs),
    )


def _chance(problem: Problem, layer: TrainedLayer, inputs: GaussianMixture) -> Array:
    """Relative excess of the moments `CHANCE`."""
    drawn, clusters = layer.draws, inputs.weights.size
    samples, neurons = np.zeros(2), np.zeros(2)
    for c in range(clusters):
        along = inputs.directions[c]
        rows = drawn.readout.X[drawn.readout.cluster == c] - inputs.means[c]
        kappa = rows @ along / np.sqrt(1 + inputs.strengths[c])
        s = drawn.weights.F @ along * np.sqrt(problem.n) / problem.scale
        for i, (power, expected) in enumerate(((2, 1.0), (4, 3.0))):
            samples[i] += np.mean(kappa**power, axis=1).sum() / (problem.m * expected)
            neurons[i] += np.mean(s**power) / (clusters * expected)
    second = problem.k * np.mean(drawn.weights.w**2)
    moments = np.array([*samples, *neurons, second]) - 1
    return np.append(moments, drawn.label_excess(drawn.step))


def _along(right: Array, values: Array) -> Array:
    """Squared projection of values at the samples, (m,) or (m, outputs); NaN if they are 0."""
    columns = values.reshape(len(values), -1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sum((right @ columns) ** 2, axis=1) / np.sum(columns**2))


def _special_basis(inputs: GaussianMixture, xi: Array, v: Array) -> Array:
    """Orthonormal basis of what all spikes, means, xi and v span, shape (n, dimension)."""
    columns = [*inputs.directions, inputs.means.T, xi[:, None], v.reshape(len(xi), -1)]
    columns = [each / max(float(np.linalg.norm(each)), 1e-300) for each in columns]
    return np.asarray(linalg.orth(np.concatenate(columns, axis=1), rcond=1e-8))


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
