"""Products in single precision change nothing that anybody reads."""

from dataclasses import replace

import numpy as np
import pytest

from onestep import Problem, activations, simulate
from onestep.hermite import second_moment
from onestep.network import TrainedLayer

FIELDS = ("training_error", "generalization_error")
NAMES = [name for name in activations.names() if "(" not in name]
FAMILIES = ["leaky_relu(0.1)", "elu(1)", "he(2)", "he(3)"]


def differences(problem: Problem, trials: int) -> np.ndarray:
    """Relative differences of both errors, over (field, model, trial)."""
    double, single = (
        simulate(problem, trials=trials, degree=3, precision=precision)
        for precision in ("double", "single")
    )
    return np.array([np.abs(single[each] / double[each] - 1).values for each in FIELDS])


@pytest.mark.parametrize("name", NAMES + FAMILIES)
@pytest.mark.parametrize("relative", [1e-6, 1e-4, 1e-2])
def test_no_error_moves(name, relative):
    """The worst is a layer as wide as its sample, whose smallest singular values meet the ridge."""
    problem = Problem(n=150, m=150, k=150, alpha=0.5, beta=0.7, activation=name)
    ridge = relative * float(second_moment(name, problem.scale))
    found = differences(replace(problem, ridge=ridge), trials=4)
    assert found.max() < 2e-5
    assert found.mean(axis=-1).max() < 1e-5


def test_it_is_not_double():
    assert differences(Problem(n=60, m=60, k=60, ridge=1e-4), trials=1).max() > 1e-12


@pytest.mark.parametrize(
    "change",
    [
        {"target": "class"},
        {"steps": 2, "batch": "fresh"},
        {"loss": "logistic", "target": "class", "ridge": 1e-2},
        {"update": "adam"},
    ],
)
def test_with_other_trainings_and_losses(change):
    problem = replace(Problem(n=60, m=80, k=50, ridge=1e-3), **change)
    assert differences(problem, trials=2).max() < 2e-5


def test_draws_and_layers_stay_in_double():
    problem = Problem(n=40, m=50, k=30)
    double, single = (
        next(TrainedLayer.train_each([problem], precision=precision))
        for precision in ("double", "single")
    )
    assert single.F.dtype == np.float64
    assert single.draws.readout.X.dtype == np.float32
    np.testing.assert_array_equal(single.draws.readout.y, double.draws.readout.y)
    np.testing.assert_allclose(single.F, double.F, atol=1e-6)


def test_what_single_precision_cannot_see_is_refused():
    with pytest.raises(ValueError, match=r"precision = 'single' is not allowed for the ridge"):
        simulate(Problem(n=40, m=50, k=30, ridge=1e-8), precision="single")
    with pytest.raises(ValueError, match="precision = 'half' is not allowed"):
        simulate(Problem(n=40, m=50, k=30), precision="half")
