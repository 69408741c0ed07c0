"""Training of the first layer: steps of any number and kind, each by the exact gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from .._support.arrays import Array, product
from ..activations import Activation
from .step import Weights, gradient_at

BATCHES = ("fresh", "reused")
"""Which sample a step sees: one of its own, or that of the first step."""

Update = Callable[[Array], Array]
"""Makes of the descent direction G, shape (k, n), what a step of size 1 adds."""


def _normalised(G: Array) -> Array:
    norm = float(np.linalg.norm(G))
    return G / (norm * np.sqrt(len(G))) if norm else G


def _sign(G: Array) -> Array:
    return np.asarray(np.sign(G) / (len(G) * np.sqrt(G.shape[1])))


def _adam(memory: float = 0.9, square_memory: float = 0.999) -> Update:
    """Adam with its usual constants, unbiased and without the small number in its denominator."""
    taken = 0
    mean = square = np.zeros(())

    def update(G: Array) -> Array:
        nonlocal taken, mean, square
        taken += 1
        mean = memory * mean + (1 - memory) * G
        square = square_memory * square + (1 - square_memory) * G**2
        size = np.sqrt(square / (1 - square_memory**taken)) * (len(G) * np.sqrt(G.shape[1]))
        return mean / (1 - memory**taken) / np.where(size, size, 1.0)

    return update


UPDATES: Mapping[str, Callable[[], Update]] = {
    "gradient": lambda: lambda G: G,
    "normalised": lambda: _normalised,
    "sign": lambda: _sign,
    "adam": _adam,
}
"""Kinds of steps, each of which starts without memory.

``"gradient"``: G itself. Others have the norm ``k^{-1/2}`` that G has in order of magnitude, so
that step sizes compare: ``"normalised"``, ``G / (k^{1/2} ||G||)``; ``"sign"``, the signs of G over
``k n^{1/2}``; ``"adam"``, the same at its first step, then Adam's mean over root mean square.
"""


def train(
    weights: Weights,
    batches: Iterable[tuple[Array, Array]],
    sizes: Sequence[float],
    activation: Activation,
    *,
    update: str = "gradient",
    decay: float = 0.0,
    preactivations: Array | None = None,
) -> Array:
    """First layer after steps ``F <- (1 - size decay) F + size U``, U the update of a batch.

    Source: the book's chapter *After the first step*.

    Parameters
    ----------
    weights
        The network at initialisation.
    batches, sizes
        Inputs, shape (m, n), and labels, (m, *outputs), of every step; and its size.
    activation
        sigma.
    update, decay
        Name in `UPDATES`, and weight decay beside it: of the weights, not of the gradient.
    preactivations
        ``F X^T`` of the first batch, if known.

    Returns
    -------
    ndarray
        F^, shape (k, n); a ValueError if the weights, or their fourth powers, do not stay finite.

    Examples
    --------
    Twice half the way from F = 1 to the label's 3, on one sample:

    >>> from onestep import activations
    >>> line, one = activations.get("he(1)"), Weights(F=np.ones((1, 1)), w=np.ones(1))
    >>> sample = np.array([[1.0]]), np.array([3.0])
    >>> train(one, [sample, sample], [0.5, 0.5], line)  # 1 -> 2 -> 2.5
    array([[2.5]])
    """
    kind, F, Z = UPDATES[update](), weights.F, preactivations
    for t, (size, (X, y)) in enumerate(zip(sizes, batches, strict=True)):
        with np.errstate(over="ignore", invalid="ignore"):
            U = kind(gradient_at(product(F, X) if Z is None else Z, weights.w, X, y, activation))
            U *= size
            U += F if not decay else (1 - size * decay) * F
            fourth = np.vdot(U, U) ** 2
        if not np.isfinite(fourth):  # of which the moments of features are made
            raise ValueError(
                f"step = {sizes} is not allowed with this activation, these labels and inputs: "
                f"weights run away in step {t + 1}, fourth powers of them must stay finite"
            )
        F, Z = U, None
    return F
