"""Three verdicts on a data set, and what to do next."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from ... import claims
from ...experiment.feature_moments import predicted_on_data
from ...experiment.moment_bias import moment_bias
from ...inputs import Linear
from .report import MARGIN, Report


def table(report: Report, curves: xr.Dataset, degrees: pd.DataFrame) -> pd.DataFrame:
    """Three verdicts at the report's own width, in per cent of the error, with controls.

    Parameters
    ----------
    report
        On the data.
    curves
        Its curves over widths, among which is the report's own.
    degrees
        From `Report.degrees`; the smallest that is enough is judged.

    Examples
    --------
    >>> from onestep.inputs import read
    >>> digits = read("digits", drop_constant=True)
    >>> report = Report(data=digits, activation="tanh", width=40, samples=200, trials=4)
    >>> curves = report.curves("width", [40])
    >>> found = table(report, curves, report.degrees())
    >>> found.verdict.iloc[0], advice(report, curves, found).splitlines()[0][:30]
    ('equivalent', '- The formula is right about G')
    """
    here = curves.sel(width=[report.width])
    enough = degrees[degrees["scale of each class"].abs() < MARGIN]
    degree = degrees.index[-1] if enough.empty else enough.index[0]
    exact = {name: claims.exact([degrees.loc[degree, name]]) for name in degrees}
    asked = {
        "formula = Gaussians": (
            report.gap(here, "formula", "gaussians"),
            report.control(here, "gaussians"),
            report.samples**-0.5,
        ),
        "Gaussians = data": (
            report.gap(here, "gaussians", "data"),
            report.control(here, "data"),
            MARGIN,
        ),
        f"polynomial of degree {degree} = network": (
            exact["scale of each class"],
            exact["one scale"],
            MARGIN,
        ),
    }
    rows = {}
    for name, (gap, control, margin) in asked.items():
        found, other = (
            claims.verdict(
                float(abs(each.value[0])), float(each.half_width(0.05)[0]), float(margin)
            )
            for each in (gap, control)
        )
        rows[name] = {
            "difference (%)": 100 * gap.value[0],
            "standard error (%)": 100 * gap.standard_error[0],
            "margin (%)": 100 * margin,
            "verdict": found,
            "control (%)": 100 * control.value[0],
            "of the control": other,
        }
    return pd.DataFrame(rows).T


def advice(report: Report, curves: xr.Dataset, verdicts: pd.DataFrame) -> str:
    """What the verdicts of `table` say, and what to do next: a list in Markdown."""
    formula, data, polynomial = verdicts.itertuples(index=False, name=None)
    reason = str(curves.reason.sel(width=report.width).item())
    lines = [_FORMULA[formula[3]]]
    if reason:
        lines.append(f"Without this measurement beside it, it would not answer: {reason}.")
    lines.append(_DATA[data[3]].format(abs=abs(data[0])))
    if data[3] == "different":
        error = curves.class_error.sel(width=report.width).mean("trial")
        apart = abs(error.sel(curve="gaussians") - error.sel(curve="data"))
        part = apart.to_series() * report.mixture.weights
        part /= part.sum()
        if part.max() > 1.5 / part.size:
            lines.append(f"The class {part.idxmax()!r} has {part.max():.0%} of the difference.")
    own, asked = report.network(), (report.samples, report.ridge)
    gaussian = own.predict(*asked, guarded=False).generalization_error
    foretold = gaussian / predicted_on_data(own, *asked) - 1
    lines.append(f"The moments of its features foretell a difference of {round(100 * foretold)} %.")
    labels = report.mixture.labels
    if isinstance(labels, Linear):
        lines.append(
            f"Of the variance of the labels, {1 - labels.noise**2:.0%} is linear in the inputs. To "
            "the formula all else is noise; a network on the data may learn more."
        )
    lines.append(_POLYNOMIAL[polynomial[3]].format(name=verdicts.index[2].split(" = ")[0]))
    if any(each[5] != "different" for each in (formula, data)):
        lines.append(
            "The control is not far enough: the formula of labels that tell nothing has nearly "
            "the same error, so on Gaussians this network learns next to nothing. Take more "
            "samples, another activation, or a larger step."
        )
    bias = moment_bias(own, *asked)
    if abs(bias) > MARGIN / 2:
        lines.append(
            f"There are too few inputs for their moments: noise in these moves the formula by "
            f"{bias:.0%}. Compare with `shrinkage=ledoit-wolf`."
        )
    if report.data.duplicates:
        lines.append(
            f"{report.data.duplicates} inputs occur twice, and a test on them is no test: remove "
            "them."
        )
    return "\n".join(f"- {line}" for line in lines)


_FORMULA = {
    "equivalent": "The formula is right about Gaussians with the moments of these data.",
    "different": (
        "The formula is wrong about Gaussians of these moments: samples are too few for it, or few "
        'coordinates decide. Try `OwnNetwork.predict(method="conditional")`.'
    ),
    "undecided": "Whether the formula is right about Gaussians is open: take more `trials`.",
}
_DATA = {
    "equivalent": (
        "For this network, the data are as good as Gaussian: the formula may be used for them."
    ),
    "different": (
        "For this network, the data are **not** Gaussian: the error on Gaussians of the same means "
        "and covariances is off by {abs:.0f} %. Do not use the formula for them; measure."
    ),
    "undecided": "Whether the data are Gaussian for this network is open: take more `trials`.",
}
_POLYNOMIAL = {
    "equivalent": "The {name} has the network's error.",
    "different": "Not even the {name} has the network's error.",
    "undecided": "Whether the {name} has the network's error is open.",
}
