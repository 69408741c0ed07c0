"""Equations at many nodes, solved with few looks at them."""

import numpy as np
import pytest

import onestep
from onestep import Problem
from onestep.network import TrainedLayer
from onestep.theory import ConditionalFeatures, conditional, stages
from onestep.theory.secants import Secants


@pytest.mark.parametrize("slope", [0.5, 0.99, 0.9999])
def test_a_slow_contraction_takes_few_looks(slope):
    """The plain iteration would take log(1e-12) / log(slope): 276,000 for the last."""
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((80, 80)))[0]
    rates = slope * 0.2 ** np.arange(80)
    target = rng.standard_normal(80)
    looks = []

    def f(x):
        looks.append(x)
        return target + turn @ (rates * np.tanh(turn.T @ x))

    x, residual = Secants().solve(f, np.zeros(80), 1e-12)
    assert residual <= 1e-12 and np.abs(x - f(x)).max() <= 1e-12
    assert len(looks) < 25


def test_what_has_no_answer_ends():
    _, residual = Secants().solve(lambda x: np.full(3, np.nan), np.zeros(3), 1e-12)
    assert not residual <= 1e-12
    _, residual = Secants().solve(lambda x: x + 1.0, np.zeros(3), 1e-12)
    assert residual == pytest.approx(1.0)


def test_conditional_inverts_few_matrices(monkeypatch):
    inverted, original = [], conditional.ridged_inverse

    def counted(S, ridge):
        inverted.append(S)
        return original(S, ridge)

    monkeypatch.setattr(conditional, "ridged_inverse", counted)
    layer = TrainedLayer.train(Problem(n=100, m=100, k=100, alpha=0.0, beta=0.85))
    features = ConditionalFeatures(layer)
    decomposed = []
    spectrum = conditional.Spectrum
    monkeypatch.setattr(
        conditional, "Spectrum", lambda *given: decomposed.append(given) or spectrum(*given)
    )
    for m in (50, 100, 200):
        assert features.errors(m, 1e-2).status == "converged"
    assert len(inverted) <= 3 * 12
    assert len(decomposed) == 1


def test_factors_are_the_columns_themselves():
    rng = np.random.default_rng(1)
    columns = rng.standard_normal((60, 4)) @ rng.standard_normal((4, 50))
    axes, parts = stages._factors(columns)
    assert axes.shape == (60, 4)
    np.testing.assert_allclose(axes @ parts, columns, atol=1e-10)
    axes, parts = stages._factors(np.zeros((6, 5)))
    assert np.all(axes @ parts == 0)


def test_an_unsolved_equation_fails_and_says_so(monkeypatch):
    """Its `left` is NaN: no number of the domain, and no reason to raise."""
    problem = Problem(n=100, m=100, k=100)
    monkeypatch.setattr(
        Secants, "solve", lambda self, f, x, tolerance: (x - 0 * f(x), 1.0), raising=True
    )
    for method in ("conditional", "scalar-conditional"):
        found = onestep.predict(problem, ["network"], method=method)
        assert found.status.item() == "failed" and "only" in found.reason.item()
        assert np.isnan(found.generalization_error.item())
