"""Class errors of two losses in the explorer, in Chromium: those of the library, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page
from test_browser import browser  # noqa: F401
from test_explorer_page import NUMBERS, move, page, problem  # noqa: F401

import onestep
from onestep import activations
from onestep.theory.limit import AveragedFeatures, ConditionalLimit, coordinates, with_loss
from onestep.theory.limit.trained_types import trained_types

pytestmark = pytest.mark.browser


def test_class_errors_are_those_of_the_library(page: Page) -> None:  # noqa: F811
    """1e-4 of the class error of both losses and models; the library's neurons as fine as here."""
    for state in (
        {"alpha": 0, "beta": 0.7, "activation": "relu", "lambda": 1e-4, "km": 1, "mn": 1},
        {"alpha": 0.2, "beta": 0.8, "activation": "gelu", "lambda": 1e-2, "km": 0.5, "mn": 2},
        {"alpha": 0, "beta": 0.75, "activation": "abs", "lambda": 1e-4, "km": 2, "mn": 1},
    ):
        state |= {"target": "class", "direction": "aligned", "degree": 2, "axis": "lambda"}
        move(page, **state)
        shown, at = page.evaluate(NUMBERS), problem(state)
        special = coordinates(at)
        neurons = trained_types(special, (1e-9,))
        models = {"network": onestep.Network(), "polynomial": onestep.HermiteModel(degree=2)}
        for name, model in models.items():
            features = model.feature_map(activations.get(at.activation), at.scale, 2)
            fine = ConditionalLimit.of(special, at.k, features, neurons)
            for loss in ("square", "logistic"):
                solver = with_loss(fine, special.labels, loss, law=AveragedFeatures)
                expected = solver.errors(at.m, at.ridge).accuracy
                assert expected is not None
                assert abs(shown[name][loss] - (1 - expected)) < 1e-4, (name, loss, state)


def test_no_class_error_is_shown_where_the_library_has_none(page: Page) -> None:  # noqa: F811
    """Out of the range of `scalar` the cells say so, and other labels have none."""
    state = {"alpha": 0, "activation": "relu", "axis": "lambda", "degree": 2}
    cells = page.locator("td[data-name=logistic]")
    move(page, **state, beta=0.95, target="class")
    assert cells.all_inner_texts() == ["out of range"] * 2
    out = replace(problem(state | {"beta": 0.95, "target": "class", "direction": "aligned",
                                   "km": 1, "mn": 1, "lambda": 1e-4}), loss="logistic")  # fmt: skip
    assert onestep.predict(out, method="scalar").status.values.ravel()[0] == "out of range"
    move(page, **state, beta=0.5, target="tanh")
    assert cells.count() == 0
