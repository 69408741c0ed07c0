import numpy as np
import pytest

import onestep
from onestep.studies import bench

tiny = onestep.Problem(n=40, m=30, k=20)


def test_operations_count_every_product_of_a_trial(monkeypatch):
    """The count against the shapes of the products themselves, symmetric ones at half."""
    n, m, k = 40, 30, 20
    step = 2 * k * n * m
    each = 2 * k * n * m + 2 * k * m * n + k * n * k + 2 * (k * m * k)
    assert bench.operations(tiny) == step + 3 * each
    wide = onestep.Problem(n=40, m=30, k=50)
    # Beyond k = m the Gram matrix is that of the samples.
    dual = 2 * 50 * 40 * 30 * 3 + 50 * 40 * 50 + 2 * (50 * 30 * 30)
    assert bench.operations(wide, activations=1) == dual


def test_costs_are_ratios_of_their_own_run():
    cost = bench.trial_cost(tiny, [0.5, 1.0], repeats=2)
    assert list(cost.k.values) == [15, 30]
    assert np.allclose(cost.ratio, cost.seconds / cost.products)
    assert np.isclose(cost.attrs["ratio"], float(cost.seconds.sum() / cost.products.sum()))
    assert float(cost.seconds.min()) > 0


def test_growth_counts_the_trials(monkeypatch):
    monkeypatch.setattr(bench, "matrix_rate", lambda: 1e9)  # is measured anew for every size
    found = bench.growth(tiny, "trials", [1, 4])
    assert found.seconds.dims == ("trials",)
    assert np.isclose(found.products[1], 4 * found.products[0])
    with pytest.raises(ValueError, match="field"):
        bench.growth(tiny, "width", [1, 2])
