"""Bad input is refused by name, wherever it comes in."""

import numpy as np
import pytest

import onestep
from onestep import activations, hermite, theory
from onestep.inputs import Classes, SingleIndex, spiked
from onestep.spectrum import Bulk, SampleSpectrum
from onestep.surrogates import feature_projections

small = {"n": 12, "m": 10, "k": 7}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"means": 5}, "means"),
        ({"step": 10**400}, "step"),
        ({"spread": float("nan")}, "spread"),
        ({"direction": (1e200,) * 12}, "direction"),
        ({"direction": (0.0,) * 12}, "direction"),
    ],
)
def test_a_problem_names_its_field(fields, name):
    with pytest.raises(ValueError, match=name):
        onestep.Problem(**small, **fields)


@pytest.mark.parametrize("value", [2.5, 151, -1, True, "3", None, float("inf"), float("nan")])
def test_a_degree_is_a_whole_number_in_its_range(value):
    with pytest.raises(ValueError, match=r"degree = .* whole number in \[0, 150\]"):
        hermite.coefficients("relu", value)


def test_whole_floats_are_degrees_but_no_sizes():
    one, other = (hermite.coefficients("relu", degree) for degree in (4, np.float32(4.0)))
    assert np.array_equal(one, other)
    with pytest.raises(ValueError, match=r"n = 12\.0 .* whole number >= 2"):
        onestep.Problem(**(small | {"n": 12.0}))
    with pytest.raises(ValueError, match="digits = 10"):
        hermite.referee("relu", 1, 1.0, digits=10)


@pytest.mark.parametrize("ridges", [[], [0.1, 0.1]])
def test_a_curve_needs_different_ridges(ridges):
    with pytest.raises(ValueError, match="ridges"):
        onestep.readout_curves(onestep.Problem(**small), ridges=ridges, samples=[5], guarded=False)


def test_models_and_problems_are_needed():
    from onestep.experiment import simulate_together

    with pytest.raises(ValueError, match="problems"):
        simulate_together([])
    with pytest.raises(ValueError, match="models"):
        onestep.simulate(onestep.Problem(**small), models=[3])


@pytest.mark.parametrize("noise", [-1.0, float("nan"), float("inf")])
def test_label_noise_is_a_size(noise):
    with pytest.raises(ValueError, match="noise"):
        Classes(2, noise)
    with pytest.raises(ValueError, match="noise"):
        SingleIndex(np.ones(3), activations.get("relu"), noise)


@pytest.mark.parametrize("alignment", [2.0, float("nan")])
def test_an_alignment_is_a_cosine(alignment):
    with pytest.raises(ValueError, match="alignment"):
        spiked(10, (1.0,), 1, 1.0, alignment, np.random.default_rng(0))


def test_labels_that_vanish_have_no_gap_and_no_step():
    nothing = onestep.Problem(**small, target="z - z")
    with pytest.raises(ValueError, match="target"):
        theory.degree_gaps(nothing, [1], trials=1)
    with pytest.raises(ValueError, match="target"):
        onestep.step_decomposition(nothing, trials=1)


def test_constant_features_have_no_shape():
    with pytest.raises(ValueError, match="activation"):
        feature_projections(onestep.Problem(**small, activation="1"), draws=100)


def test_no_eigenvalues_have_no_distribution():
    law = SampleSpectrum(Bulk(30, 20, 0.5, 0.5, 0.9), 40)
    with pytest.raises(ValueError, match="eigenvalues"):
        law.kolmogorov_distance([])


@pytest.mark.parametrize("k", [1, 2, 4, 6])
@pytest.mark.parametrize("fields", [{}, {"alpha": 0.0, "beta": 1.0}])
def test_a_few_neurons_are_conditioned_on_fewer_coordinates(k, fields):
    """Both formulas see the same layer: within 3 % where little is left to conditioning."""
    problem = onestep.Problem(n=200, m=200, k=k, **fields)
    one, other = (
        onestep.predict(
            problem, method=method, models=["network"], guarded=False
        ).generalization_error.item()
        for method in ("conditional", "equivalent")
    )
    assert np.isclose(one, other, rtol=0.03)


def test_nodes_that_miss_the_power_of_a_fast_activation_are_refused():
    fields = {"n": 200, "m": 200, "k": 200, "alpha": 0.0, "beta": 1.0}
    fast = onestep.Problem(**fields, rank=4, weights=(1.0,), activation="he(3)")
    with pytest.raises(ValueError, match="activation"):
        onestep.predict(fast, method="conditional", models=["network"], guarded=False)


def test_too_many_coordinates_are_refused_before_memory_is_asked_for():
    with pytest.raises(ValueError, match="rank"):
        onestep.predict(
            onestep.Problem(n=40, m=40, k=40, beta=0.6, rank=3),
            method="scalar-conditional",
            guarded=False,
        )
