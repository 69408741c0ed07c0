"""Certified numbers of random expressions against proven enclosures: all within their bounds."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from ball_referee import means
from random_expressions import expression, law

from onestep import hermite
from onestep.activations import get

DEGREE = 1
ROOTS = hermite.sqrt_factorials(DEGREE)
CHUNK = 25


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a chunk of expressions: `--probe 10000` asks for that many."""
    count = metafunc.config.getoption("probe")
    metafunc.parametrize("chunk", range(-(-count // CHUNK)))


def verdict(text: str, scale: float, mean: float) -> str:
    """Return "right", "refused" or "undecided" by the referee, or what is wrong."""
    try:
        sigma = get(text)
        found = hermite.certified(sigma, DEGREE, scale, mean)
        square = float(hermite.second_moment(sigma, scale, mean))
    except ValueError as error:
        assert "activation" in str(error)
        return "refused"
    balls = means(sigma, DEGREE, scale, mean)
    size = max(1.0, square)
    values = [*(found.coefficients * ROOTS), square]
    bounds = [*(found.bound * ROOTS), 1e-12 * size]
    radii = np.array([float(ball.rad()) for ball in balls])
    if not np.all(radii <= 1e-13 * size):
        return "undecided"
    off = np.array([abs(float(ball.mid() - x)) for ball, x in zip(balls, values, strict=True)])
    if np.all(off <= np.array(bounds) + radii):
        return "right"
    return f"outside: {text!r} at {scale!r}, {mean!r}: off by {off}, bounds {bounds}"


def test_none_lies_outside_its_bound(chunk: int) -> None:
    counts: Counter[str] = Counter()
    for number in range(CHUNK):
        draw = random.Random(f"{chunk}/{number}")
        text = expression(draw)
        counts[verdict(text, *law(draw))] += 1
    assert not [reason for reason in counts if reason.startswith("outside")]
    assert counts["right"] > CHUNK / 3
