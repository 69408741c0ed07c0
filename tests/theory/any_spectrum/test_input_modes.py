"""Modes of an input, and matrices in blocks, against all of them and dense ones."""

from itertools import product
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onestep.theory.any_spectrum.blocks import Blocks
from onestep.theory.any_spectrum.input_modes import (
    hermite_products,
    kept_modes,
    power_products,
    unlearned,
)
from onestep.theory.limit import TooLarge


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(1e-3, 0.3))
def test_kept_are_those_above_the_floor(seed, n, floor):
    rng = np.random.default_rng(seed)
    v2 = rng.dirichlet(np.ones(n), size=3)
    powers = rng.random((3, 5))
    right = set()
    for gamma in product(range(5), repeat=n):
        p = sum(gamma)
        if p > 4:
            continue
        count = factorial(p) / np.prod([factorial(e) for e in gamma])
        if np.mean(powers[:, p] * count * np.prod(v2 ** np.array(gamma), axis=1)) > floor:
            right.add(gamma)
    found = kept_modes(v2, powers, floor)
    assert {tuple(map(int, each)) for each in found} == right
    assert len(found) == len(right)
    assert np.all(np.diff(found.sum(axis=1)) >= 0)


def test_too_many_are_refused():
    v2 = np.full((1, 400), 1 / 400)
    with pytest.raises(TooLarge, match="more than 12000 polynomials"):
        kept_modes(v2, np.array([[0.0, 0.0, 1.0]]), 1e-6)


def test_what_is_left_falls_with_the_width():
    v2 = np.random.default_rng(0).dirichlet(np.arange(1, 41.0) ** -1.2 * 20, size=16)
    powers = np.tile([0.2, 0.5, 0.2, 0.1], (16, 1))
    left = [unlearned(v2, powers, k) for k in (5, 30, 300)]
    assert 1 >= left[0] > left[1] > left[2] > 0


def test_products_are_those_of_single_axes():
    x = np.random.default_rng(0).standard_normal((6, 3))
    exponents = np.array([[0, 0, 0], [1, 2, 0], [3, 0, 1]])
    plain = np.prod(x[None] ** exponents[:, None, :], axis=2)
    np.testing.assert_allclose(power_products(x, exponents, np.ones((3, 6))), plain, rtol=1e-13)
    one = hermite_products(x, exponents)[1]
    np.testing.assert_allclose(one, x[:, 0] * (x[:, 1] ** 2 - 1) / np.sqrt(2), rtol=1e-13)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_blocks_are_the_dense_matrix_without_what_differs_in_parity(seed):
    rng = np.random.default_rng(seed)
    f, g = rng.standard_normal((9, 7)), rng.random(7)
    parity = rng.integers(0, 2, (9, 2))
    alike = np.all(parity[:, None] == parity[None], axis=2)
    blocks = Blocks.of(f, parity)
    dense = np.where(alike, (f * g / 7) @ f.T, 0.0)
    inverse = np.linalg.inv(np.eye(9) + dense)
    K = blocks.kernel(g)
    E = blocks.inverse(K)
    x, q = rng.standard_normal((9, 2)), rng.standard_normal((7, 2))
    np.testing.assert_allclose(blocks.times(K, x), dense @ x, atol=1e-12)
    np.testing.assert_allclose(blocks.times(E, x), inverse @ x, atol=1e-12)
    np.testing.assert_allclose(blocks.products(x), f.T @ x, atol=1e-12)
    np.testing.assert_allclose(blocks.mean(g, q), (f * g / 7) @ q, atol=1e-12)
    np.testing.assert_allclose(blocks.forms(E), np.diag(f.T @ inverse @ f), atol=1e-12)
    change = np.where(alike, (f * g**2 / 7) @ f.T, 0.0)
    np.testing.assert_allclose(
        blocks.response(E, blocks.kernel(g**2)),
        -np.diag(f.T @ inverse @ change @ inverse @ f),
        atol=1e-12,
    )
