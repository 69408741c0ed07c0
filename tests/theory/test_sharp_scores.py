"""Class errors where scores turn along axes that have few nodes."""

from types import SimpleNamespace

import numpy as np
import pytest

from onestep import hermite
from onestep.network import loss_of
from onestep.studies.errors import other_losses
from onestep.theory.convex_readout import ConvexReadout


@pytest.mark.parametrize(("a", "b", "noise"), [(1.0, 0.4, 0.05), (0.3, 1.0, 0.5), (1.0, 0.0, 0.3)])
def test_linear_scores_are_wrong_as_often_as_their_angle_says(a, b, noise):
    z, w = hermite.gauss_on_pieces((0.0,), 30)
    t, v = hermite.gauss(3)
    scores = (a * z[:, None] + b * t).ravel()
    readout = ConvexReadout(
        SimpleNamespace(groups=np.repeat(np.arange(z.size), t.size)),
        np.repeat(np.sign(z), t.size),
        np.outer(w, v).ravel(),
        m=100,
        ridge=1e-2,
        loss=loss_of("logistic"),
        intercept=False,
    )
    wrong = readout._wrong(scores, np.full(scores.size, noise**2))
    angle = np.arccos(a / np.sqrt(a**2 + b**2 + noise**2)) / np.pi
    assert readout.rho @ wrong == pytest.approx(angle, rel=2e-3)


def test_the_limit_has_the_class_errors_of_simulation():
    # 56 trials at n = 1000, in the full profile of *Other losses*: 0.187, 0.179; with three nodes
    # along the noise of the step, to which scores are most sensitive, it was 0.164.
    problem = other_losses.settings(1000, 1e-3, 1.5)["signs, step"]
    found = other_losses.in_the_limit(problem, ["logistic", "hinge"], [problem.m])[:, 0, 2]
    np.testing.assert_allclose(found, [0.187, 0.179], rtol=0.015)
