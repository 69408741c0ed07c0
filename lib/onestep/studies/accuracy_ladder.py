"""How the distance of one readout from the formula falls with n, at fixed lambda k.

``python -m onestep.studies.accuracy_ladder FILE`` writes the cells that FILE lacks, one layer after
the other, smallest sizes first.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from .._support.arrays import Array
from ..experiment import complete
from ..network import Problem, TrainedLayer
from ..theory import Spectrum
from . import accuracy

COLUMNS = ("n", "layer", "draw", "kind", "training", "generalization", "power")
"""Columns of the table; ``kind`` is one of `KINDS`."""

KINDS = ("equivalent", "unshrunk", "simulated")
"""The formula, the same for infinitely many samples (``kappa = lambda``), and the readouts."""

SIZES = (125, 250, 500, 1000, 2000)
LAYERS = 12


def problem(n: int) -> Problem:
    """The setting at ``n = m = k``: ReLU, an aligned direction, the default strength."""
    return Problem(n=n, m=n, k=n, direction="aligned", ridge=0.1 / n)


def measure(n: int, layer: int) -> list[dict[str, float | str]]:
    """Rows of one trained layer: both formulas, and `accuracy.DRAWS` readouts."""
    ridge = problem(n).ridge
    at = TrainedLayer.train(problem(n), layer, accuracy.SEED)
    moments = at.moments()
    spectrum = Spectrum(moments)
    rows: list[dict[str, float | str]] = []
    for kind, m in (("equivalent", n), ("unshrunk", 10**12)):
        formula = accuracy.by_formula(spectrum.ridge_regression(m, ridge), moments)
        rows.append({"draw": -1, "kind": kind, **formula})
    for i in range(accuracy.DRAWS):
        readout = accuracy.readout(at, moments, ridge, i)
        rows.append({"draw": i, "kind": "simulated", **readout})
    return [{"n": n, "layer": layer, **row} for row in rows]


def distances(table: pd.DataFrame, n: int, error: str, kind: str = "equivalent") -> Array:
    """Simulated over formula - 1, shape (layers, readouts), at one size.

    Parameters
    ----------
    table
        As from `datasets.accuracy_ladder`, or rows of `measure`.
    n
        One of `SIZES`.
    error
        ``"training"`` or ``"generalization"``.
    kind
        The formula, ``"equivalent"`` or ``"unshrunk"``.
    """
    rows = table[table["n"] == n]
    drawn = rows[rows["kind"] == "simulated"].pivot(index="layer", columns="draw", values=error)
    formula = rows[rows["kind"] == kind].set_index("layer")[error]
    return np.asarray(drawn.div(formula, axis=0) - 1)


def main(path: Path) -> None:
    """Append to a file what it lacks."""
    cells = (
        ((n, layer), functools.partial(measure, n, layer)) for n in SIZES for layer in range(LAYERS)
    )
    complete(path, COLUMNS, cells)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
