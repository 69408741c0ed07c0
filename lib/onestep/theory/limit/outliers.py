"""Outliers of the features by formula, the step included: no random matrix is drawn.

Given the special coordinates kappa of an input, a neuron of type u has the conditional mean
m(u, kappa). The part of the features' second moment that these means make has, for many neurons,
the eigenvalues of

    K(kappa, kappa') = E_u m(u, kappa) m(u, kappa')

on functions of (c, kappa); the rest is their bulk. Types are rows of the trained layer
(`onestep.theory.limit.neuron_types`), so the learned direction is one more coordinate, and a step
of 0 leaves the spikes alone. What leaves the bulk: `onestep.theory.limit.typed_spectrum`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from ... import activations
from ..._support import check
from ..._support.arrays import Array
from ...hermite import gauss
from ...inputs import SingleIndex
from ...network import Network, Problem
from ...spectrum import Bulk, SampleSpectrum
from . import coordinate_rules
from .first_layer import require_no_overlaps
from .input_functions import InputFunctions
from .neuron_types import NeuronTypes, expanded_types
from .special_coordinates import Coordinates, coordinates
from .typed_spectrum import Outlier, TypedSpectrum

BULKS = ("averaged", "limit", "plain")
"""Laws of the bulk: see `feature_law`."""

_NODES = 60
# Largest fourth moment of a feature in units of its squared second: of few samples or neurons, for
# each of them more, and of any number. He_2 has 15, and outliers 9 % too low at 400.
_HEAVY, _MORE, _HEAVIEST = 7.5, 0.01, 20.0
_UNLIKE = 1.25  # largest ratio of the edge to that of the averaged bulk
_SCATTER = 0.25  # largest relative standard deviation of an outlier through its neurons

LEARNED = ("index", "step", "label")
"""What outliers are compared with: ``xi^T x``, ``v^T x`` with v of the step, and y."""


def feature_law(problem: Problem, bulk: str = "averaged") -> SampleSpectrum:
    """Law of the feature matrix's bulk.

    Given kappa, a neuron's output has the mean slope ``a(u, kappa) = E sigma'(z)`` and, about the
    conditional mean, a variance. The population covariance is an average over kappa: the law has
    the root mean square over kappa of the slope averaged over neurons, as two neurons share the
    product of theirs, and the residual that makes its mean the average variance.

    Source: the book's chapter *Spikes in the features*.

    Parameters
    ----------
    problem
        As for `predicted_outliers`.
    bulk
        ``"averaged"``: slope and residual of a neuron averaged over neurons and inputs;
        ``"limit"``: those of its bulk alone, which differ by O(theta / tr) before the step;
        ``"plain"``, a negative control: features of the averaged variance that are independent
        between neurons, whose law is Marchenko-Pastur's.

    Examples
    --------
    >>> problem = Problem(n=400, m=800, k=400)
    >>> feature_law(problem).edge > feature_law(problem, "plain").edge
    True
    """
    bulk = check.choice("bulk", bulk, BULKS)
    special, types, _ = _expanded(problem)
    population = _averaged(problem, special, types)
    if bulk == "limit":
        scale = special.bulk_scale
        population = Bulk.of(problem.activation, problem.k, special.dimensions, scale)
    elif bulk == "plain":
        population = replace(population, slope=0.0, noise=float(np.sqrt(population.mean)))
    return SampleSpectrum(population, problem.m)


def predicted_outliers(problem: Problem, modes: int = 12, powers: int = 6) -> xr.Dataset:
    """Outliers of the trained network's feature matrix by formula, without drawing anything.

    Source: the book's chapter *Spikes in the features*.

    Parameters
    ----------
    problem
        Before the step (``step=0``) or after it. Not covered, and refused: settings in which the
        outliers depend on the drawn overlaps of xi with spikes or means; neurons so unlike that
        the bulk has no edge; features of heavy tails; outliers that few neurons make.
    modes
        How many modes of the kernel to follow, >= 1.
    powers
        Highest power of the spike coordinate in ``alignment``.

    Returns
    -------
    xarray.Dataset
        Dimensions (mode, power, function), largest mode first: ``strength`` of the added spike in
        units of the bulk; ``population`` and ``position``, the eigenvalues of k M and of the sample
        that it makes (NaN if hidden). Of the outlier's right singular vector, a function of the
        inputs, the predicted squared cosine with others at the samples: ``alignment`` with ``He_p``
        of the own spike coordinate, averaged over clusters and spikes, and ``learned`` with each of
        `LEARNED` (NaN for the index of class labels; of several outputs the sum over all, in units
        of their joint power). ``power_of`` is the degree in kappa that the mode belongs to, 0 for
        constants. ``attrs``: ``edge`` of the bulk and ``detection_limit``, which the largest bulk
        eigenvalue exceeds in one draw of a hundred.

    Raises
    ------
    ValueError
        If an argument is out of range, or the problem not covered; the message names the field.

    Examples
    --------
    >>> problem = Problem(n=400, m=800, k=400, alpha=0.0, beta=0.8)
    >>> found = predicted_outliers(problem, modes=3)
    >>> found.power_of.values, bool((found.position > found.edge).all())
    (array([0, 1, 1]), True)

    With all strength in the step, the second outlier is the learned direction:

    >>> found = predicted_outliers(Problem(n=400, m=800, k=400, alpha=1.0, beta=0.8), modes=2)
    >>> found.learned.sel(mode=1, function="step").round(2).item()
    0.49
    """
    modes = check.integer("modes", modes, 1)
    powers = check.integer("powers", powers, 1)
    special, types, basis = _expanded(problem)
    law = TypedSpectrum(types, problem.k, special.dimensions, problem.m)
    found = law.outliers(modes)
    averaged = SampleSpectrum(_averaged(problem, special, types), problem.m)
    _require_light_tails(problem, special.bulk_scale)
    _require_alike(problem, law.edge / averaged.edge)
    _require_small_scatter(problem, types, found)
    functions = np.column_stack([each.function for each in found])
    cosine = np.array([each.cosine for each in found])[:, None]
    return xr.Dataset(
        {
            "strength": ("mode", [each.strength for each in found]),
            "population": ("mode", [each.population for each in found]),
            "position": ("mode", [each.sample for each in found]),
            "power_of": ("mode", _power(basis, functions)),
            "alignment": (("mode", "power"), cosine * _own(special, basis, functions, powers)),
            "learned": (("mode", "function"), cosine * _learned(special, types, basis, functions)),
        },
        coords={
            "mode": np.arange(len(found)),
            "power": np.arange(powers + 1),
            "function": list(LEARNED),
        },
        attrs={
            "problem": problem.to_json(),
            "edge": law.edge,
            "detection_limit": law.detection_limit,
        },
    )


def _expanded(problem: Problem) -> tuple[Coordinates, NeuronTypes, InputFunctions]:
    """The problem's coordinates, its neurons, and the functions of their means."""
    require_no_overlaps(problem)
    if min(problem.weights) == 0:
        raise ValueError(f"weights = {problem.weights!r} is not allowed here: all must be positive")
    special = coordinates(problem)
    features = Network().feature_map(activations.get(problem.activation), problem.scale, 1)
    # Modes are visible from about the power of the bulk on.
    floor = special.bulk_power(features.gaussian) / problem.k
    resolved = (0.01 / problem.k, 0.1 / problem.k)  # so are powers of a coordinate's share
    return special, *expanded_types(special, features.gaussian, features.noise, floor, resolved)


