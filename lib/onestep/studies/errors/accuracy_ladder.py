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
from .. import archive
from . import accuracy, layer_readouts

COLUMNS = ("n", "layer", "draw", "kind", "training", "generalization", "power")
"""Columns of the table; ``kind`` is one of `KINDS`."""

KINDS = ("equivalent", "unshrunk", "simulated")
"""The formula, the same for infinitely many samples (``kappa = lambda``), and the readouts."""

SIZES = (125, 250, 500, 1000, 2000)
LAYERS = 12


def problem(n: int) -> Problem:
    """The setting at ``n = m = k``: ReLU, an aligned direction, the default strength.

    Examples
    --------
    >>> problem(100).k, problem(100).direction
    (100, 'aligned')
    """
    return Problem(n=n, m=n, k=n, direction="aligned", ridge=0.1 / n)


def measure(n: int, layer: int) -> list[dict[str, float | str]]:
    """Rows of one trained layer: both formulas, and `accuracy.DRAWS` readouts.

    Examples
    --------
    >>> rows = measure(20, layer=0)
    >>> len(rows), [row["kind"] for row in rows[:3]]
    (10, ['equivalent', 'unshrunk', 'simulated'])
    """
    ridge = problem(n).ridge
    at = TrainedLayer.train(problem(n), layer, accuracy.SEED)
    moments = at.moments()
    spectrum = Spectrum(moments)
    rows: list[dict[str, float | str]] = []
    for kind, m in (("equivalent", n), ("unshrunk", 10**12)):
        formula = layer_readouts.by_formula(spectrum.errors(m, ridge), moments)
        rows.append({"draw": -1, "kind": kind, **formula})
    for i in range(accuracy.DRAWS):
        readout = layer_readouts.readout(at, moments, ridge, i)
        rows.append({"draw": i, "kind": "simulated", **readout})
    return [{"n": n, "layer": layer, **row} for row in rows]


def rung_numbers(n: int, layer: int) -> Numbers:
    """`measure` as a cell of `STUDY`.

    Examples
    --------
    >>> {name: len(numbers) for name, numbers in rung_numbers(20, 0).items()}
    {'training': 10, 'generalization': 10, 'power': 10}
    """
    return layer_readouts.in_a_row(measure(n, layer), len(READOUTS))


READOUTS = (*KINDS[:2], *map(str, range(accuracy.DRAWS)))
"""The formulas, and the readouts by their number."""

STUDY = Study.of_function(
    rung_numbers,
    {"n": SIZES},
    {"layer": LAYERS},
    ("readout", READOUTS),
    layer_readouts.VARIABLES,
    seed=accuracy.SEED,
)


def stored() -> pd.DataFrame:
    """The ladder that comes with the package: `COLUMNS`, as rows of `measure`.

    Examples
    --------
    >>> stored().n.unique().tolist()
    [125, 250, 500, 1000, 2000]
    """
    return table(archive.stored("accuracy-ladder"))


def table(results: xr.Dataset) -> pd.DataFrame:
    """Results of `STUDY` as the rows that `measure` gives.

    Examples
    --------
    >>> rows = table(archive.stored("accuracy-ladder").isel(n=[0], layer=[0]))
    >>> len(rows), tuple(rows.columns) == COLUMNS, rows.kind.unique().tolist()
    (10, True, ['equivalent', 'unshrunk', 'simulated'])
    """
    rows = []
    for (n, layer, name), numbers in layer_readouts.in_rows(results, ("n", "layer", "readout")):
        draw, kind = (-1, name) if name in KINDS else (int(name), "simulated")
        rows.append({"n": n, "layer": layer, "draw": draw, "kind": kind, **numbers})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def distances(table: pd.DataFrame, n: int, error: str, kind: str = "equivalent") -> Array:
    """Simulated over formula - 1, shape (layers, readouts), at one size.

    Parameters
    ----------
    table
        As from `stored`, or rows of `measure`.
    n
        One of `SIZES`.
    error
        ``"training"`` or ``"generalization"``.
    kind
        The formula, ``"equivalent"`` or ``"unshrunk"``.

    Examples
    --------
    >>> distances(stored(), 1000, "training").shape
    (12, 8)
    """
    rows = table[table["n"] == n]
    drawn = rows[rows["kind"] == "simulated"].pivot(index="layer", columns="draw", values=error)
    formula = rows[rows["kind"] == kind].set_index("layer")[error]
    return np.asarray(drawn.div(formula, axis=0) - 1)


def root_mean_squares(table: pd.DataFrame, error: str, kind: str = "equivalent") -> Array:
    """Root mean square of `distances` over the readouts of a layer, shape (sizes, layers).

    Examples
    --------
    >>> smallest, *_, largest = root_mean_squares(stored(), "training").mean(axis=1)
    >>> bool(largest < smallest / 3)
    True
    """
    found = [distances(table, n, error, kind) for n in SIZES]
    return np.array([np.sqrt(np.mean(each**2, axis=1)) for each in found])


def deviations(table: pd.DataFrame, error: str) -> Array:
    """Mean of `distances` over layers in its standard errors, shape (sizes,).

    Readouts of one layer are no independent trials: the layer's mean is one.

    Examples
    --------
    >>> bool(np.all(np.abs(deviations(stored(), "training")) < 2))
    True
    """
    found = [claims.sample(distances(table, n, error).mean(axis=1)) for n in SIZES]
    return np.array([each.value / each.standard_error for each in found])


def exponent(table: pd.DataFrame, error: str, kind: str = "equivalent") -> claims.Estimate:
    """Exponent in n of the `root_mean_squares`.

    Examples
    --------
    >>> round(float(exponent(stored(), "training").value), 2)
    -0.5
    """
    return claims.exponent(SIZES, root_mean_squares(table, error, kind))


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """`exponent` with its 90 % interval, and `deviations` at every size, by error.

    Examples
    --------
    >>> summary(stored()).loc["training", "exponent"]
    '-0.50 ± 0.07'
    """
    rows: dict[str, list[str | float]] = {}
    for error in ("generalization", "training"):
        slope, off = exponent(table, error), deviations(table, error).round(1)
        rows[error] = [f"{slope.value:+.2f} ± {slope.half_width(0.05):.2f}", *off]
    columns = ["exponent", *(f"n = {n}" for n in SIZES)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def trials_for(table: pd.DataFrame, accuracy: float) -> dict[str, int]:
    """Trials at n = 1000 after which a simulated error is known to a relative accuracy.

    Examples
    --------
    >>> trials_for(stored(), accuracy=0.01)
    {'generalization': 5, 'training': 38}
    """
    return {
        error: int(np.ceil((distances(table, 1000, error).std() / accuracy) ** 2))
        for error in ("generalization", "training")
    }


def recomputed(table: pd.DataFrame, layer: int) -> float:
    """Largest relative difference of a layer of the smallest size, drawn anew, from the store.

    Examples
    --------
    >>> recomputed(stored(), layer=0) < 1e-6
    True
    """
    again = [row["training"] for row in measure(SIZES[0], layer)]
    stored = table[(table["n"] == SIZES[0]) & (table["layer"] == layer)].training.to_numpy()
    return float(np.max(np.abs(stored / again - 1)))
