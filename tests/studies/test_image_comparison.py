"""Comparisons of images and Gaussians: their formula, their draws, and what they refuse."""

import numpy as np
import pytest
from toy_images import toy

from onestep.studies.images import comparison, image_results
from onestep.theory import predict


def test_the_formula_is_that_of_predict():
    """On the layer that Gaussians trained, trial by trial: `predict` draws it anew."""
    mixture = toy(centring="common")
    problem = comparison.problem(mixture, m=30, k=20, activation="relu", ridge=1e-2)
    found = comparison.compare(problem, mixture, trials=3, curves=["formula"])
    expected = predict(
        problem, trials=3, models=["network"], inputs=mixture.gaussian, guarded=False
    )
    expected = expected.isel(model=0)
    for name in ("training_error", "generalization_error"):
        assert np.allclose(found[name].sel(curve="formula"), expected[name], rtol=1e-10)


def test_trials_share_the_initial_network_and_depend_on_nothing_else():
    mixture = toy()
    problem = comparison.problem(mixture, m=30, k=20, activation="relu")
    on_images, gaussian = comparison.draws(problem, mixture, 2, 0)
    assert np.array_equal(on_images.weights.F, gaussian.weights.F)
    assert not np.allclose(on_images.readout.X, gaussian.readout.X)
    both = comparison.compare(problem, mixture, trials=3)
    assert np.isfinite(both.generalization_error).all()
    few = comparison.compare(problem, mixture, trials=2)
    names = ["training_error", "generalization_error", "accuracy"]
    for name in names:
        assert np.allclose(few[name], both[name].isel(trial=[0, 1]), equal_nan=True, rtol=1e-12)
    alone = comparison.compare(problem, mixture, trials=3, curves=["hermite"])
    assert np.allclose(alone.accuracy, both.accuracy.sel(curve=["hermite"]), rtol=1e-12)


def test_images_that_are_gaussian_cannot_be_told_from_their_gaussian_mixture():
    """Random pixels, nearly Gaussian: mean errors within 4 standard errors in 3 cases, p < 2e-4."""
    mixture = toy(spread=6.0, sizes=(3000, 3000))
    for activation in image_results.ACTIVATIONS:
        problem = comparison.problem(mixture, m=60, k=40, activation=activation, ridge=1e-3)
        found = comparison.compare(problem, mixture, trials=30, curves=["network", "gaussian"])
        gap = np.diff(found.generalization_error, axis=0)[0]
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(30)


def test_a_problem_of_another_spread_is_refused():
    problem = comparison.problem(toy(spread=4.0), m=20, k=10, activation="relu")
    with pytest.raises(ValueError, match="spread"):
        comparison.compare(problem, toy(), trials=1)


@pytest.mark.parametrize(
    "options", [{"alpha": 0.3}, {"noise": 0.5}, {"rigde": 1e-2}, {"rank": 3}], ids=str
)
def test_a_problem_takes_ridge_and_step_and_nothing_else(options):
    given = comparison.problem(toy(), m=10, k=10, activation="relu", ridge=1e-2, step=3.0)
    assert (given.ridge, given.step) == (1e-2, 3.0)
    with pytest.raises(TypeError, match=next(iter(options))):
        comparison.problem(toy(), m=10, k=10, activation="relu", **options)


@pytest.mark.parametrize("options", [{"seed": -1}, {"seed": 1.5}, {"trials": 0}], ids=str)
def test_a_comparison_refuses_bad_arguments(options):
    problem = comparison.problem(toy(), m=20, k=10, activation="relu")
    with pytest.raises(ValueError, match=next(iter(options))):
        comparison.compare(problem, toy(), **options)


def test_a_comparison_tells_the_options_of_its_mixture():
    mixture = toy(centring="common", offsets="consistent", stretch=1.25)
    problem = comparison.problem(mixture, m=20, k=10, activation="relu")
    attrs = comparison.compare(problem, mixture, curves=["network"]).attrs
    assert [attrs[name] for name in ("centring", "offsets", "stretch")] == [
        "common",
        "consistent",
        1.25,
    ]


@pytest.mark.parametrize("method", ["equivalent", "conditional"])
def test_either_formula_is_that_of_predict(method):
    """Behind the layer that Gaussians trained, which `predict` trains anew."""
    mixture = toy(centring="common")
    problem = comparison.problem(mixture, m=30, k=20, activation="relu", ridge=1e-2, step=4.0)
    drawn = comparison.draws(problem, mixture, 0, 0)
    found = comparison.errors(problem, drawn, ["formula"], method=method)["formula"]
    [expected] = (
        predict(
            problem,
            method=method,
            trials=1,
            models=["network"],
            inputs=mixture.gaussian,
            guarded=False,
        )
        .generalization_error.values.ravel()
        .tolist()
    )
    assert found.generalization_error == pytest.approx(expected, rel=1e-10)
