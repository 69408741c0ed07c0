"""How errors answer to what can be chosen: derivatives in logarithms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy import interpolate

from .._support import check
from .._support.arrays import Array
from ..network import Model, Problem
from .landscape import CHOICES, WHOLE, Landscape, choices
from .methods import METHODS, InTheLimit

_SIDE = 4  # points on each side of the middle
_SPACING = 0.04  # of the logarithm
_CLOSE = 0.004  # and of what shapes the limit whose quadrature takes a node more here and there
_ERRORS = ("training_error", "plain_training_error", "generalization_error", "accuracy")


def sensitivity(
    problem: Problem,
    over: Sequence[str] | None = None,
    *,
    method: str = "scalar",
    model: str | Model = "network",
    trial: int = 0,
    seed: int = 0,
    guarded: bool = True,
) -> xr.Dataset:
    """Derivatives of the errors in the logarithm of ridge, step, spread, width and samples.

    A polynomial of degree 8 through nine points, at equal distances in the logarithm or as whole
    numbers as nearly so; all see the same draws. Without the outermost two points it is of degree
    6: how far its slope is off bounds the error of the better one where the points resolve the
    curve. It does not where they straddle a jump: a drawn ReLU layer has one in the spread for each
    sample of the step that crosses a neuron's kink.

    Parameters
    ----------
    problem
        The setting, at whose values the derivatives are.
    over
        Of `CHOICES`; None takes all that the method has. ``samples`` are the readout's: the step
        keeps its own.
    method, model, trial, seed, guarded
        As for `onestep.readout_curves`; one trial's draws are kept.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``plain_training_error``, ``generalization_error``, and ``accuracy``
        where there is one: ``d error / d log x`` along the dimension ``over``; and under the same
        names with ``_uncertainty`` the bound on their error. NaN where the formula does not answer
        at all points.

    Raises
    ------
    ValueError
        If an argument is out of range, or a value is 0: it has no logarithm.

    Examples
    --------
    >>> found = sensitivity(Problem(n=200, m=300, k=200, ridge=1e-2), ["ridge", "samples"])
    >>> found.generalization_error.sel(over="samples").item() < 0
    True

    The objective's minimum moves with lambda as the square of the readout does:

    >>> slope = found.training_error.sel(over="ridge").item()
    >>> from onestep import predict
    >>> here = predict(Problem(n=200, m=300, k=200, ridge=1e-2), ["network"], method="scalar")
    >>> round(slope / (here.training_error - here.plain_training_error).item(), 9)
    1.0
    """
    method = check.choice("method", method, METHODS)
    limit = isinstance(METHODS[method], InTheLimit)
    own = [name for name in CHOICES if limit or name != "width"]
    names = choices("over", own if over is None else over, method)
    landscape = Landscape(problem, method, model, trial, seed)
    rows = {name: _slopes(landscape, name, guarded) for name in names}
    # Without classes there is no accuracy.
    kept = [name for name in _ERRORS if any(name in row for row in rows.values())]
    return xr.Dataset(
        {
            name + suffix: ("over", [rows[each][name][i] for each in names])
            for name in kept
            for i, suffix in enumerate(("", "_uncertainty"))
        },
        coords={"over": list(names)},
        attrs={"problem": problem.to_json(), "method": method, "seed": seed},
    )


def _slopes(landscape: Landscape, name: str, guarded: bool) -> dict[str, tuple[float, float]]:
    """Slope of each error, and its bound."""
    x = landscape.given(name)
    if not x > 0:
        raise ValueError(f"{name} = {x!r} is not allowed: 0 has no logarithm")
    noded = landscape.method == "scalar-conditional" and name in ("step", "spread")
    spacing = _CLOSE if noded else _SPACING
    points = _points(x, spacing, whole=name in WHOLE)
    found = [landscape.errors({name: each}, guarded=guarded) for each in points]
    slopes = {}
    for error in _ERRORS:
        values = [getattr(each, error) for each in found]
        if None not in values:
            slopes[error] = _slope(np.log(points / x), np.array(values))
    return slopes


def _points(x: float, spacing: float, *, whole: bool) -> Array:
    """Nine values about x, of which the fifth is x where there is room below."""
    steps = np.arange(-_SIDE, _SIDE + 1.0)
    if not whole:
        return np.asarray(x * np.exp(spacing * steps))
    apart = max(round(spacing * x), 1)
    return np.asarray(max(x - _SIDE * apart, 1.0) + apart * (steps + _SIDE))


def _slope(logarithms: Array, values: Array) -> tuple[float, float]:
    """Slope at 0 through all points, and its distance from that without the outermost two."""
    if not np.all(np.isfinite(values)):
        return np.nan, np.nan
    fine, coarse = (
        float(interpolate.KroghInterpolator(logarithms[part], values[part]).derivative(0.0))
        for part in (slice(None), slice(1, -1))
    )
    return fine, abs(fine - coarse)
