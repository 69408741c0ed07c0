"""Outliers of the features of one student against the formula, group by group."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ... import claims
from ..._support.arrays import Array
from ...network import Problem
from ...spectrum import SampleSpectrum
from ...theory import feature_spectrum
from ...theory.limit import BULKS, feature_law, predicted_outliers

POWERS = (0, 1, 2)
"""Powers of the spike coordinate whose outliers are grouped; 0 is the mean of the features."""


@dataclass(frozen=True)
class Spectrum:
    """Simulated spectra of a problem, and what `onestep.predicted_outliers` expects of them."""

    problem: Problem
    drawn: xr.Dataset
    expected: xr.Dataset

    @classmethod
    def of(cls, problem: Problem, trials: int, seed: int = 0) -> Spectrum:
        """Draw the spectra of some trials and evaluate the formula."""
        return cls(problem, feature_spectrum(problem, trials, seed), predicted_outliers(problem))

    @functools.cached_property
    def laws(self) -> dict[str, SampleSpectrum]:
        """Laws of the bulk, those of `onestep.theory.limit.BULKS`."""
        return {name: feature_law(self.problem, name) for name in BULKS}

    @functools.cached_property
    def groups(self) -> list[NDArray[np.intp]]:
        """Indices of the outliers that belong to each of the `POWERS`."""
        there = self.expected.position.notnull()
        return [np.flatnonzero((self.expected.power_of == power) & there) for power in POWERS]

    @property
    def visible(self) -> int:
        """Outliers that the formula puts beyond the detection limit."""
        return int((self.expected.position > self.expected.detection_limit).sum())

    def total(self, power: int) -> xr.DataArray:
        """Sum of the simulated outliers of a power, by trial."""
        found: xr.DataArray = self.drawn.eigenvalue.isel(neuron=self.groups[power]).sum("neuron")
        return found

    def given(self, power: int, name: str) -> xr.DataArray:
        """The same from a variable of the spectra; what has no outlier counts as the edge."""
        each = self.drawn[name].isel(index=self.groups[power]).fillna(self.expected.edge)
        found: xr.DataArray = each.sum("index")
        return found

    def formula(self, power: int, name: str = "position") -> float:
        """The same by formula; ``"strength"`` instead of ``"position"`` forgets the bulk."""
        return float(self.expected[name][self.groups[power]].sum())

    def excess_count(self, law: str) -> Array:
        """Eigenvalues beyond the detection limit of a law less the visible outliers, by trial."""
        beyond = self.drawn.eigenvalue > self.laws[law].detection_limit
        return np.asarray(beyond.sum("neuron") - self.visible)

    def bulk_distance(self, law: str) -> list[float]:
        """Kolmogorov distance of the eigenvalues below the detection limit from a law, by trial."""
        limit, of = self.laws["averaged"].detection_limit, self.laws[law]
        return [of.kolmogorov_distance(v[v < limit]) for v in self.drawn.eigenvalue.values]

    def unseen(self, coordinate: str, power: int) -> Array:
        """Squared projection of a power of a coordinate on all outliers less the prediction."""
        there = np.flatnonzero(self.expected.position.notnull())
        predicted = self.expected.alignment.isel(mode=there).sum("mode")
        measured = self.drawn.alignment.sel(coordinate=coordinate).isel(index=there).sum("index")
        return np.asarray((measured - predicted).sel(power=power))

    def measured(self, function: str) -> Array:
        """Squared cosine of one of `onestep.theory.limit.LEARNED` with all outliers, by trial."""
        there = np.flatnonzero(self.expected.position.notnull())
        seen = self.drawn.learned.isel(index=there).sel(function=function)
        return np.asarray(seen.sum("index"))

    def excess(self, function: str) -> Array:
        """`measured` less the prediction."""
        return self.measured(function) - float(self.expected.learned.sel(function=function).sum())

    def chance(self, power: int) -> Array:
        """Excess of the samples' and neurons' moments of order 2 power, by trial: of mean 0."""
        seen = self.drawn.chance.sel(quantity=[f"inputs, {power}", f"neurons, {power}"])
        return np.asarray(seen.sum("quantity"))

    @property
    def chances(self) -> Array:
        """What the outliers after the step owe to chance, shape (3, trials): of mean 0."""
        return np.asarray(
            self.drawn.chance.sel(quantity=["inputs, 1", "second layer", "step labels"])
        )

    def contrast(self, power: int) -> Array:
        """Difference of the clusters in a power's first outlier less that predicted for power 2."""
        own = self.drawn.alignment.sel(coordinate="own", power=0)
        target = self.expected.alignment.sel(power=0)[self.groups[2][0]]
        return np.asarray(own[:, self.groups[power][0]] - target)


def counts(spectra: Mapping[tuple[str, float], Spectrum]) -> pd.DataFrame:
    """Outliers by formula and in the draws, and how far the bulk is from two laws."""
    rows = {}
    for key, one in spectra.items():
        beyond = one.drawn.eigenvalue > one.expected.detection_limit
        count = claims.sample(beyond.sum("neuron"))
        simulated = f"{count.value:.2f} ± {count.standard_error:.2f}"
        rows[key] = {"outliers": one.visible, "simulated": simulated}
        rest = one.drawn.eigenvalue.values[:, one.visible :]
        for law in ("averaged", "limit"):
            far = np.mean([one.laws[law].kolmogorov_distance(each) for each in rest])
            rows[key][f"distance, {law}"] = f"{far:.4f}"
    return pd.DataFrame(rows).T.rename_axis(["activation", "beta"])


def sums(spectra: Iterable[Spectrum]) -> pd.DataFrame:
    """Sums over the outliers of each power: simulated, given coordinates or layer, by formula."""
    rows = {
        (one.problem.activation, power): {
            "simulated": one.total(power).mean().item(),
            "given coordinates": one.given(power, "given_coordinates").mean().item(),
            "given layer": one.given(power, "given_layer").mean().item(),
            "formula": one.formula(power),
        }
        for one in spectra
        for power in POWERS
    }
    return pd.DataFrame(rows).T.rename_axis(["activation", "power"])


def size_exponents(problem: Problem, sizes: Sequence[int]) -> claims.Estimate:
    """Exponents in n of the kernel's first eigenvalues for the powers 1 and 2, by formula."""
    ladder = [predicted_outliers(replace(problem, n=n, m=n, k=n)) for n in sizes]
    found = [
        claims.exponent(sizes, [[one.strength[one.power_of == power][0].item()] for one in ladder])
        for power in POWERS[1:]
    ]
    values, errors = ([float(getattr(e, f)) for e in found] for f in ("value", "standard_error"))
    return claims.estimate(values, errors, found[0].degrees_of_freedom)
