"""`simulate` and `predict` take their arguments in one order."""

import inspect

import onestep


def test_measured_and_predicted_errors_are_asked_for_in_one_order():
    """What both know comes first, in the same places; the rest is given by name."""
    simulate, predict = (
        inspect.signature(each).parameters for each in (onestep.simulate, onestep.predict)
    )
    positional = [
        [name for name, each in found.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
        for found in (simulate, predict)
    ]
    assert positional[0] == positional[1] == ["problem", "models", "trials", "seed", "degree"]
    for name in simulate.keys() & predict.keys() - {"trials"}:  # 20 simulated, 1 predicted
        assert simulate[name].default == predict[name].default
