"""The data of the explorer page: Chebyshev tables of what the library computes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import chebyshev, hermite_e

from onestep import activations, hermite
from onestep.studies.errors import explorer
from onestep.theory.limit import neuron_types, trained_types

TABLES = {name: explorer.feature_table(activations.get(name)) for name in explorer.ACTIVATIONS}


def test_the_page_has_the_constants_of_the_library() -> None:
    text = (Path(__file__).parents[2] / "book/_web/explorer-limit.js").read_text()
    constants = dict(re.findall(r"^  const ([A-Z_]+) = ([0-9.e-]+);", text, flags=re.MULTILINE))
    read = {name: float(value) for name, value in constants.items()}
    assert read["DEGREE"] == neuron_types.DEGREES[0] == explorer.DEGREE - 2
    assert read["FLAT"] == neuron_types._FLAT
    assert (read["MOST"], read["MOST_WEIGHTS"]) == (
        trained_types._MOST,
        trained_types._MOST_WEIGHTS,
    )
    rules = explorer.data(100, ["relu"])["rules"]
    assert sorted(map(int, rules["types"])) == list(range(2, trained_types._MOST + 1))


@pytest.fixture(scope="module")
def content() -> dict[str, object]:
    return explorer.data(1000)


def test_the_page_stays_small_and_its_data_are_json(content: dict[str, object]) -> None:
    embedded = explorer.Embedded(content)
    assert embedded.bytes < 300_000
    assert json.loads(embedded.text) == content
    html = embedded._repr_mimebundle_()["text/html"]
    assert html.count("<") == 2  # the element's own tags


def test_no_text_can_end_the_script_element() -> None:
    embedded = explorer.Embedded({"start": "</script><b>"})
    assert "<" not in embedded.text
    assert json.loads(embedded.text) == {"start": "</script><b>"}


@given(st.sampled_from(explorer.ACTIVATIONS), st.floats(0.11, 89.0))
def test_coefficients_from_a_table_solve_the_defining_integral(name: str, scale: float) -> None:
    """Twice: by the library, and where a plain Gauss rule is good, by that."""
    activation = activations.get(name)
    table = TABLES[name]
    row = table(np.array([scale]))[0] * np.sqrt(1 + scale**2)
    expected = hermite.coefficients(activation, 12, scale) * hermite.sqrt_factorials(12)
    np.testing.assert_allclose(row[:13], expected, atol=1e-12 * (1 + scale), rtol=0)
    if name in ("tanh", "sigmoid", "gelu", "erf") and scale < 1:
        x, w = hermite_e.hermegauss(120)
        basis = hermite.normalised_polynomials(x, 12)
        direct = (w / w.sum() * activation(scale * x)) @ basis
        np.testing.assert_allclose(row[:13], direct, atol=1e-8)


def test_the_json_holds_the_series_that_were_tested(content: dict[str, object]) -> None:
    functions = content["functions"]
    assert isinstance(functions, dict)
    for name in explorer.ACTIVATIONS:
        stored = functions[name]["features"]
        scale = np.geomspace(0.12, 80, 50)
        x = np.log(scale**2 / (stored["low"] * stored["high"]))
        x = x / np.log(stored["high"] / stored["low"])
        read = np.stack([chebyshev.chebval(x, each) for each in stored["series"]], axis=-1)
        np.testing.assert_allclose(read, TABLES[name](scale), atol=2e-12)


def test_too_few_nodes_are_found_out() -> None:
    for name in ("tanh", "gelu"):
        activation = activations.get(name)
        rng = np.random.default_rng(0)
        assert explorer.table_error(activation, 50, rng, explorer.NODES) < 1e-12
        assert explorer.table_error(activation, 50, rng, 12) > 1e-5


def test_the_table_has_the_mean_square_slope() -> None:
    for name in explorer.ACTIVATIONS:
        scale = np.array([0.7, 0.93, 1.0])
        np.testing.assert_allclose(
            TABLES[name](scale)[:, -1], hermite.mean_square_slope(name, scale), atol=1e-12
        )


@pytest.mark.parametrize(
    ("n", "names", "word"),
    [(3, ["relu"], "n = 3"), (5000, ["relu"], "n = 5000"), (100, ["rleu"], "rleu")],
)
def test_errors_name_what_is_wrong(n: int, names: list[str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        explorer.data(n, names)
