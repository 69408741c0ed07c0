"""Quadrature over special coordinates: of neurons, u ~ N(0, A), and of inputs, kappa given c."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..._support.arrays import Array
from ...hermite import gauss, gauss_on_pieces, product
from ..label_rule import label_rule
from .kernel_series import LARGEST, require_size
from .special_coordinates import Coordinates

_FEWEST = 2  # exact for linear and quadratic functions of a coordinate
_MOST = 40
_SIDE = 20  # nodes on either side of 0, at most, where the sign of a score turns: a step, if sharp
LABELLED = 4  # nodes on each smooth piece of the label, at least, for the square loss
SCORED = 30
"""The same for other losses, whose scores bend on a small part of a piece."""
_SMOOTH = 4  # nodes at most along an axis of which scores are nearly linear
_NEGLIGIBLE = 1e-12  # nodes of a weight below this part of the largest are left out


def symmetric_root(matrix: Array) -> Array:
    """Square root of a positive semidefinite matrix, symmetric as well."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def covariance(special: Coordinates, c: int) -> Array:
    """Of kappa in cluster c, shape (D, D)."""
    gamma, strengths = special.inputs.directions[c], special.inputs.strengths[c]
    return np.asarray(np.eye(len(gamma)) + (gamma * strengths) @ gamma.T)


def half(special: Coordinates, c: int) -> Array:
    """Symmetric square root of the covariance of kappa in cluster c, shape (D, D)."""
    return symmetric_root(covariance(special, c))


def visible_powers(share: float, resolved: float) -> int:
    """Powers of a share that are above `resolved`: they fall geometrically."""
    return math.ceil(math.log(resolved) / math.log(min(max(share, 1e-12), 1 - 1e-9)))


def node_count(share: float, resolved: float) -> int:
    """Nodes along an axis that makes this share of a preactivation's variance.

    Coefficients of a smoothed activation fall like powers of the share: those below `resolved` are
    left out.
    """
    return min(max(visible_powers(share, resolved), _FEWEST), _MOST)


def second_moments(special: Coordinates) -> Array:
    """``E[kappa kappa^T | c]`` for every cluster, shape (C, D, D)."""
    means = special.inputs.means
    covariances = np.array([covariance(special, c) for c in range(len(means))])
    return np.asarray(covariances + means[:, :, None] * means[:, None, :])


def type_axes(special: Coordinates, resolved: float) -> tuple[Array, list[int]]:
    """A root of A along the axes that inputs see, shape (D, D), and nodes for each of them."""
    root = symmetric_root(special.neurons)
    moments = second_moments(special)
    total = np.tensordot(special.inputs.weights, moments, axes=1)
    root = root @ np.linalg.eigh(root @ total @ root)[1]
    share = np.max([np.einsum("ij,ik,kj->j", root, each, root) for each in moments], axis=0)
    return root, [node_count(each, resolved) for each in share / (special.bulk_scale**2 + share)]


def input_axes(special: Coordinates, c: int) -> tuple[Array, Array]:
    """Axes of independent standard normal coordinates for kappa - mu_c in cluster c.

    Returns
    -------
    tuple
        The axes, columns of a (D, D) matrix: first the label's index, if there is one, then along
        axes of the neurons. And the share of a preactivation's variance that each makes, (D,).
    """
    root = half(special, c)
    index = root @ special.labels.direction(special.inputs, c)
    first = index[:, None] / np.linalg.norm(index) if np.any(index) else np.zeros((len(root), 0))
    others = np.linalg.svd(first)[0][:, first.shape[1] :]
    others = others @ np.linalg.eigh(others.T @ root @ special.neurons @ root @ others)[1]
    axes = root @ np.hstack([first, others])
    power = np.einsum("ij,ik,kj->j", axes, special.neurons, axes)
    return axes, power / (special.bulk_scale**2 + power)


