"""Matrices that are zero between polynomials of different parity: blocks, batched by size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..._support.arrays import Array


@dataclass(frozen=True)
class Blocks:
    """Vectors f_u of N rows, and means of their outer products.

    Matrices are lists, one array (number, size, size) for every size of block.

    Attributes
    ----------
    columns
        For each size the parts of all f_u, shape (number, size, N).
    places
        Which modes these are, shape (number, size).

    Examples
    --------
    >>> f = np.array([[1.0, 1.0], [2.0, -2.0], [3.0, 3.0]])
    >>> blocks = Blocks.of(f, np.array([[0], [1], [0]]))
    >>> K = blocks.kernel(np.ones(2))
    >>> [each.tolist() for each in K]  # of the second, and of the first and third
    [[[[4.0]]], [[[1.0, 3.0], [3.0, 9.0]]]]
    >>> blocks.times(blocks.inverse(K), np.eye(3)[:, :2]).round(4).tolist()
    [[0.9091, 0.0], [0.0, 0.2], [-0.2727, 0.0]]
    """

    columns: list[Array]
    places: list[NDArray[np.intp]]

    @classmethod
    def of(cls, f: Array, parity: NDArray[np.intp]) -> Blocks:
        """From f, shape (modes, N), and parities, one row for each mode."""
        _, group, counts = np.unique(parity, axis=0, return_inverse=True, return_counts=True)
        order = np.argsort(group.ravel(), kind="stable")
        groups = np.split(order, np.cumsum(counts)[:-1])
        places = [
            np.array([each for each in groups if each.size == size]) for size in np.unique(counts)
        ]
        return cls([f[each] for each in places], places)

    def kernel(self, weights: Array) -> list[Array]:
        """``E_u[weights f f^T]``."""
        each = weights / weights.size
        return [
            # A dot product for every block would be one call for every block.
            (f[:, 0] ** 2 @ each)[:, None, None]
            if f.shape[1] == 1
            else (f * each) @ f.transpose(0, 2, 1)
            for f in self.columns
        ]

    def inverse(self, K: list[Array]) -> list[Array]:
        """``(I + K)^{-1}``."""
        return [np.asarray(np.linalg.inv(np.eye(each.shape[1]) + each), dtype=float) for each in K]

    def response(self, inverse: list[Array], change: list[Array]) -> Array:
        """How `forms` of ``(I + K)^{-1}``, which is given, change with K."""
        return -self.forms([E @ d @ E for E, d in zip(inverse, change, strict=True)])

    def times(self, K: list[Array], x: Array) -> Array:
        """``K x``."""
        found = np.empty_like(x)
        for each, places in zip(K, self.places, strict=True):
            found[places] = each @ x[places]
        return found

    def products(self, x: Array) -> Array:
        """``f_u^T x`` of every row, shape (N, number)."""
        total = np.zeros((self.columns[0].shape[-1], x.shape[1]))
        for f, places in zip(self.columns, self.places, strict=True):
            size = places.size
            total += f.reshape(size, -1).T @ x[places].reshape(size, -1)
        return total

    def mean(self, weights: Array, values: Array) -> Array:
        """``E_u[weights f values]`` for values (N, number): shape (modes, number)."""
        weighted = weights[:, None] * values / weights.size
        found = np.empty((sum(each.size for each in self.places), values.shape[1]))
        for f, places in zip(self.columns, self.places, strict=True):
            found[places] = f @ weighted
        return found

    def forms(self, K: list[Array]) -> Array:
        """``f_u^T K f_u`` of every row."""
        total = np.zeros(self.columns[0].shape[-1])
        for each, f in zip(K, self.columns, strict=True):
            if f.shape[1] == 1:
                total += each[:, 0, 0] @ f[:, 0] ** 2
            else:
                total += np.einsum("bin,bin->n", each @ f, f)
        return total
