"""The figure of a report."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ... import claims, plots
from .report import CURVES, Report


def spectra(report: Report) -> Figure:
    """Eigenvalues of every class, and how the inputs lie along the two largest axes of all.

    Examples
    --------
    >>> from onestep.inputs import read
    >>> digits = read("digits", drop_constant=True)
    >>> figure = spectra(Report(data=digits, activation="tanh", width=20, samples=100))
    >>> [axis.get_title(loc="left") for axis in figure.axes]
    ['(a) eigenvalues of each class', '(b) along the two largest axes']
    """
    figure, (left, right) = plots.subplots(1, 2, width=7.6, height=3.2)
    mixture, plane = report.mixture, _plane(report.mixture.X)
    for c, name in enumerate(mixture.clusters[:_SHOWN]):
        values = mixture.gaussian.eigenvalues(c)[::-1]
        left.loglog(np.arange(1, mixture.n + 1), np.maximum(values, 1e-6), color=_CLASSES[c])
        rows = np.flatnonzero(mixture.cluster == c)[:100]
        right.plot(*plane[rows].T, ".", ms=3, color=_CLASSES[c], label=name)
    left.set(title="eigenvalues of each class", xlabel="number", ylabel="eigenvalue")
    left.set_ylim(1e-3, None)
    right.set(title="along the two largest axes", xlabel="first", ylabel="second")
    right.legend(fontsize=7, ncols=1, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
    plots.label_panels(np.array([left, right]))
    return figure


def curves(width: xr.Dataset, samples: xr.Dataset, degrees: Any) -> Figure:
    """Errors against width and samples, and how far polynomials are off.

    Parameters
    ----------
    width, samples
        From `Report.curves`.
    degrees
        From `Report.degrees`.

    Examples
    --------
    >>> from onestep.inputs import read
    >>> digits = read("digits", drop_constant=True)
    >>> report = Report(data=digits, activation="tanh", width=20, samples=100, trials=2)
    >>> found = [report.curves(over, [20, 40]) for over in ("width", "samples")]
    >>> [axis.get_xlabel() for axis in curves(*found, report.degrees()).axes]
    ['width $k$', 'samples $m$', 'degree']
    """
    figure, axes = plots.subplots(1, 3, width=8.6, height=3.1)
    _errors(axes[0], width, "width")
    _errors(axes[1], samples, "samples")
    axes[0].set(title="against width", xlabel="width $k$", ylabel="generalization error")
    axes[1].set(title="against samples", xlabel="samples $m$")
    axes[0].legend(fontsize=8)
    for name, marker in (("scale of each class", "o-"), ("one scale", "x--")):
        shown = np.maximum(100 * degrees[name].abs(), 1e-3)
        axes[2].semilogy(degrees.index, shown, marker, color=plots.INK, label=name)
    axes[2].set(title="polynomials, off by %", xlabel="degree")
    axes[2].legend(fontsize=8)
    plots.label_panels(axes)
    return figure


# Of each class; they stand out from light and from dark pages.
_CLASSES = (*plots.CYCLE, "#e0445a", "#0f93a8", "#7d8f1a", "#8a5cf0")
_SHOWN = len(_CLASSES)  # classes that a figure shows
_STYLES = dict(zip(CURVES, ("relu", "tanh"), strict=False))


def _errors(axis: Axes, found: xr.Dataset, over: str) -> None:
    error = found.generalization_error
    for curve, style in _STYLES.items():
        points = claims.sample(error.sel(curve=curve).transpose(over, "trial"))
        plots.measured(axis, error[over], points, style, label=curve)
    axis.plot(error[over], error.sel(curve="formula", trial=0), color=plots.INK, label="formula")
    axis.set_xscale("log")
    plots.label_sizes(axis, error[over])


def _plane(X: Any) -> Any:
    """Coordinates of centred inputs on their two largest axes."""
    return X @ np.linalg.eigh(X.T @ X)[1][:, [-1, -2]]
