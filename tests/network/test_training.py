"""Steps of any number and kind: against a loop in plain NumPy, and what one step keeps."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep._support import streams
from onestep.experiment.trial_cell import TrialCell
from onestep.network import Draw, Network, Problem, TrainedLayer, draw

SMALL = {"n": 14, "m": 18, "k": 9, "beta": 0.7}
CLASSES = {"target": "class", "weights": (0.5, 0.2, 0.3)}


def samples(problem: Problem, drawn: Draw) -> list[tuple[np.ndarray, np.ndarray]]:
    """The steps' samples, from the names of their streams."""
    found = [(drawn.step.X, drawn.step.y)]
    for t in range(1, problem.steps):
        name = f"step {t}"
        X, c = drawn.inputs.sample(
            len(found[0][1]), onestep.generator(*drawn.key, f"{name} inputs")
        )
        y = drawn.labels.sample(X, c, onestep.generator(*drawn.key, f"{name} noise"))
        found.append((X, y) if problem.batch == "fresh" else found[0])
    return found


def by_hand(F, w, batches, sizes, direction=lambda G, t: G, decay=0.0):
    """ReLU layers, neuron by neuron, by the chain rule on the loss as it is written."""
    k = len(F)
    w = w.reshape(k, -1)
    for t, ((X, y), size) in enumerate(zip(batches, sizes, strict=True)):
        G = np.zeros_like(F)
        for x, label in zip(X, y.reshape(len(X), -1), strict=True):
            z = F @ x
            error = label - w.T @ np.maximum(z, 0) / math.sqrt(k)
            for i in range(k):
                G[i] += (w[i] @ error) * (z[i] > 0) * x / math.sqrt(k) / len(X)
        F = (1 - size * decay) * F + size * direction(G, t)
    return F


@pytest.mark.parametrize("batch", ["fresh", "reused"])
@pytest.mark.parametrize("fields", [{}, CLASSES, {"second_layer": "signs", "noise": 0.3}])
@pytest.mark.parametrize("step", [None, 2.0, (3.0, 1.0, 0.5)])
def test_three_steps_are_what_a_loop_gives(batch, fields, step):
    problem = Problem(**SMALL, **fields, steps=3, batch=batch, step=step, step_samples=11)
    drawn = draw(problem, 1, 5)
    F = by_hand(drawn.weights.F, drawn.weights.w, samples(problem, drawn), problem.step_sizes)
    layer = TrainedLayer.train(problem, 1, 5)
    assert layer.draws.step.X.shape == (11, 14) and layer.draws.readout.X.shape == (18, 14)
    assert np.allclose(layer.F, F, rtol=1e-11, atol=1e-13)


def adam(mean=0.9, square=0.999):
    state = [0.0, 0.0]

    def direction(G, t):
        state[0] = mean * state[0] + (1 - mean) * G
        state[1] = square * state[1] + (1 - square) * G * G
        unbiased = state[0] / (1 - mean ** (t + 1)), state[1] / (1 - square ** (t + 1))
        moving = unbiased[1] > 0
        ratio = np.where(moving, unbiased[0] / np.sqrt(np.where(moving, unbiased[1], 1)), 0)
        return ratio / (len(G) * math.sqrt(G.shape[1]))

    return direction


