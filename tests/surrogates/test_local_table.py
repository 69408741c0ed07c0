"""The table of local Hermite coefficients agrees with certified values, within its range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onestep import activations, hermite
from onestep.hermite.local import TOLERANCE, LocalHermite

names = ["tanh", "relu", "sigmoid", "gelu", "cubic", "step", "cos", "he(2)", "abs", "identity"]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(names),
    st.floats(0.3, 2.0),
    st.floats(0.0, 0.3),
    st.floats(0.1, 6.0),
    st.integers(0, 10**6),
)
def test_the_table_agrees_with_certified_values(name, centre, width, reach, seed):
    """At random means and the neurons' own scales, not at the points where the table checks."""
    rng = np.random.default_rng(seed)
    scale = centre * (1 + width * rng.uniform(-1, 1, 5))
    mean = rng.uniform(-reach, reach, (5, 8))
    sigma = activations.get(name)
    table = LocalHermite(sigma, scale, -reach, reach)
    found = table(mean)
    h = hermite.coefficients(name, 2, scale[:, None], mean)
    power = hermite.second_moment(name, scale[:, None], mean)
    expected = [h[..., 0], h[..., 1], h[..., 2], power - h[..., 0] ** 2 - h[..., 1] ** 2]
    ends = np.linspace(-reach, reach, 9)
    largest = hermite.second_moment(name, scale.max(), ends).max()
    assert table.error <= TOLERANCE
    for kind, (one, other) in enumerate(
        zip((found.h0, found.h1, found.h2, found.residual), expected, strict=True)
    ):
        size = max(1.0, np.sqrt(largest) if kind < 3 else largest)
        assert np.max(np.abs(one - other)) <= 5 * TOLERANCE * size


def test_the_table_is_for_its_range_only():
    table = LocalHermite(activations.get("tanh"), np.array([0.5, 0.6]), -1.0, 2.0)
    table(np.array([[-1.0], [2.0]]))
    with pytest.raises(ValueError, match="mean has the range"):
        table(np.array([[0.0], [2.001]]))
    for scale, low, high in (([0.0], 0, 1), ([1.0], 1, 0), ([1.0], 0, np.inf), ([1e-5], -50, 50)):
        with pytest.raises(ValueError, match=r"scale|low"):
            LocalHermite(activations.get("tanh"), np.array(scale), low, high)
