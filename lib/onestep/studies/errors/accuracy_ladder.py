"""How the distance of one readout from the formula falls with n, at fixed lambda k.

``python -m onestep.studies sweep accuracy-ladder`` computes it anew, resumably.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ..._support.arrays import Array
from ...experiment import Numbers, Study
from ...network import Problem, TrainedLayer
from ...theory import Spectrum
from .accuracy import DRAWS, SEED
from .layer_readouts import VARIABLES, as_numbers, by_formula, readouts

SIZES = (125, 250, 500, 1000, 2000)
LAYERS = 12
ERRORS = ("generalization", "training")

_FORMULAS = ("equivalent", "unshrunk")  # the second for infinitely many samples, kappa = lambda
_READOUTS = tuple(map(str, range(DRAWS)))


def _problem(n: int) -> Problem:
    """The setting at ``n = m = k``: ReLU, an aligned direction, the default strength."""
    return Problem(n=n, m=n, k=n, direction="aligned", ridge=0.1 / n)


def rung_numbers(n: int, layer: int) -> Numbers:
    """Both formulas and the readouts of one trained layer, as a cell of `STUDY`.

    Examples
    --------
    >>> {name: len(numbers) for name, numbers in rung_numbers(20, 0).items()}
    {'training': 10, 'generalization': 10, 'power': 10}
    """
    ridge = _problem(n).ridge
    at = TrainedLayer.train(_problem(n), layer, SEED)
    moments = at.moments()
    spectrum = Spectrum(moments)
    formulas = [by_formula(spectrum.errors(m, ridge), moments) for m in (n, 10**12)]
    rows = [*formulas, *readouts(at, moments, ridge, DRAWS)]
    return as_numbers(rows, len(rows))


STUDY = Study.of_function(
    rung_numbers,
    {"n": SIZES},
    {"layer": LAYERS},
    ("readout", (*_FORMULAS, *_READOUTS)),
    VARIABLES,
    seed=SEED,
)
"""Readouts are named by their number."""


def distances(stored: xr.Dataset, n: int, error: str, kind: str = "equivalent") -> Array:
    """Simulated over a formula, ``"equivalent"`` or ``"unshrunk"``, - 1: (layers, readouts)."""
    at = stored[error].sel(n=n)
    ratio = at.sel(readout=list(_READOUTS)) / at.sel(readout=kind) - 1
    return np.asarray(ratio.transpose("layer", "readout"))


def root_mean_squares(stored: xr.Dataset, error: str, kind: str = "equivalent") -> Array:
    """Root mean square of `distances` over the readouts of a layer, shape (sizes, layers).

    Examples
    --------
    >>> from onestep.studies import archive
    >>> found = root_mean_squares(archive.stored("accuracy-ladder"), "training").mean(axis=1)
    >>> bool(found[-1] < found[0] / 3)
    True
    """
    found = [distances(stored, n, error, kind) for n in SIZES]
    return np.array([np.sqrt(np.mean(each**2, axis=1)) for each in found])


def deviations(stored: xr.Dataset, error: str) -> Array:
    """Mean of `distances` over layers in its standard errors, shape (sizes,).

    Readouts of one layer are no independent trials: the layer's mean is one.
    """
    found = [claims.sample(distances(stored, n, error).mean(axis=1)) for n in SIZES]
    return np.array([each.value / each.standard_error for each in found])


def exponent(stored: xr.Dataset, error: str, kind: str = "equivalent") -> claims.Estimate:
    """Exponent in n of the `root_mean_squares`."""
    return claims.exponent(SIZES, root_mean_squares(stored, error, kind))


def summary(stored: xr.Dataset) -> pd.DataFrame:
    """`exponent` with its 90 % interval, and `deviations` at every size, by error."""
    rows: dict[str, list[str | float]] = {}
    for error in ERRORS:
        slope, off = exponent(stored, error), deviations(stored, error).round(1)
        rows[error] = [f"{slope.value:+.2f} ± {slope.half_width(0.05):.2f}", *off]
    columns = ["exponent", *(f"n = {n}" for n in SIZES)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def trials_for(stored: xr.Dataset, accuracy: float) -> dict[str, int]:
    """Trials at n = 1000 after which a simulated error is known to a relative accuracy."""
    return {
        error: int(np.ceil((distances(stored, 1000, error).std() / accuracy) ** 2))
        for error in ERRORS
    }


def recomputed(stored: xr.Dataset, layer: int) -> float:
    """Largest relative difference of a layer of the smallest size, drawn anew, from the store."""
    again = np.array(rung_numbers(SIZES[0], layer)["training"], dtype=float)
    return float(np.max(np.abs(stored.training.sel(n=SIZES[0], layer=layer).values / again - 1)))
