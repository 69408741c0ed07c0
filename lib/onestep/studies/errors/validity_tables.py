"""What the map of random problems says: rates by method, and how far answers are off."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from ... import claims, plots
from ...theory import METHODS
from .validity import ANSWERS, CONDITIONS

__all__ = [
    "FRESH", "figure", "judged", "mean_square", "rate", "rates", "share",
]  # fmt: skip

FRESH = 400
"""First of the problems that were drawn after the domains were fixed."""

_TOLERANCE = 0.05
_ERRORS = 3.0
_QUANTILE = 1.7  # of Student's t at the trials of a problem: 5 % on each side


def judged(results: xr.Dataset) -> pd.DataFrame:
    """One row for each problem and method of `validity.STUDY`.

    ``status`` is what `onestep.predict` says, or else the answer, ``reason`` why it is out of
    range; ``off`` is the larger difference of both errors, ``excess`` what it has beyond three
    standard errors, ``square`` the mean square of both, less what noise adds to it, and at most
    1; ``verdict`` is of two one-sided tests on the larger.
    """
    found = results.to_dataframe(dim_order=["number", "method"]).reset_index()
    off = found[["training_error", "generalization_error"]].abs().to_numpy()
    error = found[["training_se", "generalization_se"]].to_numpy()
    answer = np.array(ANSWERS)[found.answer.astype(int)]
    conditions = found[list(CONDITIONS)]
    reason = [
        METHODS[method].domain.exceeded(row) if told == "errors" else ""
        for method, told, row in zip(
            found.method, answer, conditions.to_dict("records"), strict=True
        )
    ]
    status = np.where(answer == "errors", "converged", answer)
    inside, outside = ((off + sign * _QUANTILE * error).max(axis=1) for sign in (1, -1))
    verdict = np.where(outside > _TOLERANCE, "different", "undecided")
    return (
        found[["number", "method"]]
        .astype({"number": int})
        .assign(
            status=np.where(np.array(reason) != "", "out of range", status),
            reason=reason,
            off=off.max(axis=1),
            excess=(off - _ERRORS * error).max(axis=1),
            square=np.minimum((off**2 - error**2).sum(axis=1) / 2, 1.0),
            verdict=np.where(inside < _TOLERANCE, "equivalent", verdict),
            **conditions,
        )
    )


def rates(found: pd.DataFrame) -> pd.DataFrame:
    """By method: how many problems have which status, and the share within the tolerance."""
    table: dict[str, Mapping[str, float | int]] = {}
    for method, rows in found.groupby("method", sort=False):
        counts = {name: int((rows.status == name).sum()) for name in ("converged", "out of range")}
        none = len(rows) - sum(counts.values())
        table[str(method)] = {
            **counts,
            "refused": none,
            "within, converged": rate(rows[rows.status == "converged"]),
            "within, out of range": rate(rows[rows.status == "out of range"]),
        }
    return pd.DataFrame.from_dict(table, orient="index")


def rate(rows: pd.DataFrame) -> float:
    """Share of rows within 5 % and three standard errors of simulation; NaN without rows.

    Examples
    --------
    >>> rate(pd.DataFrame({"excess": [-0.01, 0.2]}))
    0.5
    """
    return float((rows.excess <= _TOLERANCE).mean()) if len(rows) else float("nan")


def share(rows: pd.DataFrame) -> claims.Estimate:
    """`rate` with its standard error, by leaving out one problem after the other.

    Methods on one problem are not independent.
    """
    by_problem = (rows.excess <= _TOLERANCE).groupby(rows.number).agg(["sum", "size"])
    return claims.ratio(by_problem["sum"], by_problem["size"])


def mean_square(rows: pd.DataFrame) -> claims.Estimate:
    """Mean of ``square``, with the standard error of `share`."""
    by_problem = rows.square.groupby(rows.number).agg(["sum", "size"])
    return claims.ratio(by_problem["sum"], by_problem["size"])


def figure(found: pd.DataFrame) -> Figure:
    """Distance from simulation against unevenness, by method; hollow where out of range."""
    chart, axes = plots.subplots(1, len(METHODS), width=9.0, height=2.8, sharey=True)
    for axis, method in zip(axes, METHODS, strict=True):
        rows = found[(found.method == method) & found.excess.notna()]
        for status, face in (("converged", plots.CYCLE[0]), ("out of range", "none")):
            part = rows[rows.status == status]
            axis.scatter(
                part.unevenness,
                100 * np.maximum(part.excess, 1e-3),
                s=14,
                facecolors=face,
                edgecolors=plots.CYCLE[0],
                label=status,
            )
        axis.axhline(100 * _TOLERANCE, color=plots.INK, lw=1, ls=":")
        axis.set(xscale="log", yscale="log", xlabel="unevenness")
        axis.set_title(method, fontsize=9)
    axes[0].set_ylabel("beyond 3 standard errors, %", fontsize=8)
    axes[0].legend(fontsize=7)
    return chart
