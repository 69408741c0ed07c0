"""Extreme, finite numbers in any field of a problem: computed rightly, or refused by name."""

import re
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import onestep
from onestep.inputs import spiked
from onestep.inputs.labels import scaled
from onestep.theory import METHODS

N = 12
SMALL: dict[str, Any] = {"n": N, "m": 14, "k": 8, "ridge": 1e-2, "beta": 0.2}
NAMED = re.compile("|".join(rf"\b{each.name}\b" for each in fields(onestep.Problem)))

SIZES = st.floats(-323, 308.2).map(lambda power: 10.0**power) | st.sampled_from([0.0, 1e30, 5e-324])
SHARES = st.floats(-323, 0).map(lambda power: 10.0**power)
FIELDS = {
    **dict.fromkeys(("noise", "ridge", "spread", "step", "decay"), SIZES),
    **dict.fromkeys(("alpha", "beta", "alignment"), SHARES),
    "direction": SIZES.map(lambda size: (size,) * N),
    "means": SIZES.map(lambda size: ((size,) * N, (-size,) * N)),
    "strengths": SIZES.map(lambda size: ((size,),) * 2),
    "weights": SHARES.map(lambda share: (1 - share, share)),
    "activation": st.sampled_from(["z*0", "0*z + 1", "1e8*z", "relu(z) + 1e10", "abs"]),
    "target": st.sampled_from(["z*0", "0*z + 1", "1e8*z", "relu(z) + 1e10", "abs"]),
}
EXTREME = st.sets(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=2).flatmap(
    lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in sorted(names)})
)


def answers(extreme: dict[str, Any]) -> dict[str, float]:
    """Generalization errors by method, where there are any; a refusal names its field.

    Out of range, too: what is solved there must not break either.
    """
    found = {}
    try:
        problem = onestep.Problem(**SMALL | extreme)
    except ValueError as error:
        assert NAMED.search(str(error)), str(error)
        return found
    for method in ("simulation", *METHODS):
        if method == "scalar-conditional":  # minutes
            continue
        try:
            if method == "simulation":
                given = onestep.simulate(problem, ["network"], trials=1, threads=1)
            else:
                given = onestep.predict(problem, ["network"], method=method, guarded=False)
        except ValueError as error:
            assert not isinstance(error, np.linalg.LinAlgError)
            assert NAMED.search(str(error)), f"{method}: {error}"
            continue
        error = given.generalization_error.item()
        if not np.isnan(error):
            found[method] = error
        else:
            assert given.status.item() != "converged" and given.reason.item()
    return found


def test_an_extreme_problem_is_computed_or_refused(request: pytest.FixtureRequest) -> None:
    @settings(
        max_examples=2 * request.config.getoption("problems"),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(EXTREME)
    def each(extreme: dict[str, Any]) -> None:
        for method, error in answers(extreme).items():
            assert 0 <= error < np.inf, (method, error)

    each()


@pytest.mark.parametrize("name", ["noise", "step", "spread", "ridge"])
def test_a_size_whose_products_overflow_is_refused(name: str) -> None:
    onestep.Problem(**SMALL | {name: 1e30})
    with pytest.raises(ValueError, match=rf"{name} = 1e\+160 .* 1e\+30"):
        onestep.Problem(**SMALL | {name: 1e160})


def test_a_large_mean_is_refused_by_its_place() -> None:
    with pytest.raises(ValueError, match=r"means\[1\]\[0\] = -1e\+40"):
        onestep.Problem(**SMALL, means=((0.0,) * N, (-1e40,) * N))


def test_the_length_of_a_direction_does_not_count() -> None:
    """Draws are keyed by its numbers, and differ: what draws nothing is the same."""
    one, tiny = (answers({"weights": (1.0,), "direction": (size,) * N}) for size in (1.0, 1e-300))
    assert set(tiny) == {"simulation", "equivalent", "conditional", "scalar"}
    assert tiny["scalar"] == pytest.approx(one["scalar"], rel=1e-9)
    mixture = spiked(N, (1.0,), 1, 2.0, 0.0, np.random.default_rng(0))
    xi = [scaled(np.full(N, size), mixture) for size in (1.0, 1e-310)]
    np.testing.assert_allclose(*xi, rtol=1e-9)


@pytest.mark.parametrize("activation", ["z*0", "relu"])
def test_a_readout_of_nothing_has_the_error_of_0(activation: str) -> None:
    """Features that are 0, or a ridge that leaves nothing: the error is E y^2 / 2."""
    shared = {
        "weights": (1.0,),
        "activation": activation,
        "target": "he(1)",
        "noise": 0.5,
        "ridge": 1e29,
    }
    found = answers(shared)
    assert set(found) == {"simulation", "equivalent", "conditional", "scalar"}
    assert found == pytest.approx(dict.fromkeys(found, found["simulation"]), rel=0.2)
    assert found["conditional"] == pytest.approx(found["equivalent"], rel=2e-3)  # its nodes


def test_a_scale_beyond_the_tables_names_the_fields() -> None:
    far = onestep.Problem(**SMALL, activation="tanh", target="tanh", spread=1e30)
    with pytest.raises(ValueError, match=r"spread, .*scale: .*allowed"):
        onestep.predict(far, ["network"], method="scalar")