def _averaged(problem: Problem, special: Coordinates, types: NeuronTypes) -> Bulk:
    shared = float(np.sum((types.weights @ types.slopes) ** 2))
    power = float(types.weights @ (types.rest + np.sum(types.slopes**2, axis=1)))
    return Bulk(
        k=problem.k,
        n=special.dimensions,
        slope=np.sqrt(shared) / special.bulk_scale,
        noise=np.sqrt(max(power - shared, 0.0)),
        scale=special.bulk_scale,
    )


def _require_light_tails(problem: Problem, scale: float) -> None:
    """Refuse features whose noise has eigenvalues of its own beyond the edge of a Gaussian one."""
    x, w = gauss(_NODES)
    square = activations.get(problem.activation)(scale * x) ** 2
    kurtosis = float(w @ square**2) / float(w @ square) ** 2
    most = min(_HEAVY + _MORE * min(problem.m, problem.k), _HEAVIEST)
    if not kurtosis <= most:
        raise ValueError(
            f"activation = {problem.activation!r} is not allowed here: its features have heavy "
            f"tails, E sigma^4 / (E sigma^2)^2 = {kurtosis:.3g}; with m = {problem.m} and "
            f"k = {problem.k} at most {most:g} is needed"
        )


def _require_alike(problem: Problem, ratio: float) -> None:
    """Refuse neurons so different that there is no edge: a few large ones would make it."""
    if ratio > _UNLIKE:
        raise ValueError(
            f"activation = {problem.activation!r} is not allowed here: the bulks of the neurons "
            f"differ so much that their edge is {ratio:.3g} times that of the averaged bulk; at "
            f"most {_UNLIKE} times is needed (a smaller beta)"
        )


