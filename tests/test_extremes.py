"""Whatever is finite has a right answer, is out of range, or is refused by the field at fault."""

from __future__ import annotations

import math
from typing import Any

import pytest

import onestep
from onestep.theory import METHODS

SMALL: dict[str, Any] = {"n": 40, "m": 50, "k": 30, "activation": "tanh", "ridge": 1e-2}
WAYS = ("simulate", *METHODS)

# At 1e30, or where a formula used to raise what is no refusal.
ANSWERED: list[dict[str, Any]] = [
    {"noise": 1e30},
    {"step": 1e30},
    {"noise": 1e20, "step": 1e20},
    {"noise": 1e30, "step": 1e30, "ridge": 1e30},
    {"ridge": 1e30},
    {"spread": 1e30},
    {"spread": 1e20, "step": 0.0},
    {"activation": "z*0"},
    {"means": ((1e-40,) * 40, (-1e-40,) * 40)},
    {"means": ((1e30,) * 40, (-1e30,) * 40)},
    {"activation": "z**20"},
    {"direction": (1e-300,) * 40},
]


def answer(way: str, problem: onestep.Problem) -> tuple[float, str]:
    if way == "simulate":
        found = onestep.simulate(problem, ["network"], trials=1)
        return found.generalization_error.item(), ""
    found = onestep.predict(problem, ["network"], method=way)
    return found.generalization_error.item(), found.status.item()


@pytest.mark.parametrize("fields", ANSWERED, ids=lambda fields: "-".join(fields))
@pytest.mark.parametrize("way", WAYS)
def test_the_largest_and_the_smallest_numbers(way: str, fields: dict[str, Any]) -> None:
    problem = onestep.Problem(**{**SMALL, **fields})
    try:
        error, status = answer(way, problem)
    except ValueError as refusal:
        named = ("spread", "step", "noise", "means", "activation")
        assert str(refusal).startswith(named), refusal
        return
    if status == "out of range":
        assert math.isnan(error)
    else:
        assert status in ("", "converged") and 0 <= error < math.inf


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("noise", 1e31), ("step", 1e31), ("ridge", 1e31), ("spread", 1e31),
        ("means", ((1e31,) * 40, (0.0,) * 40)), ("direction", (1e60,) * 40),
        ("strengths", ((1e31,), (1e31,))),
    ],
)  # fmt: skip
def test_numbers_beyond_are_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{field}.* (is|are) needed"):
        onestep.Problem(**{**SMALL, field: value})


def test_features_that_are_nothing_learn_nothing() -> None:
    """Every way gives half the mean square of the labels, the last to its quadrature."""
    nothing = onestep.Problem(**{**SMALL, "activation": "z*0", "direction": "aligned"})
    for way in WAYS:
        assert answer(way, nothing)[0] == pytest.approx(0.25, rel=1e-3)


def test_a_mean_that_is_nothing_has_no_coordinate() -> None:
    centred = onestep.Problem(**SMALL)
    moved = onestep.Problem(**SMALL, means=((1e-40,) * 40, (-1e-40,) * 40))
    for method in ("scalar", "scalar-conditional"):
        assert answer(method, moved)[0] == pytest.approx(answer(method, centred)[0], rel=1e-12)
