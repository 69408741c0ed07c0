"""What an interrupted run had found is found again: whatever trials give, to the last bit."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import onestep
from onestep import inputs, surrogates, theory
from onestep._support import kept
from onestep._support.cores import side_by_side
from onestep._support.journal import DamagedStore
from onestep.network import Errors
from onestep.studies.choice import ridge_paths
from onestep.studies.errors import other_losses
from onestep.studies.step import leap, many_steps, reused_batch
from onestep.studies.timing import seconds

PROBLEM = onestep.Problem(n=24, m=40, k=20, activation="tanh", ridge=1e-2)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A new run of the same program, as the first one: with its journal, and no call made yet."""

    def begin() -> None:
        if kept._journal is not None:
            kept._journal.__exit__(None, None, None)
        monkeypatch.setattr(kept, "_calls", itertools.count())
        kept.keep(tmp_path / "journal")

    monkeypatch.setattr(kept, "_journal", None)
    return begin


def test_an_interrupted_program_goes_on_where_it_was(run: Callable[[], None]) -> None:
    computed: list[int] = []

    def work(item: int) -> int:
        if item == 13 and len(computed) < 6:
            raise KeyboardInterrupt
        computed.append(item)
        return side_by_side(abs, [-item])[0]

    def program() -> list[list[int]]:
        return [side_by_side(work, items) for items in ([1, 2, 3], [], [11, 12, 13])]

    run()
    with pytest.raises(KeyboardInterrupt):
        program()
    assert sorted(computed) == [1, 2, 3, 11, 12]
    run()
    computed += [0]  # one more, so that it is not interrupted again
    assert program() == [[1, 2, 3], [], [11, 12, 13]]
    assert computed[6:] == [13]


def test_timed_work_is_done_again(run: Callable[[], None]) -> None:
    computed: list[int] = []
    for _ in range(2):
        run()
        seconds(lambda: side_by_side(computed.append, [1]))
        side_by_side(computed.append, [2])
    assert computed == [1, 2, 1]


NUMBERS = st.floats() | st.integers() | st.text() | st.booleans() | st.none()
ARRAYS = arrays.arrays(
    st.sampled_from([np.float64, np.int64, np.complex128, np.bool_]),
    arrays.array_shapes(min_dims=0, min_side=0),
)
VALUES = st.recursive(
    NUMBERS | ARRAYS | st.builds(Errors, *3 * [st.floats()]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.lists(each, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), each, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_what_is_kept_comes_back_to_the_last_bit(value: Any) -> None:
    again = kept.decoded(kept.encoded(value))
    # An array of no dimension is written as such, and not as the number in it.
    assert repr(again) == repr(value) and type(again) is type(value)
    assert kept.encoded(again) == kept.encoded(value)


@pytest.mark.parametrize("value", [object(), {1: 2}, np.array([None]), xr.Dataset(), 1 + 2j])
def test_what_cannot_be_told_is_computed_again(value: Any, run: Callable[[], None]) -> None:
    with pytest.raises(TypeError, match="is not kept"):
        kept.encoded(value)
    run()
    assert side_by_side(lambda item: value, [0])[0] is value


def test_a_kind_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="'pickle' is not allowed"):
        kept.decoded({"pickle": "…"})


def test_a_damaged_journal_is_refused(run: Callable[[], None], tmp_path: Path) -> None:
    run()
    side_by_side(abs, [1, 2, 3])
    text = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(text.replace(b"1", b"7", 1))
    with pytest.raises(DamagedStore, match="line 1"):
        run()


SIZES = {"trials": 2, "seed": 3}
CLASSES = replace(PROBLEM, target="class", alpha=0.0, beta=0.5, loss="logistic")
SPHERE = replace(PROBLEM, k=3, weights=(1.0,), spread=0.0, target="2*tanh(z)", step=4.0)
OWN = onestep.OwnNetwork(
    np.random.default_rng(0).standard_normal((8, 6)) / 6**0.5,
    "tanh",
    inputs.DenseMixture(np.full(2, 0.5), np.array([np.eye(6), np.eye(6)]), np.eye(2, 6)),
)

# Everything in the library whose pieces run side by side, in small.
CALLS: dict[str, Callable[[], Any]] = {
    "simulate": lambda: onestep.simulate(PROBLEM, **SIZES),
    "equivalent": lambda: onestep.predict(PROBLEM, **SIZES),
    "conditional": lambda: onestep.predict(
        replace(PROBLEM, n=60, k=40), method="conditional", **SIZES
    ),
    "another loss": lambda: onestep.predict(CLASSES, ["network"], **SIZES),
    "own network": lambda: OWN.simulate(30, ridge=0.1, source="gaussians", **SIZES),
    "spectrum": lambda: onestep.feature_spectrum(PROBLEM, outliers=2, **SIZES),
    "gaps": lambda: theory.degree_gaps(PROBLEM, [1, 2], **SIZES),
    "step": lambda: surrogates.step_decomposition(PROBLEM, **SIZES),
    "surrogate": lambda: surrogates.conditional_surrogate(PROBLEM, **SIZES),
    "ridges": lambda: ridge_paths.simulated(PROBLEM, [0.01, 0.1], [0.0, 1.0], **SIZES),
    "other losses": lambda: other_losses.in_the_limit(CLASSES, ["logistic"], [30, 60]),
    "two steps": lambda: many_steps.layer_after(PROBLEM, [1, 2], **SIZES),
    "second step": lambda: many_steps.second_update(PROBLEM, [1.0], **SIZES),
    "spectra": lambda: many_steps.spectra_after(PROBLEM, [1, 2], **SIZES),
    "reused": lambda: reused_batch.drift(replace(SPHERE, steps=2, batch="reused"), **SIZES),
    "leap": lambda: leap.cosines(SPHERE, [80, 100], **SIZES),
}


@pytest.mark.parametrize("name", CALLS)
def test_no_trial_of_the_library_is_computed_twice(
    name: str, run: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    first = CALLS[name]()
    run()

    def refuse(value: Any) -> None:
        raise AssertionError(f"{value} was computed again")

    monkeypatch.setattr(kept, "encoded", refuse)
    again = CALLS[name]()
    if isinstance(first, xr.Dataset | xr.DataArray):
        xr.testing.assert_identical(again, first)
    else:
        np.testing.assert_equal(again, first)
