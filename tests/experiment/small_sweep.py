"""The small sweep of the tests, and its cells."""

import onestep
from onestep.experiment.trial_cell import TrialCell
from onestep.network import HermiteModel, Network

BASE = onestep.Problem(n=12, m=10, k=8, alpha=0.4, beta=0.5)
OVER = {"beta": [0.3, 0.6], "activation": ["relu", "tanh"]}


def cell(**changes):
    fields = {
        "problem": BASE,
        "models": (Network(), HermiteModel()),
        "degree": 2,
        "test_size": None,
        "seed": 0,
        "trial": 0,
    }
    return TrialCell(**{**fields, **changes})
