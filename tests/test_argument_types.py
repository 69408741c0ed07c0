"""A checked value is used in Python's own type, whichever type the caller has."""

import json

import numpy as np
import pytest
import xarray as xr

import onestep
from onestep import hermite
from onestep._support import check
from onestep.experiment import grid, simulate_together, stores
from onestep.experiment.trial_cell import TrialCell
from onestep.inputs import Classes
from onestep.network import HermiteModel, TrainedLayer, draw
from onestep.spectrum import Bulk

SMALL = {"n": 12, "m": 10, "k": 7}
PROBLEM = onestep.Problem(**SMALL)
WHOLE = [np.int64, np.uint8, np.array, xr.DataArray]


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_numbers_of_any_type_are_the_same_number(kind, tmp_path):
    three, two, one = (kind(each) for each in (3, 2, 1))
    simulated = onestep.simulate(PROBLEM, trials=two, seed=three, degree=two, test_size=three)
    plain = onestep.simulate(PROBLEM, trials=2, seed=3, degree=2, test_size=3)
    assert simulated.identical(plain)
    assert json.dumps(simulated.attrs) == json.dumps(plain.attrs)
    stores.save(simulated, tmp_path / "r.nc")
    options = {"trials": two, "seed": three, "degree": two, "students": two, "processes": one}
    swept = onestep.sweep(PROBLEM, {"rank": [one]}, **options)
    assert swept.identical(
        onestep.sweep(PROBLEM, {"rank": [1]}, trials=2, seed=3, degree=2, students=2)
    )
    assert onestep.Problem(n=kind(12), m=kind(10), k=kind(7)).to_json() == PROBLEM.to_json()
    model = HermiteModel(degree=two, scale_factor=np.float32(1.0))
    assert model == HermiteModel(degree=2) and repr(model) == repr(HermiteModel(degree=2))
    assert np.array_equal(draw(PROBLEM, one, three).weights.F, draw(PROBLEM, 1, 3).weights.F)
    trained = [TrainedLayer.train(PROBLEM, trial, seed).F for trial, seed in ((one, three), (1, 3))]
    assert np.array_equal(*trained)
    assert np.array_equal(hermite.coefficients("relu", three), hermite.coefficients("relu", 3))
    assert Classes(three).outputs == (3,)
    assert Bulk(three, two, 0.5, 0.1, 1.0) == Bulk(3, 2, 0.5, 0.1, 1.0)


def test_seeds_of_a_loop_over_an_array():
    for seed in np.arange(2):
        for function in (onestep.simulate, onestep.predict):
            one, other = (function(PROBLEM, trials=1, seed=each) for each in (seed, int(seed)))
            assert one.equals(other)
    stream, same = (onestep.generator("mine", seed, [np.float64(0.5)]) for seed in (np.int64(1), 1))
    assert stream.standard_normal() == same.standard_normal()
    with pytest.raises(TypeError, match="what JSON knows"):
        onestep.generator({1, 2})


def test_a_cell_has_one_name_for_equal_values():
    [(_, one)] = grid(PROBLEM, {"beta": np.float32([0.5])}, trials=np.int8(1)).cells()
    [(_, other)] = grid(PROBLEM, {"beta": [0.5]}, trials=1).cells()
    assert isinstance(one, TrialCell) and one.identity == other.identity


@pytest.mark.parametrize(
    "betas",
    [
        (0.25, 0.5),
        range(2),
        (each / 4 for each in (1, 2)),
        np.array([0.25, 0.5], dtype=np.float16),
        xr.DataArray([0.25, 0.5], dims="b"),
        {0.25: "a", 0.5: "b"},
        iter([np.float64(0.25), np.array(0.5)]),
        [0, 0.5],
    ],
)
def test_coordinates_are_any_iterable(betas):
    assert onestep.sweep(PROBLEM, {"beta": betas}, trials=1).sizes["beta"] == 2


@pytest.mark.parametrize(
    ("over", "name"),
    [
        ({"beta": 0.5}, "beta = 0.5"),
        ({"beta": np.array(0.5)}, "beta = "),
        ({"beta": xr.DataArray(0.5)}, "beta = "),
        ({"activation": "relu"}, "activation = 'relu'"),
        ({"beta": [True, False]}, r"beta\[0\] = True"),
        ({"beta": ["1e-2", 0.1]}, r"beta\[0\] = '1e-2'.*YAML"),
        ({"beta": [[0.1], [0.2]]}, r"beta\[0\] = "),
        ({"beta": [0.5, np.float32(0.5)]}, "beta = "),
        ({"beta": iter([])}, "beta = "),
        ({"n": [2**64, 20]}, "n = "),
        ({"beta": None}, "beta = None"),
        ([("beta", [0.5])], "over = "),
        (None, "over = None"),
    ],
)
def test_what_is_no_list_of_coordinates_is_refused_by_name(over, name):
    with pytest.raises(ValueError, match=name):
        onestep.sweep(PROBLEM, over, trials=1)


@pytest.mark.parametrize("value", [True, np.True_, 2.0, np.float64(2), "2", None, 2j, [2], -1])
@pytest.mark.parametrize("name", ["trials", "seed"])
def test_what_is_no_whole_number_is_refused_by_name(name, value):
    for function in (onestep.simulate, onestep.predict, lambda p, **o: onestep.sweep(p, {}, **o)):
        with pytest.raises(ValueError, match=f"{name} = "):
            function(PROBLEM, **{name: value})


@pytest.mark.parametrize("models", ["network", 3, None, HermiteModel(), [3], [], ["network"] * 2])
def test_models_are_a_list(models):
    with pytest.raises(ValueError, match="models"):
        onestep.simulate(PROBLEM, models, trials=1)


def test_what_is_no_problem_and_no_mixture_is_refused_by_name():
    for function in (onestep.simulate, onestep.predict, lambda p: onestep.sweep(p, {})):
        with pytest.raises(ValueError, match=r"problem = .* a Problem is needed"):
            function({"n": 12})
    with pytest.raises(ValueError, match="problem = 3"):
        simulate_together([3])
    with pytest.raises(ValueError, match=r"(?s)inputs = .* a mixture is needed"):
        onestep.simulate(PROBLEM, trials=1, inputs=np.eye(3))
    with pytest.raises(ValueError, match="fields = 3"):
        onestep.sweep(PROBLEM, {}, fields=3)


@pytest.mark.parametrize("value", ["1e-2", "0.01", np.str_("1")])
@pytest.mark.parametrize("name", ["ridge", "beta", "noise", "n"])
def test_a_number_that_is_text_is_told_to_be_text(name, value):
    with pytest.raises(ValueError, match=rf"{name} = .* is needed, and this is text \(YAML"):
        onestep.Problem(**{name: value})


def test_bounds_are_told_as_they_are():
    with pytest.raises(ValueError, match="a finite number > 0 is needed"):
        check.positive("ridge", np.inf)
    with pytest.raises(ValueError, match="a finite number >= 0 is needed"):
        check.number("noise", -1.0, 0.0)
    assert type(check.number("noise", np.longdouble(1))) is float
    assert type(check.choice("rule", np.str_("paper"), ["paper"])) is str


@pytest.mark.parametrize("beta", [np.float32(0.8), np.array(0.8), xr.DataArray(0.8), 0.8])
def test_a_decimal_is_taken_at_its_shortest_in_any_type(beta):
    assert onestep.degree(0.5, beta) == 5
    assert onestep.degree(0.0, beta, rule="sharp", direction="aligned") == 5
