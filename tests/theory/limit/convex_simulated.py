"""Errors of readouts by other losses, in the limit and simulated."""

import onestep
from onestep import claims


def assert_simulated(problem: onestep.Problem, method: str, trials: int) -> None:
    """Both errors and the class error within five standard errors and 4 %."""
    simulated = onestep.simulate(problem, ["network"], trials, 1, test_size=9000)
    predicted = onestep.predict(problem, ["network"], method=method)
    assert predicted.status.item() == "converged"
    for name in ("training_error", "generalization_error", "accuracy"):
        measured, right = simulated[name].values[0], predicted[name].item()
        if name == "accuracy":
            measured, right = 1 - measured, 1 - right
        found = claims.sample(measured / right)
        assert abs(found.value - 1) < 5 * found.standard_error + 0.04, name
