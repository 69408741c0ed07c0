import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
import twin
from onestep import activations, hermite, network
from onestep._support import streams
from onestep.experiment import simulate_together
from onestep.network import resolve

small = {"n": 12, "m": 10, "k": 7}


@st.composite
def problems(draw):
    target = draw(st.sampled_from(["relu", "tanh", "class"]))
    return onestep.Problem(
        n=draw(st.integers(6, 9)),
        m=draw(st.integers(3, 8)),
        k=draw(st.integers(1, 8)),
        alpha=draw(st.floats(0, 1)),
        beta=draw(st.floats(0, 1)),
        activation=draw(st.sampled_from(["relu", "tanh", "sigmoid", "identity"])),
        target=target,
        direction=draw(st.sampled_from(["random", "aligned"])),
        rank=draw(st.integers(1, 2)),
        noise=draw(st.sampled_from([0.0, 0.3])),
        ridge=draw(st.sampled_from([1e-3, 1e-1])),
    )


@settings(max_examples=40)
@given(problems(), st.integers(0, 4), st.integers(0, 1000))
def test_engine_agrees_with_the_slow_twin(problem, degree, seed):
    """Network and Hermite model, both errors, to 1e-10 on random small problems."""
    models = [resolve("network"), resolve("hermite")]
    drawn = network.draw(problem, 0, seed, 5)
    layer = network.TrainedLayer.of(problem, drawn)
    outcome = network.readout_errors(layer, models, degree, problem)
    sigma = activations.get(problem.activation)
    F = twin.step(drawn.weights, drawn.step.X, drawn.step.y, sigma, problem.eta)
    h = hermite.coefficients(problem.activation, degree=degree, scale=problem.scale)
    residual = hermite.HermiteExpansion.of(sigma, degree=degree, scale=problem.scale).residual
    zeta = streams.generator(problem.draw_key(), seed, 0, "zeta").standard_normal(
        (problem.k, problem.m)
    )
    for errors, function, noise in (
        (outcome[0], lambda z: twin.scalar(sigma, z), 0.0),
        (outcome[1], twin.polynomial(h, problem.scale), residual),
    ):
        Phi = twin.features(F, drawn.readout.X, function, noise, zeta)
        w, training = twin.readout(Phi, drawn.readout.y, problem.ridge)
        test = twin.generalization(w, F, drawn.test.X, drawn.test.y, function, noise)
        assert np.isclose(errors.training_error, training, rtol=1e-10, atol=1e-12)
        assert np.isclose(errors.generalization_error, test, rtol=1e-9, atol=1e-12)


def test_feature_noise_of_new_inputs_is_averaged_exactly():
    """The closed expectation against 4,000 explicit draws of the noise, 6 standard errors."""
    rng = np.random.default_rng(2)
    k, noise = 6, 0.7
    w, phi, y = rng.standard_normal(k), rng.standard_normal(k), 0.4
    draws = y - w @ ((phi[:, None] + noise * rng.standard_normal((k, 4000))) / np.sqrt(k))
    exact = (y - w @ phi / np.sqrt(k)) ** 2 + noise**2 * (w @ w) / k
    squares = draws**2
    assert abs(squares.mean() - exact) < 6 * squares.std() / np.sqrt(squares.size)


@dataclass(frozen=True)
class ByColumns(onestep.HermiteModel):
    """A model whose features lie in memory by columns."""

    def feature_map(self, activation, scale, degree):
        features = super().feature_map(activation, scale, degree)
        return replace(features, function=lambda Z: np.asfortranarray(features.function(Z)))


def test_feature_noise_does_not_depend_on_the_layout_of_the_features():
    models = ["hermite", ByColumns(name="columns"), onestep.HermiteModel(noise_factor=0, name="no")]
    found = onestep.simulate(onestep.Problem(**small), models, trials=2).training_error
    assert np.allclose(found.sel(model="columns"), found.sel(model="hermite"), rtol=1e-12)
    assert not np.any(np.isclose(found.sel(model="no"), found.sel(model="hermite"), rtol=1e-3))


def test_more_trials_and_models_change_no_number():
    problem = onestep.Problem(**small)
    few = onestep.simulate(problem, models=("hermite",), trials=2, seed=3)
    many = onestep.simulate(problem, trials=4, seed=3)
    for name in ("training_error", "generalization_error"):
        common = many[name].sel(model=["hermite"]).isel(trial=slice(2))
        assert np.array_equal(few[name], common)


