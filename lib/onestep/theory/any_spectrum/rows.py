"""Rows of the layer after the step, on axes that clusters share: a lattice over their law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # loads its `stats`, a second, when rows are drawn
from numpy.typing import NDArray
from scipy.special import ndtri

from ... import activations, hermite
from ..._support import streams
from ..._support.arrays import Array
from ...activations import Activation
from ...inputs import Mixture
from ...network import Problem, TrainedLayer
from ..limit.mean_gradient import mean_gradient
from .shared_axes import SharedAxes

ROWS = 4096
_HELD = 1e-5  # share of a preactivation that may move along no axis of its own
_MOST_OFF = 1e-2  # and beyond which there is no answer
_MOST_MOVED = 16  # axes


@dataclass(frozen=True)
class TrainedRows:
    """Rows of trained neurons, on axes that the clusters of the inputs share.

    Attributes
    ----------
    axes
        The laws of inputs and labels.
    rows
        A lattice over the law of a row, shape (4096, n).
    moved
        The axes along which all of them move.
    k
        Width.
    activation
        sigma.

    Examples
    --------
    >>> from onestep.inputs import DenseMixture
    >>> n = 30
    >>> t = np.arange(1, n + 1.0) ** -1.5
    >>> mixture = DenseMixture(np.ones(1), np.diag(n * t / t.sum())[None], np.zeros((1, n)))
    >>> problem = Problem(n=n, m=n, k=n, weights=(1.0,), direction=(1.0,) * n, step=n)
    >>> trained = TrainedRows.of(problem, mixture)
    >>> trained.rows.shape, bool(trained.moved.any()), bool(trained.moved.all()), trained.layer.k
    ((4096, 30), True, False, 30)
    """

    axes: SharedAxes
    rows: Array
    moved: NDArray[np.bool_]
    k: int
    activation: Activation

    @classmethod
    def of(cls, problem: Problem, mixture: Mixture) -> TrainedRows:
        """After the step of a problem, in front of given inputs.

        Rows before the step are ``N(0, I / tr)``. The mean of the gradient is exact for every row;
        its sampling noise is one vector for all rows, and for the rest independent.

        Raises
        ------
        ValueError
            If the step moves neurons along more axes than 16, training is another, clusters do not
            share axes, or the direction of labels is to be drawn.
        """
        problem.require_one_step("the limit for any spectrum (method 'scalar' with inputs)")
        axes, activation = SharedAxes.of(problem, mixture), activations.get(problem.activation)
        inputs, n = axes.inputs, problem.n
        outputs = axes.noise.shape[1]
        # Scrambled: of so many dimensions plain lattices have projections onto two that are lines.
        lattice = scipy.stats.qmc.Sobol(n + outputs, seed=streams.generator("rows of a layer"))
        x = ndtri(np.clip(lattice.random(ROWS), 1e-12, 1 - 1e-12))
        x /= np.sqrt(np.mean(x**2, axis=0))
        u, z = x[:, :n] / math.sqrt(inputs.trace), x[:, n:]
        b = math.sqrt(n / inputs.trace)
        slope = hermite.OfActivation(activation.slope)
        halves = [np.diag(np.sqrt(each)) for each in axes.eigenvalues]
        signal, _ = mean_gradient(inputs, axes.labels, halves, slope, 0.0, u)
        first = float(slope.coefficients(0, np.array([b]), np.zeros(1))[0, 0])
        size = problem.eta / problem.k
        power = inputs.weights @ axes.eigenvalues
        off = np.sum(z**2, axis=1) * float(np.mean(axes.noise**2 / power[:, None].clip(1e-300)))
        spread = float(hermite.mean_square_slope(problem.activation, b)) - first**2
        own = 1 + size**2 * max(spread, 0.0) * inputs.trace * np.outer(off, power)
        rows = u * np.sqrt(own) + np.einsum("uno,uo->un", size * (signal + first * axes.noise), z)
        common = size * (signal.mean(axis=0) + first * axes.noise)
        return cls(axes, rows, _moved(axes, rows, common), problem.k, activation)

    @property
    def layer(self) -> TrainedLayer:
        """The first k rows, or all if there are fewer, as a layer in front of the inputs."""
        return TrainedLayer(
            self.rows[: self.k], self.activation, self.axes.inputs, self.axes.labels
        )


def _moved(axes: SharedAxes, rows: Array, common: Array) -> NDArray[np.bool_]:
    """Axes with a mean, and those that hold nearly all of what the step adds to all rows."""
    moved = np.any(np.abs(axes.inputs.means) > 1e-9, axis=0)
    share = np.max(
        [np.sum(common**2, axis=1) * each / np.mean(rows**2 @ each) for each in axes.eigenvalues],
        axis=0,
    )
    share[moved] = 0.0
    order = np.argsort(-share)
    left = share.sum() - np.cumsum(share[order])
    count = int(np.searchsorted(-left, -_HELD)) + 1 if share.sum() > _HELD else 0
    if count > _MOST_MOVED and left[_MOST_MOVED - 1] > _MOST_OFF:
        raise ValueError(
            f"inputs, step: the step moves neurons along {count} axes at once, and the most is "
            f"{_MOST_MOVED}; 'equivalent' and 'conditional', which are given the layer, need none"
        )
    moved[order[: min(count, _MOST_MOVED)]] = True
    return np.asarray(moved)