def input_rule(
    special: Coordinates, c: int, resolved: float, piece: int = LABELLED
) -> tuple[Array, Array, Array, NDArray[np.intp]]:
    """Product rule for kappa in cluster c, with nodes on every smooth piece of the label.

    These are at least `piece`, if there are not too many in all. Without an index of the label the
    largest axis has many: scores of classes change sign along it.

    Returns
    -------
    tuple
        Nodes, shape (S, D), ``E[y | kappa, c]`` there, shape (S, outputs), weights, and group: of
        one are nodes that differ only along axes of few nodes, where scores are nearly linear.

    Raises
    ------
    ValueError
        If there are too many coordinates of large strength, or as `label_rule`.
    """
    inputs, labels = special.inputs, special.labels
    axes, share = input_axes(special, c)
    counts = [node_count(each, resolved) for each in share]
    require_size(math.prod(count for count in counts if count > _FEWEST), "scalar")
    rules = [gauss(count) for count in counts]

    def within(wanted: int, fewest: int, split: int) -> int:
        """Nodes on a side of one axis, for which the kernel between all inputs has room."""
        if wanted <= fewest:
            return fewest
        others = joined([rule for i, rule in enumerate(rules) if i != split] or [gauss(1)])
        room = math.sqrt(LARGEST) / (2 * inputs.weights.size * others[1].size)
        return max(min(wanted, math.floor(room)), fewest)

    if np.any(labels.direction(inputs, c)):
        # A piece is half as long.
        fewest = max(math.ceil(0.7 * counts[0]), LABELLED)
        rules[0] = label_rule(labels, inputs, c, within(piece, fewest, 0))
    elif max(counts) > _FEWEST:
        largest = int(np.argmax(share))
        side = within(_SIDE, math.ceil(0.5 * counts[largest]), largest)
        rules[largest] = gauss_on_pieces((0.0,), side)
    sizes = [weight.size for _, weight in rules]
    require_size(math.prod(size for size in sizes if size > _FEWEST), "scalar")
    grid, weights = joined(rules)
    counted = weights > _NEGLIGIBLE * weights.max()
    grid, weights = grid[counted], weights[counted]
    label = labels.mean(inputs, c, grid[:, 0]).reshape(len(grid), -1)
    sharp = [i for i, size in enumerate(sizes) if size > _SMOOTH]
    groups = np.unique(grid[:, sharp], axis=0, return_inverse=True)[1].ravel()
    return inputs.means[c] + grid @ axes.T, label, weights, groups


def mixture_rule(
    special: Coordinates, resolved: float, piece: int = LABELLED
) -> tuple[Array, Array, Array, NDArray[np.intp]]:
    """Rules of all clusters of any weight, one after the other; as `input_rule`."""
    clusters = [(c, rho) for c, rho in enumerate(special.inputs.weights) if rho]
    rules = [input_rule(special, c, resolved, piece) for c, _ in clusters]
    nodes, labels, weights, groups = zip(*rules, strict=True)
    first = np.cumsum([0, *(each.max() + 1 for each in groups)])
    return (
        np.vstack(nodes),
        np.vstack(labels),
        np.concatenate([rho * each for (_, rho), each in zip(clusters, weights, strict=True)]),
        np.concatenate([start + each for start, each in zip(first, groups, strict=False)]),
    )


def joined(rules: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Product of rules, in which all axes of two nodes share the corners of one cross-polytope.

    Like their product it is exact up to degree 3, with 2 q points for q axes in the place of 2^q.
    """
    small = [j for j, (x, _) in enumerate(rules) if len(x) == _FEWEST]
    large = [j for j, (x, _) in enumerate(rules) if len(x) > _FEWEST]
    if len(small) < 3 or not large:
        return product(rules)
    corners = math.sqrt(len(small)) * np.vstack([np.eye(len(small)), -np.eye(len(small))])
    outer, weights = product([rules[j] for j in large])
    grid = np.empty((len(outer), len(corners), len(rules)))
    grid[:, :, large] = outer[:, None, :]
    grid[:, :, small] = corners
    return grid.reshape(-1, len(rules)), np.repeat(weights / len(corners), len(corners))
