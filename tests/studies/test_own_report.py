"""The report on a data set says what is the matter with data of which it is known."""

import re

import numpy as np
import pandas as pd
import pytest

from onestep import claims
from onestep.inputs import Data
from onestep.studies.own_data import examples, report, verdicts


def made(data, **options):
    given = {"activation": "relu", "width": 60, "samples": 100, "trials": 20, **options}
    return report.Report(data=data, **given)


def judged(found):
    curves = found.curves("width", [found.width])
    table = verdicts.table(found, curves, found.degrees())
    return table, verdicts.advice(found, curves, table), found.classes(curves)


def test_gaussian_data_pass_with_a_control_that_fails():
    rng = np.random.default_rng(0)
    law = examples.power_law(30, 1.0, rng, (0.5, 1.5))
    table, advice, classes = judged(made(examples.gaussian(law, 6000, rng)))
    assert table.verdict.tolist() == ["equivalent"] * 3
    assert table["of the control"].tolist()[:2] == ["different"] * 2
    assert "as good as Gaussian" in advice and "too few inputs" not in advice
    assert np.allclose(classes["trace / n"], [0.5, 1.5], atol=0.05)
    assert np.allclose(classes["its kurtosis"], 3, atol=0.3)


def test_pairs_of_clusters_are_not_gaussian_and_the_formula_is_right_about_gaussians():
    table, advice, classes = judged(made(examples.clustered(30, 4000, np.random.default_rng(1))))
    assert table.verdict.tolist()[:2] == ["equivalent", "different"]
    assert table["difference (%)"].iloc[1] > 20
    assert "**not** Gaussian" in advice
    assert np.all(classes["its kurtosis"] < 1.5)
    told = float(re.search(r"foretell a difference of (-?\d+) %", advice)[1])
    assert told == pytest.approx(table["difference (%)"].iloc[1], abs=8)


def test_labels_that_tell_nothing_leave_the_control_without_power():
    rng = np.random.default_rng(2)
    data = Data.of(rng.standard_normal((3000, 20)), rng.integers(0, 2, 3000))
    table, advice, _ = judged(made(data))
    assert table["of the control"].iloc[0] == "equivalent"
    assert "learns next to nothing" in advice


def test_few_and_doubled_inputs_are_told():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((180, 60)) * (1 + np.arange(60) % 3)
    few = Data.of(np.vstack([X, X]), np.tile(np.arange(180) % 2, 2))
    _, advice, classes = judged(made(few, trials=4))
    assert "too few inputs for their moments" in advice and "ledoit-wolf" in advice
    assert "180 inputs occur twice" in advice
    assert classes["noise of covariance"].max() > 0.1


def test_inputs_without_a_direction_are_not_too_few():
    """Of N(0, I), the best covariance is nearly the identity, however many inputs there are."""
    rng = np.random.default_rng(6)
    X = rng.standard_normal((6000, 30))
    _, advice, classes = judged(made(Data.of(X, X[:, 0] > 0), trials=4))
    assert classes["noise of covariance"].max() > 0.3
    assert "too few" not in advice


def test_numbers_that_are_linear_pass_and_curved_ones_do_not():
    rng = np.random.default_rng(7)
    line, curve = (made(examples.numbered(30, 6000, rng, each)) for each in (0.0, 1.0))
    table, advice, classes = judged(line)
    assert table.verdict.tolist()[:2] == ["equivalent"] * 2
    assert table["of the control"].tolist()[:2] == ["different"] * 2
    assert "92% is linear" in advice and classes.index.tolist() == ["all"]
    table, advice, _ = judged(curve)
    assert table.verdict.tolist()[:2] == ["equivalent", "different"]
    assert table["difference (%)"].iloc[1] > 20
    assert "**not** Gaussian" in advice and "on Gaussians this network learns next" in advice


def test_a_class_that_makes_the_gap_is_named():
    """Three classes, of which one is a pair of clusters."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 3, 4000)
    X = rng.standard_normal((4000, 20))
    X[:, 0] += np.where(y == 0, 8 * rng.choice([-1.0, 1.0], 4000), 0)
    X[:, 1] += np.where(y == 1, 2.0, 0)
    X[:, 2] += np.where(y == 2, 2.0, 0)
    table, advice, _ = judged(made(Data.of(X, y), width=100, samples=200))
    assert table.verdict.iloc[1] == "different"
    assert "The class '0' has" in advice


def test_curves_know_their_gaps_and_what_the_formula_says_of_nothing():
    """Without information the best readout is the labels' mean: of two equal classes, error 1/2."""
    rng = np.random.default_rng(5)
    found = made(examples.gaussian(examples.power_law(20, 1.0, rng), 3000, rng), trials=3)
    curves = found.curves("samples", [50, 100])
    error = curves.generalization_error
    assert np.allclose(
        found.gap(curves, "data", "formula").value,
        error.sel(curve="data").mean("trial") / error.sel(curve="formula").mean("trial") - 1,
    )
    assert np.all(curves.uninformed > 0.5) and np.all(curves.uninformed < 0.7)
    assert np.isnan(curves.class_error.sel(curve="formula")).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 1100}, "samples = 1100 is not allowed"),
        ({"trials": 1}, "trials = 1"),
        ({"shrinkage": "oas"}, "shrinkage = 'oas'"),
        ({"activation": "rleu"}, "rleu"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        made(examples.clustered(9, 3000, np.random.default_rng(0)), **options).network()


def test_verdicts_take_the_smallest_degree_that_is_enough():
    found = made(examples.clustered(9, 3000, np.random.default_rng(0)), trials=3)
    curves = found.curves("width", [60])
    gaps = pd.DataFrame({"scale of each class": [0.5, 0.01, 0.0], "one scale": 0.3}, [1, 2, 3])
    table = verdicts.table(found, curves, gaps)
    assert table.index[2] == "polynomial of degree 2 = network"
    assert table.verdict.iloc[2] == "equivalent" and table["of the control"].iloc[2] == "different"
    none = verdicts.table(found, curves, gaps + 1)
    assert none.verdict.iloc[2] == "different"
    assert "Not even the polynomial of degree 3" in verdicts.advice(found, curves, none)


def test_power_laws_have_their_eigenvalues_and_their_formula():
    law = examples.power_law(40, 1.5, np.random.default_rng(0), (1.0, 2.0))
    expected = np.arange(1, 41.0) ** -1.5
    for c, trace in enumerate((40, 80)):
        found = np.linalg.eigvalsh(law.covariances[c])[::-1]
        assert np.allclose(found, expected * trace / expected.sum())
    gap = claims.sample(examples.off(law, "relu", trials=30, seed=0))
    assert abs(gap.value) < 0.05
