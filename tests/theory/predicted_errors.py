"""Errors of `onestep.predict` that the tests against other papers and against limits compare.

Statistical tests have fixed seeds: they either pass or fail for good. The false-alarm rates are
those of a fresh seed, from Student's law of the mean of the draws.
"""

import numpy as np

import onestep

BOTH = ("training_error", "generalization_error")
ALL = ("training_error", "plain_training_error", "generalization_error")


def isotropic(n, m, k, **options):
    """Random features: one standard Gaussian cluster, no step."""
    return onestep.Problem(n=n, m=m, k=k, weights=(1.0,), spread=0, step=0, **options)


def predicted(problem, method, trials=1, seed=0):
    found = onestep.predict(
        problem,
        method=method,
        trials=trials,
        seed=seed,
        models=["network"],
        guarded=False,
    ).sel(model="network")
    assert np.all(found.status != "failed")
    return found


def scalar(problem):
    found = predicted(problem, "scalar").isel(trial=0)
    return {name: float(found[name]) for name in ALL}


RATIOS = [(1.0, 1.0, 0.1), (2.0, 0.5, 1e-2), (0.5, 2.0, 1e-3), (1.5, 1.0, 1.0), (1.0, 1.0, 1e-4)]
