"""Degree rules, exponents, and the limit in which the label's index is all there is to learn."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
from onestep import activations
from onestep.degrees import ALPHA, BETA, DIRECTIONS, degree, exponent, exponents, gap_exponent
from onestep.hermite import OfActivation
from onestep.network import HermiteModel, TrainedLayer
from onestep.studies import archive
from onestep.studies.degree import boundaries
from onestep.studies.degree.boundaries import BOUNDARIES, measured_gap
from onestep.theory import degree_gaps
from oracles import coupling

unit = st.fractions(0, 1, max_denominator=200)


@settings(max_examples=60, deadline=None)
@given(unit, unit, st.sampled_from(DIRECTIONS))
def test_sharp_degree_is_the_smallest_that_suffices(alpha, beta, direction):
    tau = exponent(alpha, beta, direction)
    assert 0 <= tau <= Fraction(1, 2)
    if tau == 0:
        with pytest.raises(ValueError, match="no finite degree"):
            degree(alpha, beta, "sharp", direction)
        return
    l = degree(alpha, beta, "sharp", direction)
    assert gap_exponent(alpha, beta, l, direction) < 0
    assert l == 1 or gap_exponent(alpha, beta, l - 1, direction) >= 0


@settings(max_examples=40, deadline=None)
@given(unit, st.fractions(0, Fraction(99, 100), max_denominator=200))
def test_the_paper_rule_is_the_edge_of_the_sharp_one_and_never_below_it(alpha, beta):
    paper = degree(alpha, beta)
    assert degree(0, beta, "sharp", "aligned") == paper
    assert degree(alpha, beta, "sharp", "aligned") <= paper
    assert degree(1, beta, "sharp", "random") == degree(1, beta, "sharp", "aligned")


@pytest.mark.parametrize(
    ("alpha", "beta", "direction", "expected"),
    [
        (0.5, 0.75, "aligned", 2),  # step: beta = 3/4 is the far side of l = 1
        (0.5, Fraction(5, 6), "aligned", 3),
        (0.25, Fraction(2, 3), "aligned", 2),  # spread: beta (1 - alpha) = 1/2
        (0.3, 0.9, "random", 1),
        (1.0, 0.9, "random", 5),
        (0.0, 0.49, "class", 1),
        (0.0, 0.5, "class", 2),
        (0.0, 0.7, "class", 2),
        (0.0, 0.75, "class", 4),
    ],
)
def test_boundaries_are_exact_and_belong_to_the_far_side(alpha, beta, direction, expected):
    assert degree(alpha, beta, "sharp", direction) == expected


@pytest.mark.parametrize(
    "arguments",
    [(0.3, 1, "aligned"), (1, 1, "aligned"), (0, 1, "random"), (1, 1, "random"), (0, 1, "class")],
)
def test_where_no_finite_degree_suffices(arguments):
    alpha, beta, direction = arguments
    with pytest.raises(ValueError, match="no finite degree"):
        degree(alpha, beta, "sharp", direction)


@pytest.mark.parametrize(
    ("alpha", "beta", "separation", "clusters", "expected"),
    [
        (0, 0, Fraction(1, 2), 3, 2),  # spread: chi = 1/2 is the far side of l = 1
        (0, 0, 0.49, 3, 1),
        (0, 0, Fraction(2, 3), 9, 3),
        (0, 0, 0.9, 2, 1),  # two centres: a linear function tells them apart
        (1, Fraction(11, 20), Fraction(1, 5), 3, 2),  # step: 1 - alpha beta - chi = 1/4
        (0.5, 0.54, 0.2, 3, 1),
        (0.5, 0.9, 0.45, 9, 5),  # tau = 1/10
    ],
)
def test_shifted_clusters(alpha, beta, separation, clusters, expected):
    arguments = {"separation": separation, "clusters": clusters}
    assert degree(alpha, beta, "sharp", "shifted", **arguments) == expected


def test_shifted_clusters_refuse():
    for beta, separation, message in (
        (0.8, 0.2, "tau is 0"),
        (0.9, 0.2, "tau is -1/10"),
        (0.5, 0, "separation"),
    ):
        with pytest.raises(ValueError, match=message):
            degree(1, beta, "sharp", "shifted", separation=separation)
    with pytest.raises(ValueError, match="separation"):
        degree(0.5, 0.5, "sharp", "aligned", separation=0.2)
    with pytest.raises(ValueError, match="clusters"):
        degree(0.5, 0.5, "sharp", "shifted", separation=0.2, clusters=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 2.0}, "alpha"),
        ({"beta": -0.1}, "beta"),
        ({"rule": "best"}, "rule"),
        ({"direction": "up"}, "direction"),
    ],
)
def test_degree_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        degree(**({"alpha": 0.5, "beta": 0.5, "rule": "sharp", "direction": "random"} | change))


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.floats(0.1, 0.9), st.sampled_from(["aligned", "random"]))
def test_exponents_are_those_of_the_constants(alpha, beta, direction):
    """The symbolic exponents against the local slope of the explicit constants at huge n."""
    low, high = 10**11, 10**12
    sizes = [
        coupling(onestep.Problem(n=n, m=n, k=n, alpha=alpha, beta=beta, direction=direction))
        for n in (low, high)
    ]
    symbolic = exponents(direction)
    point = {ALPHA: alpha, BETA: beta}
    # Corrections are of order 1/theta and theta/n, and largest where either is near 1.
    slack = 0.01 + 2 * low ** -min(beta * (1 - alpha), 1 - beta * (1 - alpha))
    for name in ("spread", "step"):
        size = [getattr(each, "signal" if name == "step" else name) for each in sizes]
        slope = math.log(size[1] / size[0]) / math.log(high / low)
        assert abs(slope + float(getattr(symbolic, name).subs(point))) < slack


def test_constants_are_those_of_a_trained_layer():
    """A neuron's coupling to the index, F^_i Sigma_c xi, against its predicted second moment.

    One draw at n = k = 800: the mean of 800 squares has a relative standard error of 5 %; five of
    them are allowed, and the step's fluctuation (m = 4 n) on top.
    """
    for alpha, beta in ((0.0, 0.6), (0.5, 0.9), (1.0, 0.9)):
        problem = onestep.Problem(
            n=800, m=3200, k=800, alpha=alpha, beta=beta, direction="aligned", activation="tanh",
            target="2*z",
        )  # fmt: skip
        layer = TrainedLayer.train(problem)
        drawn, F = layer.draws, layer.F
        along = F @ drawn.inputs.covariance_times(0, drawn.labels.direction(drawn.inputs, 0))
        seen = coupling(problem)
        assert np.isclose(np.mean(along**2), seen.spread**2 + seen.signal**2, rtol=0.3)


def test_points_inside_the_map_lie_between_the_two_rules():
    """Low points that the paper's rule would put on the far side, and the sharp one does not."""
    inner = [b for b in BOUNDARIES if b.segment.startswith("inner")]
    assert len(inner) == 4
    for b in inner:
        assert degree(b.alpha, b.low, "sharp", "aligned") == b.degree < degree(b.alpha, b.low)
        assert b.exponent("low") < 0 < gap_exponent(0, b.low, b.degree, "aligned")
        assert b.exponent("high") > 0
        tau = exponents("aligned")
        at = {ALPHA: b.alpha, BETA: b.high}
        by_spread = tau.spread.subs(at) < tau.step.subs(at)
        assert by_spread == (b.segment == "inner spread")


