"""What the stored ladder says of every point at a boundary of the degree map."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from ... import claims, plots
from ..._support.arrays import Array
from . import boundaries
from .boundaries import SIDES, Boundary
from .degree_ladder import gap_numbers

EDGES, OTHERS = boundaries.BOUNDARIES[:8], boundaries.BOUNDARIES[8:]
"""Boundaries at the two edges of the map, and those elsewhere."""

_AXES = ["segment", "l|l+1", "side"]


@dataclass(frozen=True)
class Ladder:
    """Gaps at one point: measured over trials, and predicted, at each of the sizes.

    Examples
    --------
    >>> gaps = tuple(np.array([4.0, 6.0]) / n for n in (10, 100))
    >>> one = Ladder(EDGES[0], "low", (10, 100), gaps, predicted=np.array([0.5, 0.05]))
    >>> round(float(one.measured_exponent.value), 9), round(one.predicted_exponent, 9)
    (-1.0, -1.0)
    """

    boundary: Boundary
    side: str
    sizes: tuple[int, ...]
    gaps: tuple[Array, ...]
    predicted: Array

    @property
    def measured_exponent(self) -> claims.Estimate:
        """`boundaries.ladder_exponent` of the measured gaps."""
        return boundaries.ladder_exponent(self.sizes, self.gaps)

    @property
    def predicted_exponent(self) -> float:
        """Slope of the predicted gaps over the same sizes."""
        return _slope(self.sizes, self.predicted)

    @property
    def exponent_of_strength(self) -> float:
        """Slope of `by_strength`."""
        return _slope(self.sizes, self.by_strength())

    def by_strength(self) -> Array:
        """Predicted gaps at the same beta and ``alpha = 0``: for a rule in beta alone."""
        edge = replace(self.boundary, alpha=0.0)
        return boundaries.predicted_gap(edge, self.side, self.sizes)

    def draw(self, axis: Axes, label: str | None = None) -> None:
        """Markers and the theory's line: filled and solid below the boundary, else hollow."""
        low, colour = self.side == "low", plots.CYCLE[SIDES.index(self.side)]
        points = [claims.sample(gaps) for gaps in self.gaps]
        value, error = ([float(getattr(p, f)) for p in points] for f in ("value", "standard_error"))
        fill = None if low else "none"
        axis.errorbar(
            self.sizes, value, error, fmt="o", color=colour, mfc=fill, capsize=2, label=label
        )
        axis.plot(self.sizes, self.predicted, color=colour, ls="-" if low else "--")
        axis.set_yscale("log")
        plots.label_sizes(axis, self.sizes)
        axis.tick_params(labelsize=7)


def _slope(sizes: Sequence[int], gaps: Array) -> float:
    return float(np.polyfit(np.log(sizes), np.log(gaps), 1)[0])


def of_store(
    stored: xr.Dataset, among: Sequence[Boundary] = boundaries.BOUNDARIES
) -> dict[tuple[Boundary, str], Ladder]:
    """Every point's ladder, from the results of `degree_ladder.STUDY`."""
    sizes = tuple(stored.n.values.tolist())
    found = {}
    for boundary, side in itertools.product(among, SIDES):
        gaps = tuple(_drawn(stored, boundary, side, n) for n in sizes)
        predicted = boundaries.predicted_gap(boundary, side, sizes)
        found[boundary, side] = Ladder(boundary, side, sizes, gaps, predicted)
    return found


def _drawn(stored: xr.Dataset, boundary: Boundary, side: str, n: int) -> Array:
    at = {"boundary": boundary.name, "side": side, "n": n, "model": "hermite"}
    return np.asarray(stored.gap.sel(at).dropna("draw"))


def exponents(ladders: Iterable[Ladder]) -> pd.DataFrame:
    """Exponents in the limit, predicted on the ladder, and measured, a row for each point."""
    rows = {}
    for one in ladders:
        at, fit, inside = one.boundary, one.measured_exponent, one.boundary.segment[:5] == "inner"
        rows[at.segment, f"{at.degree}|{at.degree + 1}", one.side] = {
            "alpha": f"{at.alpha:.2f}",
            "beta": f"{at.beta(one.side):.2f}",
            "chi": f"{at.separation[SIDES.index(one.side)]:.2f}" if at.separation else "",
            "e(inf)": f"{float(at.exponent(one.side)):+.2f}",
            "predicted": f"{one.predicted_exponent:+.2f}",
            "measured": f"{fit.value:+.2f} ± {fit.standard_error:.2f}",
            "as at alpha = 0": f"{one.exponent_of_strength:+.2f}" if inside else "",
        }
    table = pd.DataFrame(rows).T.rename_axis(_AXES)
    return table.loc[:, (table != "").any()]


def far_exponents() -> pd.DataFrame:
    """Slope of the predicted gap between n = 10^11 and 10^12, and in the limit; at the edges."""
    rows = {}
    for boundary, side in itertools.product(EDGES, SIDES):
        small, large = boundaries.predicted_gap(boundary, side, [10**11, 10**12])
        rows[boundary.segment, f"{boundary.degree}|{boundary.degree + 1}", side] = {
            "from 10^11 to 10^12": f"{np.log10(large / small):+.2f}",
            "limit": f"{min(float(boundary.exponent(side)), 0):+.2f}",
        }
    return pd.DataFrame(rows).T.rename_axis(_AXES)


def off(ladders: Sequence[Ladder], expected: Sequence[float]) -> claims.Estimate:
    """Measured exponents less expected ones, each with its own degrees of freedom."""
    fits = claims.gathered(one.measured_exponent for one in ladders)
    return replace(fits, value=fits.value - np.array(expected))


def recomputed(stored: xr.Dataset, index: int, side: str) -> tuple[float, float]:
    """Relative difference of a cell at n = 400, drawn anew, from its own and the next trial's."""
    boundary = boundaries.BOUNDARIES[index]
    [again] = gap_numbers(boundary.name, side, 400, 0)["gap"]
    own, following = _drawn(stored, boundary, side, 400)[:2]
    return again / own - 1, again / following - 1