KINDS = {
    "normalised": lambda G, t: G / np.linalg.norm(G) / math.sqrt(len(G)),
    "sign": lambda G, t: np.sign(G) / (len(G) * math.sqrt(G.shape[1])),
    "adam": adam(),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_other_kinds_of_steps_are_what_a_loop_gives(kind):
    problem = Problem(**SMALL, steps=2, update=kind, decay=0.1, step=4.0)
    drawn = draw(problem, 0, 0)
    start = drawn.weights.F, drawn.weights.w
    F = by_hand(*start, samples(problem, drawn), [4.0, 4.0], KINDS[kind], decay=0.1)
    assert np.allclose(TrainedLayer.train(problem).F, F, rtol=1e-9, atol=1e-12)


def test_kinds_of_steps_have_one_size_and_adam_begins_with_signs():
    found = {}
    for kind in ("normalised", "sign", "adam"):
        layer = TrainedLayer.train(Problem(**SMALL, update=kind, step=3.0, activation="tanh"))
        found[kind] = layer.F - layer.draws.weights.F
        assert math.isclose(np.linalg.norm(found[kind]), 3.0 / math.sqrt(9), rel_tol=1e-12)
    assert np.allclose(found["adam"], found["sign"])


def test_nothing_to_learn_moves_nothing():
    for kind in ("gradient", "normalised", "sign", "adam"):
        nothing = Problem(**SMALL, activation="1", update=kind, steps=2)
        layer = TrainedLayer.train(nothing)
        assert np.array_equal(layer.F, layer.draws.weights.F)


def test_trainings_see_the_same_draws_and_are_compared_in_pairs():
    base = Problem(**SMALL)
    changes = [
        {"steps": 3},
        {"steps": 2, "batch": "reused"},
        {"step": (2.0,)},
        {"step_samples": 7},
        {"update": "sign"},
        {"decay": 0.05},
        {"second_layer": "signs"},
    ]
    first = draw(base, 0, 3)
    for change in changes:
        other = draw(Problem(**SMALL, **change), 0, 3)
        assert np.array_equal(first.weights.F, other.weights.F)
        assert np.array_equal(first.readout.y, other.readout.y)
    signs = draw(Problem(**SMALL, second_layer="signs"), 0, 3).weights.w
    assert np.array_equal(signs, np.sign(first.weights.w) / 3)


def test_one_step_is_what_it_was_to_the_last_bit():
    """Digests and layers as the version before had them: stores and claims are found by these."""
    problems = {
        Problem(): ("6bdd426e46a3e357", "9281ff87ae099bf3"),
        Problem(n=30, m=40, k=20, **CLASSES): ("0ce568cbaafa8f8f", "488df6a701e22977"),
        Problem(n=30, m=40, k=20, step=3.0, spread=2.0, direction="aligned"): (
            "4735f19f8a20ef20",
            "74dc41aa26eb7cd7",
        ),
        Problem(n=12, m=9, k=5, target="class", loss="hinge", intercept=True): (
            "dc1f852b7de750bd",
            "64cbcc31c32f3c70",
        ),
    }
    for problem, digests in problems.items():
        found = streams.digest(problem.to_dict()), streams.digest(problem.draw_key())
        assert (found[0][:16], found[1][:16]) == digests
    one = TrainedLayer.train(
        Problem(n=30, m=40, k=20, step=3.0, spread=2.0, direction="aligned"), 1, 2
    )
    assert math.isclose(one.F[0, 0], 0.17411547818745107, rel_tol=1e-15)
    assert math.isclose(one.F.sum(), -4.363599948616101, rel_tol=1e-13)


def test_identities_know_the_training():
    cells = [
        TrialCell(Problem(**SMALL, **own), (Network(),), 1, None, seed=0, trial=0)
        for own in ({}, {"steps": 1, "decay": 0}, {"steps": 2}, {"batch": "reused", "steps": 2})
    ]
    identities = [cell.identity for cell in cells]
    assert identities[0] == identities[1] and len(set(identities)) == 3
    assert len({cell.together for cell in cells}) == 3
    several = Problem(**SMALL, steps=2, step=[1, 0.5], second_layer="signs", step_samples=5)
    assert Problem(**json.loads(several.to_json())) == several


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": 0}, "steps = 0"),
        ({"steps": 2.0}, r"steps = 2\.0"),
        ({"batch": "new"}, "batch = 'new'"),
        ({"step_samples": 0}, "step_samples = 0"),
        ({"second_layer": "ones"}, "second_layer = 'ones'"),
        ({"update": "newton"}, "update = 'newton'"),
        ({"decay": -1.0}, "decay = -1.0"),
        ({"decay": 0.5, "step": 4.0}, "decay = 0.5 .* decay times step must be at most 1"),
        ({"step": (1.0, 2.0)}, r"step = \(1\.0, 2\.0\) is not allowed with steps = 1"),
        ({"step": (1.0, -2.0), "steps": 2}, r"step\[1\] = -2\.0"),
        ({"step": "1.0"}, "step = '1.0'"),
    ],
)
def test_a_training_that_makes_no_sense_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Problem(**fields)


def test_weights_that_run_away_are_refused():
    with pytest.raises(ValueError, match=r"step = .* weights run away in step \d"):
        TrainedLayer.train(Problem(**SMALL, activation="cubic", step=1e30, steps=9))


@pytest.mark.parametrize("activation", ["exp(z**2/30)", "cubic"])
def test_features_that_run_away_are_refused_by_name(activation):
    """Python's numbers raise where numpy's become infinite: a formula is asked for neither."""
    for step in (60.0, 1e4, 1e12, 1e25, 1e30):
        problem = Problem(**SMALL, activation=activation, update="normalised", step=step)
        for function in (onestep.simulate, onestep.predict):
            with pytest.raises(ValueError, match=r"\b(activation|ridge|scale|step)\b"):
                function(replace(problem, ridge=1e-9), ["network"], trials=1)
