"""Numbers as the book's tables show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..claims import Estimate


def percent(measured: Estimate, digits: int = 1) -> NDArray[np.str_]:
    """Every entry in per cent with its standard error, ``+1.2 ± 0.3 %``, without a line break.

    Examples
    --------
    >>> from onestep import claims
    >>> [each.split() for each in percent(claims.estimate([0.0123, -0.2], 0.0031, 9))]
    [['+1.2', '±', '0.3', '%'], ['-20.0', '±', '0.3', '%']]
    """
    show = np.vectorize(lambda value, error: f"{value:+.{digits}f} ± {error:.{digits}f} %")
    told = np.asarray(show(100 * measured.value, 100 * measured.standard_error))
    return np.char.replace(told, " ", "\N{NO-BREAK SPACE}")


def frame(
    rows: Mapping[Any, Estimate], columns: Sequence[Any] = ("",), digits: int = 1
) -> pd.DataFrame:
    """A table of estimates in per cent, each with an entry for every column.

    Names of rows that are tuples become several levels.

    Examples
    --------
    >>> from onestep import claims
    >>> table = frame({"one": claims.exact([0.1, 0.2])}, ["x", "y"], digits=0)
    >>> table.loc["one", "y"].split()
    ['+20', '±', '0', '%']
    """
    cells = {name: np.atleast_1d(percent(each, digits)) for name, each in rows.items()}
    return pd.DataFrame(cells, index=list(columns)).T
