"""Trials side by side: on every core, with one thread each, and the same numbers."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import onestep
from onestep import theory
from onestep._support.cores import cores, side_by_side

PROBLEM = onestep.Problem(n=60, m=70, k=50, activation="tanh", ridge=1e-2)


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def four_threads() -> Iterator[None]:
    """A process whose matrix products may use four threads, whatever the machine."""
    with threadpool_limits(4):
        yield


def watched(item: float) -> tuple[int, set[int], int]:
    """Who ran an item, with how many threads of BLAS, and for how many it would see room."""
    time.sleep(0.02)
    return threading.get_ident(), blas_threads(), cores()


def test_items_run_on_all_cores_with_one_thread_each(four_threads: None) -> None:
    assert cores() == 4
    seen = side_by_side(watched, range(12))
    assert 1 < len({thread for thread, _, _ in seen}) <= 4
    assert all(blas == {1} and inside == 1 for _, blas, inside in seen)
    assert blas_threads() == {4}, "the setting of the process comes back"


def test_calls_within_calls_start_no_more_threads(four_threads: None) -> None:
    def outer(item: int) -> set[int]:
        here = threading.get_ident()
        assert {thread for thread, _, _ in side_by_side(watched, range(3))} == {here}
        return {here}

    assert len(set().union(*side_by_side(outer, range(8)))) <= 4


def test_a_process_that_has_one_core_starts_no_thread() -> None:
    with threadpool_limits(1):
        assert {thread for thread, _, _ in side_by_side(watched, range(3))} == {
            threading.get_ident()
        }


def test_as_many_run_at_a_time_as_memory_holds(four_threads: None) -> None:
    assert len({thread for thread, _, _ in side_by_side(watched, range(4), memory=1e18)}) == 1


def test_callers_side_by_side_leave_the_setting_as_it_was(four_threads: None) -> None:
    callers = [threading.Thread(target=side_by_side, args=(watched, range(n))) for n in (3, 9, 6)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert blas_threads() == {4}


def test_the_first_failure_is_raised_and_the_setting_comes_back(four_threads: None) -> None:
    begun = []

    def fails(item: int) -> None:
        begun.append(item)
        time.sleep(0.01)
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 0"):
        side_by_side(fails, range(100))
    assert len(begun) < 20, "what had not begun is dropped"
    assert blas_threads() == {4}


@pytest.mark.parametrize(
    "of",
    [
        lambda: onestep.simulate(PROBLEM, trials=6, seed=3),
        lambda: onestep.simulate(PROBLEM, trials=6, seed=3, test_size=50),
        lambda: onestep.predict(PROBLEM, trials=4, seed=3),
        lambda: onestep.predict(PROBLEM, ["network"], trials=4, method="conditional"),
        lambda: theory.degree_gaps(PROBLEM, [1, 2], trials=4),
        lambda: onestep.conditional_surrogate(PROBLEM, trials=4),
        lambda: onestep.feature_spectrum(PROBLEM, trials=4),
        lambda: onestep.step_decomposition(PROBLEM, trials=4),
    ],
)
def test_numbers_do_not_depend_on_the_cores(of) -> None:  # type: ignore[no-untyped-def]
    with threadpool_limits(1):
        one = of()
    # Threads change places after every few instructions: a race would not go unseen.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with threadpool_limits(4):
            many = of()
    finally:
        sys.setswitchinterval(interval)
    for name, values in one.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(many[name], values, rtol=1e-9, atol=1e-12)
        else:
            assert many[name].equals(values)


def test_an_activation_that_no_thread_has_seen_is_compiled_once_for_all(four_threads: None) -> None:
    for shift in (0.1234, 0.2345, 0.3456):
        problem = onestep.Problem(
            n=24, m=30, k=20, activation=f"tanh({shift}*z) + relu(z - {shift})"
        )
        many = onestep.simulate(problem, trials=8, threads=8)
        alone = onestep.simulate(problem, trials=8, threads=1)
        np.testing.assert_allclose(many.training_error, alone.training_error, rtol=1e-9)