def test_seeds_and_trials_draw_anew():
    problem = onestep.Problem(**small)
    runs = [onestep.simulate(problem, trials=3, seed=seed) for seed in (0, 1)]
    values = np.concatenate([run.training_error.sel(model="network") for run in runs])
    assert len(set(values)) == 6


def test_everything_is_redrawn_in_a_trial():
    problem = onestep.Problem(**small)
    one, two = (network.draw(problem, trial, 0, 20) for trial in (0, 1))
    pairs = [
        (one.weights.F, two.weights.F),
        (one.weights.w, two.weights.w),
        (one.step.X, two.step.X),
        (one.readout.X, two.readout.X),
        (one.test.X, two.test.X),
        (one.step.X, one.readout.X),
    ]
    for a, b in pairs:
        assert not np.any(a == b)


def test_a_polynomial_student_is_its_own_hermite_model():
    """The residual of a cubic at degree 3 is 0: both models agree to rounding."""
    problem = onestep.Problem(**small, activation="cubic")
    results = onestep.simulate(problem, trials=2, degree=3)
    difference = onestep.relative_difference(results, "hermite")
    assert float(abs(difference.to_array()).max()) < 1e-8


def test_results_carry_their_whole_problem():
    problem = onestep.Problem(**small, beta=0.6)
    results = onestep.simulate(problem, trials=2, seed=5)
    assert results.training_error.dims == ("model", "trial")
    assert list(results.model.values) == ["network", "hermite"]
    assert onestep.Problem(**json.loads(results.attrs["problem"])) == problem
    assert results.attrs["degree"] == 2
    assert results.attrs["seed"] == 5
    assert results.attrs["test_size"] == "exact"


@pytest.mark.parametrize(("beta", "expected"), [(0.3, 1), (0.74, 3), (0.9, 4), (1.0, 4)])
def test_default_degree_is_the_capped_rule_of_the_paper(beta, expected):
    results = onestep.simulate(onestep.Problem(**small, beta=beta), trials=1)
    assert results.attrs["degree"] == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trials": 0}, "trials"),
        ({"trials": 2.5}, "trials"),
        ({"seed": -1}, "seed"),
        ({"degree": -1}, "degree"),
        ({"test_size": 0}, "test_size"),
        ({"models": ()}, "models"),
        ({"models": ("network", "network")}, "models"),
        ({"models": ("perceptron",)}, "perceptron"),
    ],
)
def test_bad_arguments_are_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        onestep.simulate(onestep.Problem(**small), **options)


@pytest.mark.parametrize("factor", ["scale_factor", "noise_factor", "degree"])
def test_a_model_checks_its_fields(factor):
    with pytest.raises(ValueError, match=factor):
        onestep.HermiteModel(**{factor: -1})


def test_relative_difference_is_paired():
    results = onestep.simulate(onestep.Problem(**small), trials=3)
    difference = onestep.relative_difference(results, "hermite").training_error
    errors = results.training_error
    network = errors.sel(model="network")
    expected = (errors.sel(model="hermite") - network) / network.mean()
    assert np.allclose(difference, expected)
    assert np.allclose(onestep.relative_difference(results, "network").to_array(), 0)
    assert "status" not in onestep.relative_difference(
        onestep.predict(onestep.Problem(**small)), "hermite"
    )
    with pytest.raises(ValueError, match="reference"):
        onestep.relative_difference(results, "hermite", reference="truth")


def test_a_sweep_is_simulate_at_every_point():
    base = onestep.Problem(**small)
    over = {"activation": ["tanh", "relu"], "k": [9, 5], "target": ["relu", "class"]}
    swept = onestep.sweep(base, over, trials=2, seed=4)
    assert swept.training_error.dims == ("activation", "k", "target", "model", "trial")
    assert list(swept.k.values) == [9, 5]
    for activation in over["activation"]:
        for k in over["k"]:
            for target in over["target"]:
                point = {"activation": activation, "k": k, "target": target}
                one = onestep.simulate(replace(base, **point), trials=2, seed=4)
                for name in one:
                    assert np.array_equal(swept[name].sel(point), one[name])


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"widht": [1]}, "widht"),
        ({"k": []}, "k"),
        ({"k": [3, 3]}, "k"),
        ({"k": [3, 0]}, "k = 0"),
    ],
)
def test_a_sweep_refuses_before_it_runs(over, message):
    with pytest.raises(ValueError, match=message):
        onestep.sweep(onestep.Problem(), over)


def test_only_problems_with_equal_draws_are_simulated_together():
    problems = [onestep.Problem(**small), onestep.Problem(**small, noise=0.1)]
    with pytest.raises(ValueError, match="activation, steps and readout"):
        simulate_together(problems)
