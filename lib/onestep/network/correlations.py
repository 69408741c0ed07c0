"""Correlations of the neurons' preactivations, tile by tile: no matrix of all pairs is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas

from .._support.arrays import Array

_TILE = 224  # rows and columns: a tile of correlations and its powers stay in the cache


@dataclass(frozen=True)
class PreactivationLaw:
    """Law of the k preactivations in one cluster, which has the probability `weight`.

    Their covariance is ``bulk F^T + spikes spikes^T``, shapes (k, n), (k, n) and (k, d): the bulk
    is F times the bulk covariance of the cluster, F itself where that is the identity. `scale` and
    `mean` are standard deviations and means, `index` the correlation of every neuron with the
    label's index, shapes (k,).
    """

    weight: float
    F: Array
    bulk: Array
    spikes: Array
    scale: Array
    mean: Array
    index: Array

    @property
    def gram(self) -> Array:
        """``bulk F^T``, computed anew, shape (k, k)."""
        return self.bulk @ self.F.T


def correlations(laws: Sequence[PreactivationLaw]) -> Iterator[tuple[slice, slice, int, Array]]:
    """For every tile of the upper triangle and every law: rows, columns, law, and correlations.

    Correlations on the diagonal are given as 0. Laws of the same bulk share its products, which are
    made for a row of tiles at once: a product of small matrices is far from the machine's rate.
    """
    k = laws[0].scale.size
    inverses = [1.0 / law.scale for law in laws]
    spikes = [law.spikes / law.scale[:, None] for law in laws]
    bulks = {id(law.bulk): law for law in laws}
    panels = {name: np.empty((min(_TILE, k), k)) for name in bulks}
    tiles = [slice(start, min(start + _TILE, k)) for start in range(0, k, _TILE)]
    for i, rows in enumerate(tiles):
        for name, law in bulks.items():
            panel = panels[name][: rows.stop - rows.start]
            # Apart, the first is a symmetric product where bulk is F, at half the cost.
            np.matmul(law.bulk[rows], law.F[rows].T, out=panel[:, rows])
            np.matmul(law.bulk[rows], law.F[rows.stop :].T, out=panel[:, rows.stop :])
        for columns in tiles[i:]:
            for c, (law, inverse, along) in enumerate(zip(laws, inverses, spikes, strict=True)):
                gram = panels[id(law.bulk)][: rows.stop - rows.start, columns]
                r = gram * inverse[columns]
                r *= inverse[rows, None]
                if along.size:
                    # Without a copy: BLAS works on columns, so on the transpose.
                    r = blas.dgemm(1.0, along[columns], along[rows].T, 1.0, r.T, overwrite_c=True).T
                if rows == columns:
                    np.fill_diagonal(r, 0.0)
                yield rows, columns, c, r