def _require_small_scatter(problem: Problem, types: NeuronTypes, found: list[Outlier]) -> None:
    """Refuse visible modes whose size depends on a few of the k neurons."""
    for each in found:
        own, norm = np.split(types.means @ each.function, 2)
        square = float(types.weights @ (own**2 + norm**2))
        fourth = float(types.weights @ (own**4 + 6 * (own * norm) ** 2 + 3 * norm**4))
        scatter = float(np.sqrt(max(fourth / square**2 - 1, 0.0) / problem.k))
        if each.cosine > 0 and scatter > _SCATTER:
            raise ValueError(
                f"activation = {problem.activation!r} is not allowed here with k = {problem.k}: "
                f"few neurons make an outlier, which scatters by {scatter:.2g} of itself between "
                f"draws; at most {_SCATTER} is needed (more neurons, or a smaller beta)"
            )


def _power(basis: InputFunctions, functions: Array) -> Array:
    """Degree that each mode belongs to: 0 for constants, else that of the largest share.

    Differences of clusters in an even power are of that power, although part of such a mode is the
    difference of the indicators.
    """
    share = basis.by_degree(functions)
    return np.asarray(np.where(share[:, 0] > 0.5, 0, 1 + share[:, 1:].argmax(axis=1)))


def _own(special: Coordinates, basis: InputFunctions, functions: Array, powers: int) -> Array:
    """Squared length along ``He_p`` of own spike coordinates, (modes, powers + 1), averaged."""
    inputs = special.inputs
    clusters, _, rank = inputs.directions.shape
    top = max(int(each.degrees.max()) for each in basis.clusters)
    coefficients = np.eye(max(top, powers) + 1)[:, : powers + 1]
    share = np.zeros((functions.shape[1], powers + 1))
    for c, rho in enumerate(inputs.weights):
        spread = np.sqrt(1 + inputs.strengths[c])
        for direction in (inputs.directions[c] / spread).T:
            share += (functions.T @ basis.polynomial(c, direction, coefficients)) ** 2 / rho
    return np.asarray(share / (clusters * rank))


def _learned(
    special: Coordinates, types: NeuronTypes, basis: InputFunctions, functions: Array
) -> Array:
    """Squared length along each of `LEARNED`, shape (modes, 3)."""
    labels, step = special.labels, special.step
    moments = coordinate_rules.second_moments(special)
    second = np.tensordot(special.inputs.weights, moments, axes=1)
    linear = functions.T @ basis.linear()

    def along(directions: Array) -> Array:
        power = float(np.sum(directions * (second @ directions)))
        return np.asarray(np.sum((linear @ directions) ** 2, axis=1) / power)

    xi = labels.xi[:, None] if isinstance(labels, SingleIndex) else np.full_like(step.mean, np.nan)
    known = np.sum((functions.T @ types.label) ** 2, axis=1) / types.y2
    return np.column_stack([along(xi), along(step.mean + step.noise), known])
