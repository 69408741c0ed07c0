"""Published draws: data by the protocol, on which the published errors come out."""

import numpy as np
import pytest
from scipy import linalg

from onestep.experiment import compute
from onestep.network import Problem
from onestep.studies import archive
from onestep.studies.paper import published_draws, reproduction_tables


def test_the_data_are_what_the_protocol_says_step_by_step():
    """Written out with full covariance roots and nothing of the library."""
    n, m, theta = 8, 6, 3.0
    data = published_draws.data_of(1, Problem(n=n, m=m, spread=theta))
    np.random.seed(1)  # noqa: NPY002
    spikes = [linalg.qr(np.random.randn(n, n))[0][:, [-1]] for _ in range(2)]  # noqa: NPY002
    covariances = [np.eye(n) + theta * g @ g.T for g in spikes]
    xi = np.random.randn(n)  # noqa: NPY002
    xi /= np.linalg.norm(xi) * np.linalg.norm(sum(covariances) / 2, 2) ** 0.5
    for stage, size in (("step", m), ("readout", m), ("test", 5 * m)):
        halves = [np.random.randn(size // 2, n) @ linalg.sqrtm(S) for S in covariances]  # noqa: NPY002
        np.random.randn(size)  # noqa: NPY002
        X = np.concatenate(halves)
        assert np.allclose(data[stage].X, X)
        assert np.allclose(data[stage].y, np.maximum(X @ xi, 0))


@pytest.mark.parametrize(
    "fields",
    [{"m": 5}, {"rank": 2}, {"weights": (0.3, 0.7)}, {"direction": "aligned"}, {"noise": 0.5},
     {"alignment": 0.5}, {"target": "class"}],
    ids=str,
)  # fmt: skip
def test_what_the_notebooks_do_not_draw_is_refused(fields):
    with pytest.raises(ValueError, match="|".join([*fields, "class"])):
        published_draws.data_of(0, Problem(**{"n": 8, "m": 6, **fields}))


def test_on_the_published_draws_networks_have_the_published_errors():
    on_draw, fresh = reproduction_tables.draw_gaps(2), reproduction_tables.draw_gaps(0)
    assert np.all(np.abs(on_draw.value) < 0.01)
    assert np.sum(np.abs(fresh.value) > 0.03) == 8  # all but ReLU in Figure 5c
    assert reproduction_tables.drawn_again().shape == (9, 3)


@pytest.mark.parametrize(("figure", "trial"), [("fig1a", 3), ("fig5c", 8)])
def test_a_stored_cell_can_be_computed_anew(figure, trial):
    at = {"figure": figure, "place": 0, "trial": trial}
    [found] = compute([published_draws.STUDY.cell(at)])
    kept = archive.stored("published-draws").sel(at)
    for name, row in found.items():
        assert np.allclose(row, kept[name], rtol=1e-8)


def test_both_one_draw_figures_are_told_in_standard_deviations():
    table = reproduction_tables.one_event()
    assert sorted(set(table.index.get_level_values("figure"))) == ["fig1a", "fig5c"]
    above = table.loc[("fig5c", "generalization"), "min"]
    assert above["tanh"] > 0.5 and above["sigmoid"] > 1
    assert table["mean"].loc["fig5c"].max() < 2
