"""Projections of features: skewness, kurtosis and their errors, normal where they must be."""

import numpy as np
import pytest
from small_layer import layer_of, small

import onestep
from onestep.surrogates import feature_projections, projections


@pytest.mark.parametrize("shape", [2.0, 8.0])
def test_skewness_kurtosis_and_their_errors(shape):
    """Gamma variables: skewness 2/sqrt(a), kurtosis 6/a; errors against the scatter of 400 samples.

    The standard deviation of 400 values is known to 3.5 %; the kurtosis of a skew law has heavier
    tails, so 25 % is allowed. Mean values lie within 5 standard errors and the bias, O(1/N).
    """
    rng = np.random.default_rng(7)
    found = projections._shape(rng.gamma(shape, size=(400, 5000)))
    for name, truth in (("skewness", 2 / np.sqrt(shape)), ("excess_kurtosis", 6 / shape)):
        values, error = found[name], found[f"{name}_error"]
        scatter = values.std(ddof=1)
        assert abs(values.mean() - truth) <= 5 * scatter / 20 + 30 * truth / 5000
        assert 0.75 <= np.sqrt(np.mean(error**2)) / scatter <= 1.25


def test_projections_of_a_line_are_normal_given_the_coordinates():
    """Of a linear student every projection of the bulk is Gaussian: 5 standard errors."""
    problem = onestep.Problem(**small, activation="identity", target="relu", ridge=1e-2)
    found = feature_projections(problem, inputs=3, draws=20_000)
    for name in ("skewness", "excess_kurtosis"):
        assert np.all(np.abs(found[name]) <= 5 * found[f"{name}_error"])
    # The variance is that of the bulk alone, and does not depend on the coordinates.
    _, layer = layer_of(problem)
    spread = found.projection.sel(direction="neuron").std("draw") * np.sqrt(problem.k)
    assert np.allclose(spread, layer.scale[0], rtol=0.03)
    assert found.sizes == {"direction": 2, "input": 3, "draw": 20_000}


def test_a_single_neuron_and_free_inputs_are_not_normal():
    problem = onestep.Problem(**small, activation="he(2)", target="abs", ridge=1e-2)
    fixed = feature_projections(problem, inputs=1, draws=5000).sel(direction="neuron")
    free = feature_projections(problem, redraw="input", inputs=2, draws=5000)
    assert np.all(fixed.excess_kurtosis > 5 * fixed.excess_kurtosis_error)
    assert not np.any(free.projection.isel(input=0) == free.projection.isel(input=1))
