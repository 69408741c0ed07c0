"""Published values that the book compares itself with. Nothing is tuned to them."""

from __future__ import annotations

from importlib import resources

import pandas as pd

from . import check

PUBLISHED = ("fig1a",)
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
        half-width of the digitization in units of y. The head of the data file tells the source
        and the protocol of the figure.
    """
    check.choice("figure", figure, PUBLISHED)
    with resources.files(__package__).joinpath(f"data/{figure}.csv").open() as file:
        return pd.read_csv(file, comment="#")
