"""Published values that the book compares itself with. Nothing is tuned to them."""

from __future__ import annotations

from importlib import resources

import pandas as pd

from .._support import check
from . import accuracy as _accuracy
from . import accuracy_ladder as _accuracy_ladder
from . import archive
from . import degree_ladder as _degree_ladder

PUBLISHED = (
    "fig1a", "fig1b", "fig1c", "fig2a", "fig2b", "fig3a", "fig4a", "fig4b", "fig5a", "fig8a",
)  # fmt: skip
"""Figures of arXiv 2503.00856 whose digitized points come with the package."""


def published(figure: str) -> pd.DataFrame:
    """Digitized points of a figure of the paper.

    Parameters
    ----------
    figure
        One of `PUBLISHED`.

    Returns
    -------
    pandas.DataFrame
        Columns ``error`` ("training" or "generalization"), ``series`` ("network" or "hermite"),
        ``activation``, ``x`` (the abscissa of the figure), ``y``, and ``y_uncertainty``, the
        half-width of the digitization in units of y. The heat maps ``fig4a`` and ``fig4b`` have the
        columns ``alpha``, ``beta`` and ``value``. The head of the data file tells the source and
        the protocol of the figure.

    Examples
    --------
    >>> published("fig1a").columns.tolist()
    ['error', 'series', 'activation', 'x', 'y', 'y_uncertainty']
    """
    check.choice("figure", figure, PUBLISHED)
    with resources.files(__package__).joinpath(f"data/{figure}.csv").open() as file:
        return pd.read_csv(file, comment="#")


def degree_ladder() -> pd.DataFrame:
    """Gaps that the book measured at the boundaries of the degree map, on a ladder of n.

    Returns
    -------
    pandas.DataFrame
        Columns ``segment``, ``degree``, ``side``, ``n``, ``trial``, ``seed`` and ``gap``: what
        `boundaries.measured_gap` gives at each point of `boundaries.BOUNDARIES`, so that every
        cell can be recomputed.

    Examples
    --------
    >>> degree_ladder().columns.tolist()
    ['segment', 'degree', 'side', 'n', 'trial', 'seed', 'gap']
    """
    return _degree_ladder.table(archive.stored("degree-ladder"))


def accuracy() -> pd.DataFrame:
    """Formulas and simulated readouts at n = m = k = 1000, for `accuracy.differences`.

    Returns
    -------
    pandas.DataFrame
        The columns `accuracy.COLUMNS`: what `accuracy.measure` gives, so that every layer can be
        recomputed.
    """
    return _accuracy.table(archive.stored("accuracy"))


def accuracy_ladder() -> pd.DataFrame:
    """Formula and simulated readouts on a ladder of n, for `accuracy_ladder.distances`.

    Returns
    -------
    pandas.DataFrame
        The columns `accuracy_ladder.COLUMNS`: what `accuracy_ladder.measure` gives, so that every
        layer can be recomputed.

    Examples
    --------
    >>> from onestep.studies.accuracy_ladder import COLUMNS
    >>> tuple(accuracy_ladder().columns) == COLUMNS
    True
    """
    return _accuracy_ladder.table(archive.stored("accuracy-ladder"))
