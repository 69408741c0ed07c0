"""A report on a data set: errors on it, on Gaussians of its moments, and by formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ..._support import check
from ...experiment.own_network import OwnNetwork
from ...hermite import OfActivation
from ...inputs import Data, EmpiricalMixture
from ...network import HermiteModel, Moments
from ...theory import Spectrum

CURVES = ("data", "gaussians", "formula")
"""The network on the data, on Gaussians of their moments, and the formula for these."""

MARGIN = 0.1
"""How far, relatively, the error on Gaussians may be from that on the data."""

DEGREES = (1, 2, 3, 4)
"""Degrees that are tried."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is asked of a data set, and the answers.

    Attributes
    ----------
    data
        What `onestep.inputs.read` has read.
    activation, width, samples, step, ridge
        The network: one gradient step of size eta on as many samples as the readout has.
    shrinkage
        Of the covariances (`onestep.inputs.SHRINKAGES`).
    trials, seed
        Readouts at every point, >= 2, each on a sample of its own; and the root seed.

    Examples
    --------
    >>> from onestep.inputs import read
    >>> digits = read("digits", drop_constant=True)
    >>> report = Report(data=digits, activation="tanh", width=40, samples=200, trials=3)
    >>> curves = report.curves("width", [20, 40])
    >>> curves.generalization_error.dims
    ('width', 'curve', 'trial')
    >>> bool((abs(report.gap(curves, "formula", "gaussians").value) < 0.1).all())
    True
    """

    data: Data
    activation: str
    width: int
    samples: int
    step: float = 1.0
    ridge: float = 1e-2
    shrinkage: str = "none"
    trials: int = 8
    seed: int = 0
    _networks: dict[int, OwnNetwork] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        check.integer("trials", self.trials, 2)
        if 3 * self.samples > len(self.data.y):
            raise ValueError(
                f"samples = {self.samples} is not allowed: step, readout and test need three times "
                f"as many inputs, and there are {len(self.data.y)}"
            )

    @cached_property
    def mixture(self) -> EmpiricalMixture:
        """The classes, standardised."""
        return EmpiricalMixture.of(self.data, self.shrinkage).standardised()

    def network(self, width: int | None = None) -> OwnNetwork:
        """The trained network of a width; None takes that of the report."""
        k = self.width if width is None else width
        if k not in self._networks:
            self._networks[k] = OwnNetwork.train(
                self.mixture,
                self.activation,
                width=k,
                samples=self.samples,
                step=self.step,
                seed=self.seed,
            )
        return self._networks[k]

    def curves(self, over: str, values: Sequence[int]) -> xr.Dataset:
        """Errors at several widths, or numbers of samples of the readout.

        Parameters
        ----------
        over
            ``"width"`` or ``"samples"``.
        values
            All different, >= 1.

        Returns
        -------
        xarray.Dataset
            ``generalization_error``, dimensions (over, curve, trial); ``class_error``, (over,
            curve, trial, class), NaN for the formula; ``uninformed``, what the formula says of
            labels that tell nothing, and ``reason``, why the formula may not hold, (over).
        """
        check.choice("over", over, ("width", "samples"))
        shape = (len(values), len(CURVES), self.trials)
        errors, classes = np.empty(shape), np.full((*shape, len(self.mixture.clusters)), np.nan)
        uninformed, reasons = [], []
        for i, value in enumerate(values):
            own = self.network(value if over == "width" else None)
            m = value if over == "samples" else self.samples
            for j, source in enumerate(CURVES[:2]):
                found = own.simulate(
                    m, self.ridge, trials=self.trials, seed=self.seed, source=source
                )
                errors[i, j], classes[i, j] = found.generalization_error, found.class_error
            formula = own.predict(m, self.ridge, guarded=False)
            errors[i, 2] = formula.generalization_error
            uninformed.append(_uninformed(own, m, self.ridge))
            reasons.append(formula.reason)
        return xr.Dataset(
            {
                "generalization_error": ((over, "curve", "trial"), errors),
                "class_error": ((over, "curve", "trial", "class"), classes),
                "uninformed": (over, uninformed),
                "reason": (over, reasons),
            },
            {over: list(values), "curve": list(CURVES), "class": list(self.mixture.clusters)},
        )

    def gap(self, curves: xr.Dataset, one: str, other: str) -> claims.Estimate:
        """Relative difference of two curves' generalization errors, at every point."""
        error = curves.generalization_error
        base = error.sel(curve=other, drop=True)
        return claims.sample((error.sel(curve=one, drop=True) - base) / base.mean("trial"))

    def control(self, curves: xr.Dataset, other: str) -> claims.Estimate:
        """The same for the formula of labels that tell nothing: what a gap must not be."""
        base = curves.generalization_error.sel(curve=other, drop=True)
        return claims.sample((curves.uninformed - base) / base.mean("trial"))

    def degrees(self) -> pd.DataFrame:
        """`degrees` of the report's own network."""
        return degrees(self.network(), self.samples, self.ridge)

    def classes(self, curves: xr.Dataset) -> pd.DataFrame:
        """What is seen of each class, and the errors of its inputs at the report's own width.

        All inputs are one, if labels are numbers. Beside sizes and traces: the axes that stand out,
        the share of the largest, the kurtosis along it (3 for Gaussians), and the share of the
        identity in the best shrunk covariance.
        """
        mixture = self.mixture
        errors = curves.class_error.sel(width=self.width).mean("trial")
        largest, kurtosis = [], []
        for c in range(len(mixture.clusters)):
            values, axes = np.linalg.eigh(mixture.gaussian.covariances[c])
            along = (mixture.X[mixture.cluster == c] - mixture.means[c]) @ axes[:, -1]
            largest.append(values[-1] / values.sum())
            kurtosis.append(np.mean(along**4) / np.mean(along**2) ** 2)
        return pd.DataFrame(
            {
                "inputs": mixture.counts,
                "trace / n": mixture.traces / mixture.n,
                "axes": [len(mixture.axes(c)) for c in range(len(mixture.clusters))],
                "largest axis": largest,
                "its kurtosis": kurtosis,
                "noise of covariance": mixture.intensities,
                "error on data": errors.sel(curve="data"),
                "on Gaussians": errors.sel(curve="gaussians"),
            },
            index=pd.Index(mixture.clusters, name="class"),
        )


