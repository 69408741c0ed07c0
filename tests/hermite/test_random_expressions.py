"""Certified numbers of random expressions against proven enclosures: all within their bounds."""

from __future__ import annotations

import math
import random
from collections import Counter

import ball_referee
import pytest
from random_expressions import expression, law

from onestep import hermite
from onestep.activations import get

ORDERS = (0, 1, 2, 7)
CHUNK = 25


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a chunk of expressions: `--probe 10000` asks for that many."""
    count = metafunc.config.getoption("probe")
    metafunc.parametrize("chunk", range(-(-count // CHUNK)))


def verdict(text: str, order: int, scale: float, mean: float) -> str:
    """Return "right", "refused" or "undecided" by the referee, or what is wrong."""
    try:
        sigma = get(text)
        found = hermite.certified(sigma, order, scale, mean)
        square = float(hermite.second_moment(sigma, scale, mean))
    except ValueError as error:
        assert "activation" in str(error)
        return "refused"
    root, size = math.sqrt(math.factorial(order)), max(1.0, square)
    values = [
        (order, found.coefficients[order] * root, found.bound[order] * root),
        (None, square, 1e-12 * size),
    ]
    for p, value, bound in values:
        ball = ball_referee.mean(sigma, p, scale, mean)
        radius = float(ball.rad())
        if not radius <= 1e-13 * size:
            return "undecided"
        off = abs(float(ball.mid() - value))
        if not off <= bound + radius:
            return f"outside: {text!r} at {scale!r}, {mean!r}, order {p}: {off} > {bound}"
    return "right"


def test_none_lies_outside_its_bound(chunk: int) -> None:
    counts: Counter[str] = Counter()
    for number in range(CHUNK):
        draw = random.Random(f"{chunk}/{number}")
        text = expression(draw)
        counts[verdict(text, draw.choice(ORDERS), *law(draw))] += 1
    assert not [reason for reason in counts if reason.startswith("outside")]
    assert counts["right"] > CHUNK / 3
