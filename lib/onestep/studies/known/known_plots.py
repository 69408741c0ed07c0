"""Figure of some results of others, recovered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from ... import plots
from ...spectrum import Bulk, SampleSpectrum
from ...theory import Spectrum
from . import bulks, first_step, least_squares
from .random_features import parts

_SIZES = {"k": 600, "n": 400}
_SAMPLES = 900
_DIMENSIONS = 400
_ACTIVATIONS = ("relu", "he(2)", "tanh")
_RIDGES = (0.0, 0.1, 1.0)
_RIDGELESS = 1e-8


def recovered(
    curve: pd.DataFrame,
    book: Mapping[str, npt.ArrayLike],
    exponents: Sequence[float],
    spikes: Sequence[int],
) -> Figure:
    """Four of the results: lines are the authors', markers this library.

    ``curve`` is `least_squares.published_curve`; ``book`` has the errors on new data behind its
    samples, ``"right"`` and ``"wrong"`` in their conversion; after steps of these exponents the
    limit has so many spikes.
    """
    figure, axes = plots.subplots(2, 2, height=6.2)
    spectra, risks, mixture, steps = axes.flat
    for name, marker in zip(_ACTIVATIONS, "osv", strict=True):
        law = SampleSpectrum(Bulk.of(name, **_SIZES, scale=1.0), _SAMPLES)
        _, mu1, rest = parts(name)
        phi, psi = _SIZES["n"] / _SAMPLES, _SIZES["n"] / _SIZES["k"]
        x = np.linspace(0.02, 0.995, 120) * law.edge
        line = bulks.nonlinear_density(x, phi, psi, mu1**2 + rest**2, mu1**2)
        (drawn,) = spectra.plot(x, line, label=name)
        spectra.plot(x[5::9], law.density(x[5::9]), marker, color=drawn.get_color(), mfc="none")
    spectra.set(
        title="spectra", xlabel="eigenvalue", ylabel="density", yscale="log", ylim=(0.01, 3)
    )
    moments = Spectrum(least_squares.isotropic(_DIMENSIONS, 1.0, 0.5))
    samples = np.array([100, 160, 240, 320, 360, 440, 480, 600, 800, 1200, 2000])
    grid = np.geomspace(_DIMENSIONS / 2000, 4, 201)
    for ridge, marker in zip(_RIDGES, "osv", strict=True):
        line = np.array([least_squares.risk(gamma, 1.0, 0.5, ridge) for gamma in grid])
        (drawn,) = risks.loglog(grid, line, label=f"ridge {ridge:g}")
        used = max(ridge, _RIDGELESS) / _DIMENSIONS
        found = [2 * moments.errors(int(m), used).generalization_error - 0.25 for m in samples]
        risks.plot(_DIMENSIONS / samples, found, marker, color=drawn.get_color(), mfc="none")
    risks.set(
        title="least squares", xlabel="dimensions over samples", ylabel="risk", ylim=(0.03, 20)
    )
    plots.label_sizes(risks, [0.2, 0.5, 1, 2, 4])
    theirs = 0.5 * ((1 - curve.m) ** 2 + curve.q)
    x = curve.sample_complexity
    mixture.plot(x, theirs, label="published curve")
    mixture.plot(x, book["right"], "o", mfc="none", label="here", color=plots.CYCLE[1], ms=4)
    mixture.plot(x, book["wrong"], "--", label="a sum taken for a mean", color=plots.CYCLE[2])
    mixture.set(
        title="two classes", xlabel="samples over dimensions", ylabel="error", ylim=(0, 0.6)
    )
    fine = np.linspace(min(exponents), max(exponents), 801)
    steps.plot(fine, [first_step.spikes_of_exponent(a) for a in fine], label="their windows")
    steps.plot(exponents, spikes, "o", mfc="none", color=plots.CYCLE[1], label="here")
    steps.set(
        title="spikes of a step", xlabel="exponent of the step", ylabel="spikes", yticks=[1, 2, 3]
    )
    for axis in axes.flat:
        axis.legend(fontsize=8)
    plots.label_panels(axes)
    return figure