def degrees(own: OwnNetwork, samples: int, ridge: float) -> pd.DataFrame:
    """How far the error of polynomial models is from the network's, relatively, by formula.

    With a scale of its own for each neuron in each class, and with one for all; of every degree in
    `DEGREES`.

    Examples
    --------
    >>> from onestep.studies.own_data import examples
    >>> inputs = examples.power_law(40, 1.0, np.random.default_rng(0), (0.4, 1.6))
    >>> own, one = degrees(examples.network(inputs, "relu", seed=0), 100, 1e-2).loc[1].abs()
    >>> bool(own < 0.05 < 0.1 < one)
    True
    """
    network = own.predict(samples, ridge, guarded=False).generalization_error
    rows = {
        degree: {
            "scale of each class": own.polynomial(samples, ridge, degree),
            "one scale": own.predict(samples, ridge, model=HermiteModel(degree), guarded=False),
        }
        for degree in DEGREES
    }
    errors = pd.DataFrame(rows).T.rename_axis("degree").map(lambda each: each.generalization_error)
    return errors / network - 1


def _uninformed(own: OwnNetwork, samples: int, ridge: float) -> float:
    """The formula for the same features and labels that are independent of them."""
    layer, f = own.layer, OfActivation(own.layer.activation)
    laws = list(enumerate(layer.laws()))
    means = [law.weight * f.coefficients(0, law.scale, law.mean)[:, 0] for _, law in laws]
    mean = sum(law.weight * layer.labels.coefficients(layer.inputs, c, 0)[0] for c, law in laws)
    q = np.multiply.outer(sum(means) / np.sqrt(layer.k), mean)
    moments = Moments(own.moments.M, q, own.moments.y2, 0.0)
    return Spectrum(moments).errors(samples, ridge).generalization_error
