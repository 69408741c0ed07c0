"""Measured quantities with their sampling errors."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


@dataclass(frozen=True)
class Estimate:
    """A measured quantity with its sampling error; there is a value, and all numbers are finite.

    Attributes
    ----------
    value, standard_error
        Arrays of one shape; the standard error is 0 where there is no sampling.
    degrees_of_freedom
        Of Student's t for the intervals, one number or one for each value, positive; infinite
        without sampling error.

    Examples
    --------
    >>> import numpy as np
    >>> Estimate(np.array(0.5), np.array(-0.1), 3)
    Traceback (most recent call last):
        ...
    ValueError: standard_error = array(-0.1) must not be negative
    """

    value: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    degrees_of_freedom: float | NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.value.size == 0:
            raise ValueError("value is empty: a claim needs at least one measurement")
        for name in ("value", "standard_error"):
            if not np.all(np.isfinite(getattr(self, name))):
                raise ValueError(
                    f"{name} = {getattr(self, name)!r} must be finite; where a formula gives NaN, "
                    "its `status` and `reason` say why"
                )
        if np.any(self.standard_error < 0):
            raise ValueError(f"standard_error = {self.standard_error!r} must not be negative")
        if not np.all(np.asarray(self.degrees_of_freedom) > 0):
            raise ValueError(f"degrees_of_freedom = {self.degrees_of_freedom!r} must be positive")

    def half_width(self, level: float) -> NDArray[np.float64]:
        """Half-width of the two-sided interval of coverage ``1 - 2 * level``.

        >>> print(round(float(estimate(0.0, 1.0, 10).half_width(0.05)), 4))
        1.8125
        """
        t = np.asarray(special.stdtrit(self.degrees_of_freedom, 1 - level))
        return t * self.standard_error


def exact(value: ArrayLike) -> Estimate:
    """Measurement without sampling error (a deterministic computation): a number or an array.

    Examples
    --------
    >>> print(exact(0.5).standard_error)
    0.0
    """
    array = np.asarray(value, dtype=float)
    return Estimate(array, np.zeros_like(array), np.inf)


def sample(draws: ArrayLike, axis: int = -1) -> Estimate:
    """Mean and standard error of independent draws along `axis`, two at least.

    Examples
    --------
    >>> mean = sample([0.9, 1.0, 1.1])
    >>> print(mean.value.round(3), mean.standard_error.round(3), mean.degrees_of_freedom)
    1.0 0.058 2
    """
    array = np.asarray(draws, dtype=float)
    if array.ndim == 0 or array.shape[axis] < 2:
        raise ValueError(f"draws has shape {array.shape}; axis {axis} must hold at least 2 draws")
    count = array.shape[axis]
    error = array.std(axis=axis, ddof=1) / np.sqrt(count)
    return Estimate(array.mean(axis=axis), error, count - 1)


def controlled(draws: ArrayLike, *variates: ArrayLike) -> Estimate:
    """Mean of independent draws, freed of what variates of known mean 0 make of them, linearly.

    The intercept of a regression on the control variates, with its standard error: a chance excess
    that the variates show is taken out instead of being waited for. Each costs a degree of freedom,
    of which one must be left; one that is constant changes nothing. Draws are independent along the
    last axis, and the shapes of the variates broadcast to theirs.

    Source: S. Asmussen and P. W. Glynn, Stochastic Simulation (2007), section V.2.

    Examples
    --------
    >>> chance = np.array([0.3, -0.1, 0.2, -0.3])
    >>> found = controlled(5.0 + 2.0 * chance, chance)
    >>> print(found.value.round(12), found.standard_error.round(12), found.degrees_of_freedom)
    5.0 0.0 2
    """
    array = np.asarray(draws, dtype=float)
    count = array.shape[-1] if array.ndim else 0
    free = count - 1 - len(variates)
    if free < 1:
        raise ValueError(
            f"draws has shape {array.shape}; its last axis must hold at least "
            f"{len(variates) + 2} draws"
        )
    columns = np.stack([np.broadcast_to(z, array.shape) for z in (1.0, *variates)], axis=-1)
    inverse = np.linalg.pinv(columns, rcond=1e-10)
    fit = inverse @ array[..., None]
    variance = np.sum((array - (columns @ fit)[..., 0]) ** 2, axis=-1) / free
    error = np.sqrt(variance * np.sum(inverse[..., 0, :] ** 2, axis=-1))
    return Estimate(fit[..., 0, 0], error, free)


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Estimate:
    """Ratio of the means of paired draws along the last axis, with the jackknife's standard error.

    The scatter of the denominator counts, and what is common to both cancels; a mean of ratios is
    biased where the denominator scatters. For a constant denominator it is `sample`. Two pairs are
    needed, and no mean of 0 in the denominator, with or without any one draw.

    Source: R. G. Miller, Biometrika 61 (1974), 1-15.

    Examples
    --------
    >>> same = ratio([1.0, 2.0, 4.0], [2.0, 4.0, 8.0])
    >>> print(same.value, same.standard_error)
    0.5 0.0
    """
    above, below = np.broadcast_arrays(
        np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    )
    if above.ndim == 0 or above.shape[-1] < 2:
        raise ValueError(f"numerator has shape {above.shape}; its last axis must hold 2 draws")
    count = above.shape[-1]
    total, parts = below.sum(axis=-1), below.sum(axis=-1, keepdims=True) - below
    if np.any(total == 0) or np.any(parts == 0):
        raise ValueError("denominator must not have a mean of 0, with or without any one draw")
    without = (above.sum(axis=-1, keepdims=True) - above) / parts
    error = np.sqrt((count - 1) * without.var(axis=-1))
    return Estimate(above.sum(axis=-1) / total, error, count - 1)


def estimate(
    value: ArrayLike, standard_error: ArrayLike, degrees_of_freedom: ArrayLike
) -> Estimate:
    """`Estimate` whose standard error comes from elsewhere; arrays broadcast to one shape.

    Examples
    --------
    >>> print(estimate([1.0, 2.0], 0.1, 7).standard_error)
    [0.1 0.1]
    """
    values, errors, freedom = np.broadcast_arrays(
        np.asarray(value, dtype=float),
        np.asarray(standard_error, dtype=float),
        np.asarray(degrees_of_freedom, dtype=float),
    )
    return Estimate(values, errors, freedom)


def gathered(each: Iterable[Estimate]) -> Estimate:
    """Several estimates as one: their entries in a row, each with its degrees of freedom.

    Examples
    --------
    >>> print(gathered([estimate([1.0, 1.5], 0.1, 7), estimate(2.0, 0.2, 9)]).degrees_of_freedom)
    [7. 7. 9.]
    """
    parts = [
        np.reshape(
            np.broadcast_arrays(one.value, one.standard_error, one.degrees_of_freedom), (3, -1)
        )
        for one in each
    ]
    return estimate(*np.concatenate(parts, axis=1))


def exponent(sizes: ArrayLike, values: ArrayLike) -> Estimate:
    """Exponent e of ``values ~ sizes^e`` by least squares on a double logarithmic scale.

    From L >= 2 different positive sizes and positive draws, shape (L, T): the slope and its
    standard error from the scatter about the line, of L T - 2 >= 1 degrees of freedom.

    Examples
    --------
    >>> print(exponent([1, 10, 100], [[2.0], [20.0], [200.0]]).value.round(6))
    1.0
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(values, dtype=float)
    if x.ndim != 1 or y.ndim != 2 or y.shape[0] != x.size or y.size < 3 or np.ptp(x) == 0:
        raise ValueError(
            f"sizes and values have shapes {x.shape} and {y.shape}; (L,), (L, T) needed"
        )
    if not (np.all(x > 0) and np.all(y > 0)):
        raise ValueError("sizes and values must be positive to be fitted by a power")
    # Not scipy.stats.linregress, whose package takes a second to import.
    (slope, _), covariance = np.polyfit(
        np.repeat(np.log(x), y.shape[1]), np.log(y).ravel(), 1, cov=True
    )
    return estimate(slope, math.sqrt(covariance[0, 0]), y.size - 2)
