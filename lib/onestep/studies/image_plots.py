"""Figures of results on real images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from .. import claims, plots
from ..inputs import fashion
from .image_results import PAIRS

LINES = {"published hermite": "-", "gaussian": "--", "formula": ":"}
"""Line of each curve; the network on images has markers with standard errors."""

SHOWN = ("network", *LINES)
"""Curves that a figure shows unless it is told others."""

LABELS = {"published hermite": "Hermite, b = 1", "gaussian": "Gaussians"}
"""Names of curves in legends, where they differ from `onestep.studies.images.CURVES`."""


def curves(
    axis: Axes,
    results: xr.Dataset,
    activation: str,
    shown: Sequence[str] = SHOWN,
    variable: str = "generalization_error",
) -> None:
    """Draw curves of one activation against the abscissa of a study.

    Parameters
    ----------
    axis
        Where.
    results
        From `onestep.studies.image_results.stored`.
    activation
        Of the student; it decides colour and marker.
    shown
        Curves, of `onestep.studies.images.CURVES`.
    variable
        Which of the results.
    """
    at = results[variable].sel(activation=activation)
    abscissa = str(next(dim for dim in at.dims if dim not in ("trial", "curve")))
    x, colour = at[abscissa].values, plots.COLOURS[activation]
    for curve in shown:
        points = claims.sample(at.sel(curve=curve).transpose(abscissa, "trial"))
        label = LABELS.get(curve, curve)
        if curve in LINES:
            axis.plot(x, points.value, LINES[curve], color=colour, label=label)
        else:
            axis.errorbar(
                x,
                points.value,
                points.standard_error,
                fmt=plots.MARKERS[activation],
                color=colour,
                capsize=2,
                label=label,
            )


def pair_map(axis: Axes, values: ArrayLike, title: str) -> None:
    """Draw a symmetric heat map over pairs of the ten classes.

    Parameters
    ----------
    axis
        Where.
    values
        A number for each of `onestep.studies.image_results.PAIRS`.
    title
        Of the panel.
    """
    square = np.full((10, 10), np.nan)
    for (one, two), value in zip(PAIRS, np.asarray(values), strict=True):
        square[one, two] = square[two, one] = value
    image = axis.imshow(square, cmap="viridis")
    axis.set(title=title, xticks=range(10), yticks=range(10))
    axis.set_yticklabels(fashion.NAMES, fontsize=7)
    axis.grid(False)
    axis.figure.colorbar(image, ax=axis, shrink=0.8)
