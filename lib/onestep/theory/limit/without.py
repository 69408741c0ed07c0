"""The limit with one ingredient of the theory left out: negative controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ... import activations, hermite
from ...activations import Activation
from ...inputs import GaussianMixture
from ...network import Network, Prediction, Problem
from .scalar import Limit
from .special_coordinates import Coordinates, coordinates

INGREDIENTS = ("nothing", "residual", "scale", "clusters", "norms", "rows")
"""What `limit_without` can leave out."""


def limit_without(problem: Problem, ingredient: str) -> Prediction:
    """Errors of the network in the limit, with one ingredient left out.

    Parameters
    ----------
    problem
        The setting, with two centred clusters or more.
    ingredient
        ``"nothing"``: the limit as it is. ``"residual"``: what the conditional mean and the slope
        leave of a neuron's power counts as 0 (h* dropped). ``"scale"``: preactivations have a bulk
        of size 1, not ``(n/tr)^{1/2}``. ``"clusters"``: one Gaussian of the mean covariance takes
        the place of the mixture. ``"norms"``: all neurons, and all inputs, have a bulk of one norm.
        ``"rows"``: the step of a row does not depend on the row, so that trained rows are Gaussian.

    Raises
    ------
    ValueError
        If the ingredient is unknown, or clusters with overlapping spikes are to be averaged.

    Examples
    --------
    >>> problem = Problem(n=200, m=200, k=200)
    >>> right, wrong = (limit_without(problem, left_out) for left_out in ("nothing", "residual"))
    >>> bool(abs(wrong.training_error / right.training_error - 1) > 0.1)
    True
    """
    problem.require_simple("the limit")
    special = coordinates(problem)
    dimensions = special.dimensions
    features = Network().feature_map(activations.get(problem.activation), problem.scale, 1)
    if ingredient == "scale":
        special = replace(special, bulk_scale=1.0, step=replace(special.step, scale=1.0))
    elif ingredient == "clusters":
        special = replace(special, inputs=_averaged(special.inputs))
    elif ingredient == "norms":
        special = replace(special, dimensions=10**15)  # in which norms do not fluctuate
    elif ingredient == "rows":
        special = replace(special, step=replace(special.step, slope=_mean_slope(special)))
    elif ingredient not in INGREDIENTS:
        raise ValueError(f"ingredient = {ingredient!r} is not allowed: one of {INGREDIENTS} is")
    limit = replace(Limit.of(special, problem.k, features), n=dimensions)
    if ingredient == "residual":
        limit = replace(limit, types=replace(limit.types, rest=np.zeros_like(limit.types.rest)))
    return limit.errors(problem.m, problem.ridge)


def _mean_slope(special: Coordinates) -> Activation:
    """The student's derivative as a constant."""
    step = special.step
    return activations.get(repr(float(hermite.coefficients(step.slope, 0, step.scale)[0])))


def _averaged(inputs: GaussianMixture) -> GaussianMixture:
    """One Gaussian with the covariance of the whole mixture."""
    directions = np.concatenate(list(inputs.directions), axis=1)
    if not np.allclose(directions.T @ directions, np.eye(directions.shape[1])):
        raise ValueError("alignment must be 0 to average the clusters' covariances")
    strengths = (inputs.weights[:, None] * inputs.strengths).reshape(1, -1)
    return GaussianMixture(np.ones(1), directions[None], strengths, np.zeros((1, inputs.n)))
