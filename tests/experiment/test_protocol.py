"""The twin of `make bench` computes what the engine computes."""

import numpy as np
import pytest

import onestep
import protocol


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("k", [30, 90])
def test_the_plain_protocol_has_the_errors_of_simulate(activation, k):
    problem = onestep.Problem(n=50, m=60, k=k, activation=activation, beta=0.6)
    plain = protocol.trial(problem, degree=2)
    found = onestep.simulate(problem, protocol.MODELS, trials=1, degree=2, test_size=problem.m)
    for model, errors in plain.items():
        ours = found.sel(model=model).isel(trial=0)
        # One Gauss rule is blind to the kink of relu: its polynomial is near, not the same.
        near = 5e-3 if (model, activation) == ("hermite", "relu") else 1e-9
        assert np.isclose(errors[0], ours.training_error, rtol=near)
        assert np.isclose(errors[1], ours.generalization_error, rtol=near)
