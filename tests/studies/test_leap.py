"""Steps drawn from few coordinates have the law of steps whose inputs are all drawn."""

from dataclasses import replace

import numpy as np
import pytest

from onestep.network import Problem, TrainedLayer
from onestep.studies.step import leap

FEW = Problem(k=3, weights=(1.0,), spread=0.0, activation="softplus", target="2*tanh(z)", step=4.0)


def all_drawn(problem: Problem, trial: int) -> float:
    """Squared cosine of the second step's rows, from layers of the library."""
    before, after = (
        TrainedLayer.train(replace(problem, steps=t, step=(4.0,) * t), trial, 5) for t in (1, 2)
    )
    G, xi = after.F - before.F, after.labels.xi
    return float(np.sum((G @ xi) ** 2) / (np.sum(G**2) * (xi @ xi)))


@pytest.mark.parametrize("second_layer", ["gaussian", "signs"])
def test_coordinates_are_enough_for_fresh_steps(second_layer):
    problem = replace(FEW, steps=2, second_layer=second_layer)
    [few] = leap.cosines(problem, [30], trials=300)
    large = replace(problem, n=30, m=30)
    full = np.array([all_drawn(large, trial) for trial in range(300)])
    for power in (1, 2):
        mine, right = few ** (2 * power), full**power
        error = np.hypot(mine.std(), right.std()) / np.sqrt(300)
        assert abs(mine.mean() - right.mean()) < 3 * error


def test_one_batch_is_drawn_with_its_inputs():
    problem = replace(FEW, steps=2, batch="reused")
    [found] = leap.cosines(problem, [30], trials=3, seed=5)
    at = replace(problem, n=30, m=2, step_samples=30)
    assert np.allclose(found**2, [all_drawn(at, trial) for trial in range(3)])
    [mean] = leap.cosines(problem, [30], trials=3, seed=5, rows="mean")
    assert np.all(np.abs(mean) <= found + 1e-12)


def test_a_leap_of_two_needs_the_square_of_the_dimension():
    easy, hard = (
        replace(FEW, target=f"100*{f}", step=0.03, activation="relu", second_layer="signs")
        for f in ("relu(z)", "he(2)")
    )
    ratio = {
        name: np.divide(*(each.mean() for each in leap.cosines(*args)[::-1]))
        for name, args in {
            "easy": (easy, [40, 160], 1, 64),
            "hard": (hard, [40, 160], 1, 256),
            "square": (hard, [40, 160], 2, 32),
        }.items()
    }
    assert 0.85 < ratio["easy"] < 1.15 and 0.85 < ratio["square"] < 1.15
    assert 0.4 < ratio["hard"] < 0.65


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rows": "some"}, "rows = 'some'"),
        ({"trials": 1}, "trials = 1"),
        ({"power": 0}, "power = 0"),
        ({"sizes": [2]}, "sizes = 2"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        leap.cosines(FEW, **{"sizes": [30], **arguments})
