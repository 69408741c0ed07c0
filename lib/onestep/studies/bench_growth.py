"""How time and memory of a trial and of every formula grow with all sizes together, n = m = k.

``python -m onestep.studies sweep growth`` computes what the book shows, resumably.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from .._support import check
from ..experiment import Numbers, Study
from ..network import Problem
from ..theory import METHODS
from .bench import matrix_rate
from .bench_formulas import alone

__all__ = ["STUDY", "WHAT", "at_sizes", "cost", "table"]

WHAT = ("trial", *METHODS)
"""What is measured."""

_SMALL = 50  # the size of a process that has nothing but the imports
_CONDITIONAL = 2000


def cost(what: str, size: int) -> Numbers:
    """Cost of a trial or of a method's answer in a fresh process, as a cell of `STUDY`.

    ``products``, its time in products of two matrices of its own order, and ``bytes``.

    Examples
    --------
    >>> sorted(cost("trial", 60))
    ['bytes', 'products']
    """
    before = matrix_rate()
    told = alone(Problem(n=size, m=size, k=size), what)
    seconds_each = size**3 * (1 / before + 1 / matrix_rate())
    return {"products": [told["seconds"] / seconds_each], "bytes": [told["bytes"]]}


STUDY = Study.of_function(
    cost,
    {"what": WHAT, "size": (_SMALL, 500, 1000, 2000, 4000, 8000)},
    {},
    ("process", ["one thread"]),
    ["products", "bytes"],
    exists=lambda at: at["what"] != "conditional" or at["size"] <= _CONDITIONAL,
)
"""One thread, a process each; of ``conditional`` up to 2000, as it takes a hundred inverses."""


def at_sizes(sizes: Sequence[int], what: Sequence[str] = WHAT) -> Study:
    """`STUDY` at other sizes, at least two, increasing, beyond 50.

    Examples
    --------
    >>> at_sizes([100, 200], ["trial"]).points["size"]
    [50, 100, 200]
    """
    each = [check.integer("sizes", size, _SMALL + 1) for size in sizes]
    if len(each) < 2 or each != sorted(set(each)):
        raise ValueError(f"sizes = {sizes!r} is not allowed: at least two, increasing, are needed")
    names = [check.choice("what", name, WHAT) for name in what]
    return replace(STUDY, points={"what": names, "size": [_SMALL, *each]})


def table(found: xr.Dataset) -> pd.DataFrame:
    """Results of `STUDY`, a row for whatever was measured.

    Time at each size in products of that order, and the exponent of the time; memory in GB, and
    the exponent of what a process takes beyond one of size 50.

    Examples
    --------
    >>> from onestep.experiment import fill
    >>> list(table(fill(at_sizes([60, 120], ["trial"]))).columns)[:2]
    [('products', '60'), ('products', '120')]
    """
    grown = found.isel(process=0).sel(size=slice(_SMALL + 1, None))
    sizes, products, memory = grown["size"].values, grown.products, grown.bytes
    beyond = np.maximum(memory - found.bytes.isel(process=0).sel(size=_SMALL), 1.0)
    columns = {("products", f"{size}"): products.sel(size=size).values for size in sizes}
    columns["products", "exponent of time"] = 3 + _exponents(products)
    columns |= {("GB", f"{size}"): memory.sel(size=size).values / 1e9 for size in sizes}
    columns["GB", "exponent"] = _exponents(beyond)
    return pd.DataFrame(columns, index=found.what.values)


def _exponents(values: xr.DataArray) -> np.ndarray:
    """Slopes of each row in log-log coordinates, of the sizes that were measured."""
    found = []
    for row in values.transpose("what", "size"):
        known = row.dropna("size")
        found.append(np.polyfit(np.log(known["size"]), np.log(known), 1)[0])
    return np.array(found)
