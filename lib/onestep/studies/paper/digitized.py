"""Published values that the book compares itself with. Nothing is tuned to them."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from ..._support import check
from .. import archive

__all__ = ["PUBLISHED", "published"]

PUBLISHED = (
    "fig1a", "fig1b", "fig1c", "fig2a", "fig2b", "fig3a", "fig4a", "fig4b", "fig5a", "fig5c",
    "fig8a", "fig8a-samples",
)  # fmt: skip
"""Figures of arXiv 2503.00856 whose digitized points come with the package."""


def published(figure: str) -> pd.DataFrame:
    """Digitized points of a figure of the paper, one of `PUBLISHED`.

    Columns ``error`` ("training" or "generalization"), ``series`` ("network" or, but for
    ``fig5c``, "hermite"), ``activation``, ``x``, ``y``, and ``y_uncertainty``, the half-width
    of the digitization. The heat maps ``fig4a`` and ``fig4b`` have ``alpha``, ``beta`` and
    ``value``; ``fig8a-samples`` has a row for each printed image, with ``along`` and
    ``square``. The head of the data file tells source and protocol.
    """
    figure = check.choice("figure", figure, PUBLISHED)
    with (archive.DATA / f"{figure}.csv").open() as file:
        return pd.read_csv(file, comment="#")


def over(published: xr.DataArray, ours: xr.DataArray) -> xr.DataArray:
    """Published values over our means - 1, a number for each of our trials.

    To first order in the scatter of our mean, and so without its bias: the mean over trials is
    that of the means, and their scatter is what the number of trials leaves open.
    """
    mean = ours.mean("trial")
    found: xr.DataArray = published / mean * (2 - ours / mean) - 1
    return found