def test_gaps_are_differences_of_predictions():
    problem = onestep.Problem(n=60, m=70, k=50, direction="aligned", ridge=1e-2)
    gaps = degree_gaps(problem, [1, 2], trials=2, seed=3)
    models = ["network", *(HermiteModel(degree=l, name=str(l)) for l in (1, 2))]
    errors = onestep.predict(problem, models=models, trials=2, seed=3, guarded=False)
    difference = errors.generalization_error - errors.generalization_error.sel(model="network")
    # The index has variance 1 within each cluster, up to rounding, so E y^2 = 1/2 for ReLU.
    assert np.allclose(gaps.gap.values, 4 * difference.values[1:], rtol=1e-8)
    assert np.allclose(gaps.network.values, 4 * errors.generalization_error.values[0], rtol=1e-8)
    training = 4 * errors.training_error
    assert np.allclose(gaps.network_training.values, training.values[0], rtol=1e-8)
    assert np.allclose(gaps.training_gap, training.values[1:] - training.values[0], rtol=1e-8)
    for wrong in ([], [1, 1]):
        with pytest.raises(ValueError, match="degrees"):
            degree_gaps(problem, wrong)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_degree_of_d_spikes_has_as_many_directions_as_monomials(rank):
    """Eigenvalues of M above its largest gap: binom(d + 1, 2) for degree 2 alone.

    ``z^2 - b^2`` has the mean ``t^2`` over the bulk. Its one cluster has theta near n, so that a
    neuron sees the spikes as large as the bulk.
    """
    problem = onestep.Problem(
        n=300, m=300, k=300, alpha=0.0, beta=0.95, weights=(1.0,), rank=rank, step=0.0
    )
    layer = TrainedLayer.train(problem, 0, 4)
    function = OfActivation(activations.get(f"z**2 - {problem.scale**2:.12f}"))
    ev = np.linalg.eigvalsh(layer.moments(function).M)[::-1]
    assert np.argmax(ev[:20] / ev[1:21]) == math.comb(rank + 1, 2) - 1


@pytest.mark.parametrize(("index", "side"), [(1, "low"), (4, "high"), (11, "low"), (17, "low")])
def test_the_stored_ladder_can_be_recomputed(index, side):
    boundary = BOUNDARIES[index]
    at = {"boundary": boundary.name, "side": side, "n": 400, "model": "hermite"}
    stored = archive.stored("degree-ladder").gap.sel(at)[:2]
    assert np.allclose(
        stored, [measured_gap(boundary, side, 400, trial, 1) for trial in (0, 1)], rtol=1e-6
    )


def test_ladder_exponent_finds_a_power_and_its_error():
    """Exact powers give the slope; the stated error matches the scatter of 300 synthetic ladders.

    The ratio of the mean stated to the observed standard deviation has a standard error of 4 %.
    """
    sizes = [100, 200, 400]
    exact = boundaries.ladder_exponent(sizes, [np.array([0.999, 1.001]) * n**-0.7 for n in sizes])
    assert np.isclose(exact.value, -0.7)
    assert exact.standard_error < 1e-2
    rng = np.random.default_rng(5)
    fits = [
        boundaries.ladder_exponent(
            sizes,
            [
                n**-0.7 * rng.gamma(20.0, 0.05, size=t)
                for n, t in zip(sizes, (8, 12, 10), strict=True)
            ],
        )
        for _ in range(300)
    ]
    observed = np.std([fit.value for fit in fits])
    assert np.isclose(np.mean([fit.standard_error for fit in fits]), observed, rtol=0.2)
    for gaps in ([[1.0, 1.0], [1.0]], [[1.0, -3.0], [1.0, 1.0]]):
        with pytest.raises(ValueError, match="needed"):
            boundaries.ladder_exponent([1, 2], gaps)
