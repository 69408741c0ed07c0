r"""Gauss-Legendre panels on which integrals against a Gaussian are proven to be resolved.

If :math:`|f|\le M` on the ellipse :math:`E_\rho` about a panel of half-length h, N nodes err by at
most :math:`\tfrac{64}{15} h M \rho^{-2N}/(1-\rho^{-2})` (Trefethen, *Approximation Theory and
Approximation Practice*, theorem 19.3). The disc of radius :math:`h(\rho+1/\rho)/2` contains the
ellipse, and :mod:`.discs` bounds sigma there. Panels are halved until that is small: towards poles,
singular kinks and narrow peaks, wherever they are. What is small as a whole is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .._support.arrays import Array
from ..activations import Activation
from .discs import Disc, on_discs
from .tails import on_interval

Indices = npt.NDArray[np.int_]
NODES = 20
_POSITION, _WEIGHT = np.polynomial.legendre.leggauss(NODES)
_MOST = 40_000  # panels
_LARGEST = 2_000_000  # nodes, over all laws
_FIRST = 2.0  # length of the first panels, in standard deviations
_PATIENCE = 25  # halvings before rounding may be left out


class Unresolved(ValueError):
    """There are too many panels."""


@dataclass(frozen=True)
class Laws:
    """Preactivations ``N(mean, scale^2)`` of an activation, up to ``limit`` standard deviations."""

    activation: Activation
    scale: Array
    mean: Array
    limit: float

    def ends(self) -> Array:
        """Return the ends of the pieces in standard units, (laws, or 1 if shared, pieces + 1)."""
        inner = (np.array(self.activation.kinks) - self.mean[:, None]) / self.scale[:, None]
        if np.all(inner == inner[:1]):
            inner = inner[:1]
        inner = np.clip(inner, -self.limit, self.limit)
        edge = np.full((len(inner), 1), self.limit)
        return np.concatenate([-edge, inner, edge], axis=1)

    def z(self, x: Array) -> Array:
        """Return z at standard x, (laws or 1, any)."""
        return np.asarray(self.mean[:, None] + self.scale[:, None] * x)

    def values(self, piece: int, x: Array) -> Disc:
        """Return sigma on one piece at standard x, with the error of its evaluation."""
        z = self.z(x)
        rounding = np.abs(self.mean[:, None]) + 2 * self.scale[:, None] * np.abs(x)
        expression = self.activation.pieces[piece].expression
        return on_discs(expression, Disc(z, np.finfo(np.float64).eps * rounding))

    def anywhere(self, x: Array) -> Array:
        """Return sigma at standard x, (points,), in any piece: (laws, points); nan at a kink."""
        z = self.z(x)
        found = np.full_like(z, np.nan)
        for i, part in enumerate(self.activation.pieces):
            inside = (z > float(part.lower)) & (z < float(part.upper))
            found = np.where(inside, self.values(i, x).centre, found)
        return found

    def discs(self, piece: int, x: Array, t: Array) -> Disc:
        """Return where sigma is on discs of radius t about x, in standard units."""
        discs = Disc(self.z(x) + 0j, self.scale[:, None] * t)
        return on_discs(self.activation.pieces[piece].expression, discs)

    def largest(self, piece: int, x: Array, t: Array) -> Array:
        """Return a bound of |sigma| on the intervals [x - t, x + t] inside the piece."""
        part = self.activation.pieces[piece]
        low = np.maximum(self.z(x - t), float(part.lower))
        high = np.minimum(self.z(x + t), float(part.upper))
        with np.errstate(over="ignore"):
            return np.exp(on_interval(part.expression, np.minimum(low, high), high).a)


@dataclass(frozen=True)
class Panels:
    """Panels as shares of the pieces that all laws have in common, sorted by piece."""

    piece: Indices  # one entry a panel: of which piece, from which share on, and how long
    start: Array
    width: Array
    error: Array  # bounds of the error of every integral, (integrals, laws)

    def nodes(self, ends: Array) -> tuple[Array, Array, list[slice]]:
        """Return x and weights, (rows of ``ends``, nodes), and the columns of each piece."""
        middle, half = _place(self.piece, self.start, self.width, ends)
        x = (middle[..., None] + half[..., None] * _POSITION).reshape(len(ends), -1)
        weights = (half[..., None] * _WEIGHT).reshape(len(ends), -1)
        cuts = NODES * np.searchsorted(self.piece, np.arange(ends.shape[1]))
        return x, weights, [slice(*pair) for pair in pairwise(cuts)]


Integrands = Callable[[Array, Array, Array], Array]
"""``integrands(size, x, t)``: their largest values, (integrals, laws, panels), on discs of radius t
about x in standard units, where |sigma| is at most ``size``."""


def resolve(
    laws: Laws, integrands: Integrands, allowed: Callable[[Array], Array], rho: float = 4.0
) -> Panels:
    """Return panels on each of which no integral errs by more than is allowed.

    From about the norms of sigma, (laws,), `allowed` gives the errors, (integrals, laws). Where
    it takes too many halvings, as at a singular point, a thousand times this may be left out.
    """
    factor = 64 / 15 * rho ** (-2.0 * NODES) / (1 - rho**-2.0)
    ends = laws.ends()
    length = np.diff(ends, axis=1).max(axis=0)
    nothing = np.zeros((len(laws.scale), 1))
    if not np.any(integrands(nothing, nothing, nothing)):  # where sigma = 0
        length[[part.expression == 0 for part in laws.activation.pieces]] = 0.0
    piece, start, width = _first(length)
    kept = [(piece[:0], start[:0], width[:0])]
    square = np.zeros(len(laws.scale))
    error = np.zeros_like(allowed(square))
    count = halvings = 0
    while len(piece):
        middle, half = _place(piece, start, width, ends)
        reach = half * (rho + 1 / rho) / 2
        discs = _discs(laws, piece, middle, reach)
        of_rule = _area(factor * half, integrands(discs.size, middle, reach))
        with np.errstate(all="ignore"):
            squares = 2 * half * np.abs(discs.centre) ** 2 * np.exp(-(middle**2) / 2)
        squares = np.where(np.isfinite(squares), squares, 0.0)
        norm = np.sqrt(square + squares.sum(axis=1))
        keep = np.all(of_rule <= allowed(norm)[..., None], axis=(0, 1))
        error = error + of_rule[..., keep].sum(axis=2)
        square = square + squares[:, keep].sum(axis=1)
        kept.append((piece[keep], start[keep], width[keep]))
        count += int(np.count_nonzero(keep))
        rest = np.flatnonzero(~keep)
        size = _sizes(laws, piece[rest], middle[:, rest], half[:, rest])
        whole = _area(2 * half[:, rest], integrands(size, middle[:, rest], half[:, rest]))
        most = allowed(norm) if halvings <= _PATIENCE else 1000 * allowed(np.maximum(norm, 1.0))
        drop = np.all(whole <= most[..., None], axis=(0, 1))
        error = error + whole[..., drop].sum(axis=2)
        rest = rest[~drop]
        piece, width = np.repeat(piece[rest], 2), np.repeat(width[rest] / 2, 2)
        start = np.repeat(start[rest], 2)
        start[1::2] += width[1::2]
        halvings += 1
        if halvings > 100 or not _affordable(count + len(piece), len(laws.scale)):
            raise Unresolved
    piece, start, width = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.lexsort((start, piece))
    return Panels(piece[order], start[order], width[order], np.asarray(error))


def _affordable(panels: int, laws: int) -> bool:
    return panels <= _MOST and (laws == 1 or panels * NODES * laws <= _LARGEST)


def _first(length: Array) -> tuple[Indices, Array, Array]:
    """Return equal panels of every piece, short enough for the longest of the laws."""
    counts = np.ceil(length / _FIRST).astype(int)
    piece = np.repeat(np.arange(len(length)), counts)
    start = np.concatenate([np.arange(count) / count for count in counts])
    return piece, start, 1.0 / counts[piece]


def _place(piece: Indices, start: Array, width: Array, ends: Array) -> tuple[Array, Array]:
    """Return the middles and the halves of the panels in standard units, (rows of ends, panels)."""
    left, length = ends[:, piece], np.diff(ends, axis=1)[:, piece]
    return left + length * (start + width / 2), length * width / 2


def _discs(laws: Laws, piece: Indices, middle: Array, reach: Array) -> Disc:
    """Return where sigma is on the discs about the panels, (laws, panels)."""
    shape = (len(laws.scale), len(piece))
    centre, radius = np.empty(shape, dtype=np.complex128), np.empty(shape)
    for each in np.unique(piece):
        at = piece == each
        centre[:, at], radius[:, at] = laws.discs(each, middle[:, at], reach[:, at])
    return Disc(centre, radius)


def _sizes(laws: Laws, piece: Indices, middle: Array, half: Array) -> Array:
    """Return bounds of |sigma| on the panels themselves, (laws, panels)."""
    size = np.empty((len(laws.scale), len(piece)))
    for each in np.unique(piece):
        at = piece == each
        size[:, at] = laws.largest(each, middle[:, at], half[:, at])
    return size


def _area(length: Array, heights: Array) -> Array:
    """Return areas; nothing where a panel has no length, inf where there is no bound."""
    with np.errstate(all="ignore"):
        areas = np.where(length > 0, length * heights, 0.0)
    return np.where(np.isnan(areas), np.inf, areas)
