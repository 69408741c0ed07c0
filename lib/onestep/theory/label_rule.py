"""Quadrature along the label's index that resolves the label."""

from __future__ import annotations

import numpy as np

from .._support.arrays import Array
from ..hermite import gauss_on_pieces
from ..inputs import Labels, Mixture

_MISSED = 1e-4  # of the label's power, at most
_MOST = 80  # nodes on a piece


def label_rule(labels: Labels, inputs: Mixture, c: int, fewest: int) -> tuple[Array, Array]:
    """Nodes and weights for the index in cluster c: Gauss rules on pieces, as many as are needed.

    Pieces end at the label's kinks. One that is smooth all along has a half-line on either side of
    0: where it is steep, half the nodes do.

    Parameters
    ----------
    labels, inputs, c
        The law of the labels, the mixture, and the cluster.
    fewest
        Nodes on a piece at least.

    Raises
    ------
    ValueError
        If 80 nodes on a piece still miss the power of the label: it varies too fast.
    """
    kinks, power = labels.kinks(inputs, c) or (0.0,), labels.power(inputs, c)
    count = fewest
    while True:
        nodes, weights = gauss_on_pieces(kinks, count)
        square = labels.mean(inputs, c, nodes).reshape(nodes.size, -1) ** 2
        found = float(weights @ square.sum(axis=1))
        if abs(found - power) <= _MISSED * power:
            return nodes, weights
        if count >= _MOST:
            raise ValueError(
                f"target: it varies too fast along its direction, {count} nodes miss its power by "
                f"{abs(found / power - 1):.1e}; at most {_MISSED:.0e} is allowed"
            )
        count = min(int(np.ceil(1.4 * count)), _MOST)
