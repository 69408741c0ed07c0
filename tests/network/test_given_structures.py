"""Direction, spread, step and strengths of a problem can be given, and act as they say."""

from dataclasses import replace

import numpy as np
import pytest
from small_network import small

import onestep
from onestep.inputs import published
from onestep.network import (
    TrainedLayer,
    draw,
)


def test_a_direction_can_be_given():
    xi = np.zeros(12)
    xi[3] = 7.0
    problem = onestep.Problem(**small, direction=tuple(xi))
    drawn = draw(problem, 0, 0)
    assert np.isclose(drawn.labels.xi @ drawn.labels.xi, 1 / drawn.inputs.spread_norm)
    assert np.count_nonzero(drawn.labels.xi) == 1
    assert onestep.Problem(**small, direction=list(xi)) == problem


def test_spread_and_step_can_be_given():
    problem = onestep.Problem(**small, spread=0.0, step=0.0)
    assert (problem.theta, problem.eta, problem.scale) == (0.0, 0.0, 1.0)
    drawn = draw(problem, 0, 0)
    assert np.array_equal(TrainedLayer.of(problem, drawn).F, drawn.weights.F)


def test_strengths_are_relative_to_the_spread():
    problem = onestep.Problem(**small, rank=2, strengths=((0.5, 1.5), (2.0, 0.0)), spread=3.0)
    drawn = draw(problem, 0, 0)
    assert np.allclose(drawn.inputs.strengths, [[1.5, 4.5], [6.0, 0.0]])
    assert np.isclose(drawn.inputs.trace, problem.trace)


def test_published_spikes_overlap_as_gaussians_do():
    """The overlap scatters about `a` like (1 - a^2)^{1/2} n^{-1/2}; 400 draws, 6 errors."""
    n, a, draws = 50, 0.6, 400
    rng = np.random.default_rng(11)
    inputs = [published(n, (0.5, 0.5), 1, 2.0, a, rng) for _ in range(draws)]
    overlap = np.array([each.directions[0, :, 0] @ each.directions[1, :, 0] for each in inputs])
    expected = np.sqrt((1 - a**2) / n)
    assert abs(overlap.mean() - a) < 6 * expected / np.sqrt(draws)
    assert abs(overlap.std() / expected - 1) < 6 / np.sqrt(2 * draws)
    # The second covariance in full: I + 2 gamma gamma^T with a gamma that is no unit vector.
    one = inputs[0]
    X, cluster = one.sample(40_000, np.random.default_rng(1))
    gamma = one.directions[1, :, 0]
    along = X[cluster == 1] @ gamma / np.linalg.norm(gamma)
    variance = 1 + 2 * gamma @ gamma
    assert abs(along.var() / variance - 1) < 6 * np.sqrt(2 / along.size)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("direction", (1.0, 2.0)),
        ("direction", (0.0,) * 1000),
        ("construction", "sloppy"),
        ("strengths", ((1.0,), (2.0,))),
        ("strengths", ((-1.0,), (-1.0,))),
        ("strengths", ((1.0, 1.0), (1.0, 1.0))),
        ("spread", -1.0),
        ("step", float("nan")),
    ],
)
def test_bad_structures_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=rf"^{field}\b"):
        onestep.Problem(**{field: value})


def test_new_fields_key_the_draws_only_where_they_are_used():
    plain = onestep.Problem()
    assert not {"construction", "strengths", "spread", "step"} & set(plain.draw_key())
    for change in ({"construction": "published"}, {"spread": 1.0}, {"step": 2.0}):
        assert replace(plain, **change).draw_key() != plain.draw_key()
